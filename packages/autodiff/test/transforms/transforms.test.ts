import { describe, expect, it } from "vitest";
import {
  add,
  array,
  compile,
  dot,
  exp,
  eye,
  grad,
  hessian,
  hvp,
  jacobian,
  jvp,
  matmul,
  mul,
  type NdArray,
  sin,
  square,
  stopGradient,
  sum,
  toNested,
  valueAndGrad,
  valueGradAndHvp,
  vjp,
  zeros,
} from "../../src/index.ts";

const A = array([
  [2, 1, 0],
  [1, 3, -1],
]);

describe("jacobian [eq:jacobian]", () => {
  it.each(["forward", "reverse"] as const)("of a linear map is its matrix, by %s mode", (mode) => {
    expect(toNested(jacobian((x) => matmul(A, x), { mode })(array([1, 2, 3])))).toEqual(toNested(A));
  });

  it.each(["forward", "reverse"] as const)(
    "has the axes of the output, then those of the input, by %s mode",
    (mode) => {
      const outer = (x: NdArray): NdArray => mul(array([[1], [2]]), x); // y_ij = (i + 1) x_j
      const j = jacobian(outer, { mode })(array([5, 6, 7]));
      expect(j.shape).toEqual([2, 3, 3]);
      expect(toNested(j)).toEqual(
        [1, 2].map((scale) => [0, 1, 2].map((row) => [0, 1, 2].map((k) => (k === row ? scale : 0)))),
      );
    },
  );

  it.each(["forward", "reverse"] as const)("of or at an empty array is empty, by %s mode", (mode) => {
    expect(jacobian((x) => mul(2, x), { mode })(array([])).shape).toEqual([0, 0]);
    expect(jacobian((x) => sum(x), { mode })(array([])).shape).toEqual([0]);
  });

  it.each(["forward", "reverse"] as const)(
    "has empty blocks for empty arrays of a tree, by %s mode",
    (mode) => {
      const f = ({ none, some }: { none: NdArray; some: NdArray }): { none: NdArray; some: NdArray } => ({
        none: mul(none, sum(some)),
        some: add(mul(2, some), sum(none)),
      });
      for (const dtype of ["float64", "float32"] as const) {
        const at = { none: zeros([2, 0], dtype), some: array([1, 2, 3], undefined, dtype) };
        for (const blocks of [jacobian(f, { mode })(at), compile(jacobian(f, { mode }))(at)]) {
          expect([blocks.none.none.shape, blocks.none.some.shape]).toEqual([
            [2, 0, 2, 0],
            [2, 0, 3],
          ]);
          expect([blocks.some.none.shape, blocks.some.none.dtype]).toEqual([[3, 2, 0], dtype]);
          expect(toNested(blocks.some.some)).toEqual(toNested(mul(2, eye(3))));
        }
      }
    },
  );

  it("passes further arguments on", () => {
    expect(toNested(jacobian((x: NdArray, scale: number) => mul(scale, x))(array([1, 2]), 3))).toEqual([
      [3, 0],
      [0, 3],
    ]);
  });
});

describe("hessian [eq:hessian]", () => {
  it("of a quadratic form xᵀ B x is B + Bᵀ", () => {
    const B = array([
      [1, 2],
      [0, 3],
    ]);
    expect(toNested(hessian((x) => dot(x, matmul(B, x)))(array([5, -1])))).toEqual([
      [2, 2],
      [2, 6],
    ]);
  });

  it("has empty blocks for an empty array of a tree", () => {
    const f = ({ none, some }: { none: NdArray; some: NdArray }): NdArray =>
      add(sum(square(some)), sum(none));
    const blocks = hessian(f)({ none: zeros([0]), some: array([1, 2, 3]) });
    expect([blocks.none.none.shape, blocks.none.some.shape, blocks.some.none.shape]).toEqual([
      [0, 0],
      [0, 3],
      [3, 0],
    ]);
    expect(toNested(blocks.some.some)).toEqual(toNested(mul(2, eye(3))));
  });

  it("times v is hvp [eq:hvp]", () => {
    const f = (x: NdArray): NdArray => sum(mul(exp(x), sin(sum(x))));
    const [x, v] = [array([0.1, 0.2, 0.3]), array([1, -1, 0.5])];
    const product = matmul(hessian(f)(x), v);
    hvp(f)(x, v).data.forEach((value, i) => {
      expect(value).toBeCloseTo(product.data[i]!, 13);
    });
  });
});

describe("trees", () => {
  const parameters = { layers: [{ weight: A, bias: array([1, -1]) }], scale: array(2) };
  const model = (p: typeof parameters, x: NdArray): NdArray =>
    mul(p.scale, sum(square(add(matmul(p.layers[0]!.weight, x), p.layers[0]!.bias))));
  const x = array([1, 0, 2]);

  it("gradients have the structure and shapes of the parameters", () => {
    const [value, gradient] = valueAndGrad(model)(parameters, x);
    // W x + b = [3, −2]: value 2 · 13; ∂/∂b = 4 [3, −2]; ∂/∂W = ∂/∂b xᵀ
    expect(toNested(value)).toBe(26);
    expect(toNested(gradient.layers[0]!.bias)).toEqual([12, -8]);
    expect(toNested(gradient.layers[0]!.weight)).toEqual([
      [12, 0, 24],
      [-8, 0, -16],
    ]);
    expect(toNested(gradient.scale)).toBe(13);
  });

  it("value, gradient and Hessian-vector product come from one pass", () => {
    const direction = { layers: [{ weight: mul(A, 0), bias: array([1, 0]) }], scale: array(0) };
    const [value, gradient, product] = valueGradAndHvp(model)(parameters, direction, x);
    expect(toNested(value)).toBe(26);
    expect(gradient).toEqual(grad(model)(parameters, x));
    expect(toNested(product.layers[0]!.bias)).toEqual([4, 0]);
    expect(toNested(product.scale)).toBe(6);
  });

  it("vjp and jvp take and give trees", () => {
    const swap = ({ a, b }: { a: NdArray; b: NdArray }): [NdArray, NdArray] => [mul(2, b), a];
    const at = { a: array(1), b: array([2, 3]) };
    const [, pullback] = vjp(swap)(at);
    const [bars] = pullback([array([1, 10]), array(100)]);
    expect([toNested(bars.a), toNested(bars.b)]).toEqual([100, [2, 20]]);
    const [, [first, second]] = jvp(swap)([at], [{ a: 5, b: array([1, 1]) }]);
    expect([toNested(first), toNested(second)]).toEqual([[2, 2], 5]);
  });
});

describe("what a function does not depend on", () => {
  it("has a zero derivative of the right shape", () => {
    expect(toNested(grad((_x: NdArray) => array(3))(array([1, 2])))).toEqual([0, 0]);
    expect(toNested(jvp((_x: NdArray) => array([3, 4]))([array([1])], [array([1])])[1])).toEqual([0, 0]);
  });

  it("a stopped gradient stays stopped in every order [eq:stop-gradient]", () => {
    const x = array([1, 2]);
    expect(toNested(stopGradient(x))).toEqual([1, 2]);
    expect(toNested(vjp((y: NdArray) => stopGradient(y))(x)[1](x)[0])).toEqual([0, 0]);
    expect(toNested(jvp((y: NdArray) => stopGradient(y))([x], [x])[1])).toEqual([0, 0]);
    const f = (y: NdArray): NdArray => sum(mul(y, stopGradient(square(y))));
    expect(toNested(grad(f)(array([1, 2])))).toEqual([1, 4]);
    expect(toNested(hvp(f)(array([1, 2]), array([1, 1])))).toEqual([0, 0]);
  });
});
