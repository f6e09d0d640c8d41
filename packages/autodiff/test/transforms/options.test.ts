/** What transforms are told besides the function: which arguments, what else is returned, which axes. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  add,
  array,
  compile,
  DomainError,
  dot,
  exp,
  gather,
  grad,
  hessian,
  hvp,
  item,
  jacobian,
  jvp,
  linearize,
  matmul,
  mul,
  type NdArray,
  reshape,
  show,
  sin,
  slice,
  stack,
  sum,
  TreeError,
  transpose,
  valueAndGrad,
  vjp,
  vmap,
  toNested as withSigns,
} from "../../src/index.ts";
import { distance, eighths } from "../backends/support/distance.ts";

/** Nested lists, −0 as 0. */
const toNested = (y: NdArray): unknown => withSigns(add(y, 0));
const x = array([1, 2]);
const w = array([3, -1]);
/** Σ x² w, with slopes 2 x w and x². */
const f = (a: NdArray, b: NdArray): NdArray => sum(mul(mul(a, a), b));

describe("argnums", () => {
  it("chooses what grad is taken in: one argument, or a list", () => {
    expect(toNested(grad(f)(x, w))).toEqual([6, -4]);
    expect(toNested(grad(f, { argnums: 0 })(x, w))).toEqual([6, -4]);
    expect(toNested(grad(f, { argnums: 1 })(x, w))).toEqual([1, 4]);
    expect(toNested(grad(f, { argnums: -1 })(x, w))).toEqual([1, 4]);
    expect(grad(f, { argnums: [1, 0] })(x, w).map(toNested)).toEqual([
      [1, 4],
      [6, -4],
    ]);
    expect(grad(f, { argnums: [1] })(x, w).map(toNested)).toEqual([[1, 4]]);
    const [value, [dx, dw]] = valueAndGrad(f, { argnums: [0, 1] })(x, w);
    expect([item(value), toNested(dx), toNested(dw)]).toEqual([-1, [6, -4], [1, 4]]);
  });

  it("chooses what jacobian and hessian are taken in", () => {
    const y = (a: NdArray, b: NdArray): NdArray => mul(a, sum(b)); // ∂/∂a = Σb I, ∂/∂b = a 1ᵀ
    for (const mode of ["forward", "reverse"] as const) {
      expect(toNested(jacobian(y, { mode, argnums: 1 })(x, w))).toEqual([
        [1, 1],
        [2, 2],
      ]);
      expect(jacobian(y, { mode, argnums: [0, 1] })(x, w).map(toNested)).toEqual([
        [
          [2, 0],
          [0, 2],
        ],
        [
          [1, 1],
          [2, 2],
        ],
      ]);
    }
    const blocks = hessian(f, { argnums: [0, 1] })(x, w);
    const cross = [
      [2, 0],
      [0, 4],
    ];
    expect(blocks.map((row) => row.map(toNested))).toEqual([
      [
        [
          [6, 0],
          [0, -2],
        ],
        cross,
      ],
      [
        cross,
        [
          [0, 0],
          [0, 0],
        ],
      ],
    ]);
    expect(toNested(hessian(f, { argnums: 1 })(x, w))).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });

  it("leaves whole numbers and trees among the others alone", () => {
    const g = (k: NdArray, tree: { a: NdArray; b: readonly NdArray[] }): NdArray =>
      sum(mul(gather(tree.a, k), gather(tree.b[0]!, k)));
    const slopes = grad(g, { argnums: 1 })(array([0, 1], undefined, "int32"), { a: x, b: [w] });
    expect([toNested(slopes.a), toNested(slopes.b[0]!)]).toEqual([toNested(w), toNested(x)]);
  });

  it("that name no argument, or one twice, are refused", () => {
    const at = (argnums: number | number[]) => () => grad(f, { argnums })(x, w);
    expect(at(2)).toThrow(/^grad: argnums must be whole numbers from -2 to 1 for 2 arguments; got 2/);
    for (const argnums of [-3, 0.5, Number.NaN, [0, 0], [0, -2], []])
      expect(at(argnums)).toThrow(DomainError);
    const none: (() => unknown)[] = [grad(f) as never, jacobian(f) as never];
    for (const derivative of none) expect(derivative).toThrow(/called without arguments.*\(f\)\(x\)/s);
  });
});

describe("trees", () => {
  const tree = { a: x, b: [array(3), w] as const };
  type T = typeof tree;
  /** Two results of different shapes. */
  const many = ({
    a,
    b,
  }: {
    a: NdArray;
    b: readonly [NdArray, NdArray];
  }): { u: NdArray; v: readonly NdArray[] } => ({
    u: mul(b[0], a),
    v: [dot(a, b[1]), reshape(mul(a, b[1]), [2, 1])],
  });

  it.each(["forward", "reverse"] as const)("jacobian: of every result, in every part, by %s mode", (mode) => {
    const j = jacobian(many, { mode })(tree);
    expect([toNested(j.u.a), toNested(j.u.b[0]), toNested(j.u.b[1])]).toEqual([
      [
        [3, 0],
        [0, 3],
      ],
      [1, 2],
      [
        [0, 0],
        [0, 0],
      ],
    ]);
    expect([toNested(j.v[0]!.a), toNested(j.v[0]!.b[0]), toNested(j.v[0]!.b[1])]).toEqual([
      [3, -1],
      0,
      [1, 2],
    ]);
    expect(toNested(j.v[1]!.a)).toEqual([[[3, 0]], [[0, -1]]]);
    expect(j.v[1]!.b[0].shape).toEqual([2, 1]);
  });

  it("hessian: its blocks, times a direction, are the Hessian-vector product", () => {
    const g = ({ a, b }: T): NdArray => mul(exp(b[0]), sum(mul(sin(a), mul(b[1], b[1]))));
    const h = hessian(g)(tree);
    const v: T = { a: array([0.5, -2]), b: [array(0.25), array([1, 3])] };
    const times = (row: T): NdArray =>
      add(add(matmul(row.a, v.a), mul(row.b[0], v.b[0])), matmul(row.b[1], v.b[1]));
    const product = hvp(g)(tree, v);
    expect(distance(times(h.a), product.a)).toBeLessThan(1e-14);
    expect(distance(times(h.b[1]), product.b[1])).toBeLessThan(1e-14);
    const corner = add(add(dot(h.b[0].a, v.a), mul(h.b[0].b[0], v.b[0])), dot(h.b[0].b[1], v.b[1]));
    expect(distance(corner, product.b[0])).toBeLessThan(1e-14);
  });
});

describe("hasAux", () => {
  const g = (a: NdArray, b: NdArray) => [f(a, b), { twice: mul(2, a), parts: [sum(b)] }] as const;
  const aux = { twice: [2, 4], parts: [2] };
  const plain = ({ twice, parts }: { twice: NdArray; parts: readonly NdArray[] }): unknown => ({
    twice: toNested(twice),
    parts: parts.map(toNested),
  });

  it("hands through what the function returns besides, without changing the derivative", () => {
    const [slope, more] = grad(g, { hasAux: true })(x, w);
    expect([toNested(slope), plain(more)]).toEqual([[6, -4], aux]);
    const [[value, again], [dw]] = valueAndGrad(g, { hasAux: true, argnums: [1] })(x, w);
    expect([item(value), plain(again), toNested(dw)]).toEqual([-1, aux, [1, 4]]);
    const [h, third] = hessian(g, { hasAux: true })(x, w);
    expect([toNested(h), plain(third)]).toEqual([
      [
        [6, 0],
        [0, -2],
      ],
      aux,
    ]);
    for (const mode of ["forward", "reverse"] as const) {
      const [j, fourth] = jacobian(g, { hasAux: true, mode, argnums: 1 })(x, w);
      expect([toNested(j), plain(fourth)]).toEqual([[1, 4], aux]);
    }
  });

  it("works under other transforms, and its aux has derivatives there", () => {
    const inner = (a: NdArray): NdArray => {
      const [slope, { twice }] = grad((b: NdArray) => [f(b, w), { twice: mul(2, b) }] as const, {
        hasAux: true,
      })(a);
      return add(sum(slope), sum(twice)); // Σ 2 a w + 2 a
    };
    expect(toNested(grad(inner)(x))).toEqual([8, 0]);
    expect(toNested(compile(grad(inner))(x))).toEqual([8, 0]);
  });

  it("asks for a pair", () => {
    const wrong = f as unknown as (a: NdArray, b: NdArray) => readonly [NdArray, NdArray];
    expect(() => grad(wrong, { hasAux: true })(x, w)).toThrow(/must return a pair \[y, aux\]/);
    const withoutAsking = g as unknown as (a: NdArray, b: NdArray) => NdArray;
    expect(() => grad(withoutAsking)(x, w)).toThrow(/must return one scalar; it returned 3 arrays/);
  });
});

describe("linearize [eq:pushforward]", () => {
  const g = (a: NdArray, b: NdArray): { y: NdArray; z: NdArray } => ({ y: mul(sin(a), b), z: dot(a, b) });

  it("is jvp, for as many tangents as wanted", () => {
    const eighth = fc.integer({ min: -16, max: 16 }).map((k) => k / 8);
    const direction = fc.tuple(eighth, eighth, eighth, eighth);
    const [value, pushforward] = linearize(g)(x, w);
    fc.assert(
      fc.property(direction, ([a, b, c, d]) => {
        const [dx, dw] = [array([a, b]), array([c, d])];
        const [plain, tangent] = jvp(g)([x, w], [dx, dw]);
        const pushed = pushforward(dx, dw);
        expect([value.y, value.z].map(toNested)).toEqual([plain.y, plain.z].map(toNested));
        expect(distance(pushed.y, tangent.y)).toBeLessThanOrEqual(1e-15);
        expect(distance(pushed.z, tangent.z)).toBeLessThanOrEqual(1e-15);
      }),
    );
  });

  it("computes what depends on the point alone once", () => {
    const program = show((dx: NdArray) => linearize((a: NdArray) => exp(sin(a)))(x)[1](dx), x);
    expect(program).not.toMatch(/sin|cos|exp/);
  });

  it("is differentiated in the point and in the tangent", () => {
    const h = (a: NdArray, v: NdArray): NdArray => sum(linearize((b: NdArray) => mul(b, mul(b, b)))(a)[1](v)); // Σ 3 a² v
    expect(toNested(grad(h)(x, w))).toEqual([18, -12]);
    expect(toNested(grad(h, { argnums: 1 })(x, w))).toEqual([3, 12]);
    expect(toNested(vmap((v: NdArray) => linearize(exp)(x)[1](v))(stack([w, w])))).toEqual(
      toNested(stack([mul(exp(x), w), mul(exp(x), w)])),
    );
  });
});

describe("inAxes", () => {
  const a = array(eighths(24, 1), [2, 3, 4]);
  const b = array(eighths(12, 2), [4, 3]);
  const pick = (y: NdArray, axis: number, i: number): NdArray =>
    reshape(
      slice(y, ...y.shape.map((_, k) => (k === axis ? ([i, i + 1] as const) : ([] as const)))),
      y.shape.filter((_, k) => k !== axis),
    );

  it("maps over any axis of each argument, or not at all", () => {
    const g = (p: NdArray, q: NdArray): NdArray => add(sum(p, -1), sum(q));
    const rows = (size: number, one: (i: number) => NdArray): NdArray =>
      stack(Array.from({ length: size }, (_, i) => one(i)));
    expect(toNested(vmap(g, { inAxes: [1, 1] })(a, b))).toEqual(
      toNested(rows(3, (i) => g(pick(a, 1, i), pick(b, 1, i)))),
    );
    expect(toNested(vmap(g, { inAxes: [-1, 0] })(a, b))).toEqual(
      toNested(rows(4, (i) => g(pick(a, 2, i), pick(b, 0, i)))),
    );
    expect(toNested(vmap(g, { inAxes: [0, null] })(a, b))).toEqual(
      toNested(rows(2, (i) => g(pick(a, 0, i), b))),
    );
    expect(toNested(vmap(g, { inAxes: 1 })(a, b))).toEqual(toNested(vmap(g, { inAxes: [1, 1] })(a, b)));
  });

  it("reaches into trees, whole or by part", () => {
    const g = ({ m, n }: { m: NdArray; n: readonly [NdArray, NdArray] }): NdArray =>
      add(dot(m, n[0]), sum(n[1]));
    const tree = { m: b, n: [transpose(b), a] as const };
    const expected = stack([0, 1, 2].map((i) => g({ m: pick(b, 1, i), n: [pick(tree.n[0], 0, i), a] })));
    expect(toNested(vmap(g, { inAxes: [{ m: 1, n: [0, null] }] })(tree))).toEqual(toNested(expected));
    expect(vmap(g, { inAxes: [{ m: 1, n: 1 }] })({ m: b, n: [b, transpose(pick(a, 0, 0))] }).shape).toEqual([
      3,
    ]);
  });

  it("goes with derivatives: a gradient for each row, of parameters that are the same for all", () => {
    const loss = (theta: NdArray, row: NdArray): NdArray => exp(dot(theta, row));
    const perRow = vmap(grad(loss), { inAxes: [null, 0] })(array([1, 0, -1]), b);
    const one = stack([0, 1, 2, 3].map((i) => grad(loss)(array([1, 0, -1]), pick(b, 0, i))));
    expect(distance(perRow, one)).toBe(0);
    const total = (theta: NdArray): NdArray => sum(vmap(loss, { inAxes: [null, 0] })(theta, b));
    expect(distance(grad(total)(array([1, 0, -1])), sum(perRow, 0))).toBeLessThan(1e-14);
    expect(distance(vmap(matmul, { inAxes: [0, null] })(a, b), matmul(a, b))).toBe(0);
  });

  it("that fit no argument are refused by its path", () => {
    const g = (p: NdArray, q: NdArray): NdArray => add(sum(p), sum(q));
    expect(() => vmap(g, { inAxes: [0] })(a, b)).toThrow(/inAxes must have 2 entries for arguments/);
    expect(() => vmap(g, { inAxes: [3, 0] })(a, b)).toThrow(/axis must be a whole number from -3 to 2/);
    expect(() => vmap(g, { inAxes: [[0], 0] })(a, b)).toThrow(
      /inAxes must have an axis or null for arguments\[0\]/,
    );
    expect(() => vmap(g, { inAxes: null })(a, b)).toThrow(/no argument to map over/);
    expect(() => vmap(g, { inAxes: [0, 0] })(a, b)).toThrow(/must have the same extent/);
    const t = (p: { m: NdArray }): NdArray => sum(p.m);
    expect(() => vmap(t, { inAxes: [{ n: 0 }] })({ m: a })).toThrow(/the names m for arguments\[0\]/);
  });
});

describe("what a transform would not look at is refused", () => {
  const one = (a: NdArray): NdArray => sum(mul(a, a));
  const s = array(1);
  // As an untyped caller would write it.
  // biome-ignore lint/suspicious/noExplicitAny: the types refuse all of this already
  const any = { compile, grad, hessian, hvp, jacobian, jvp, linearize, show, valueAndGrad, vjp, vmap } as any;
  const calls: Readonly<Record<string, () => unknown>> = {
    "grad(f)(x, more)": () => any.grad(one)(x, s),
    "valueAndGrad(f)(x, more)": () => any.valueAndGrad(one)(x, s),
    "grad(grad f)(x, more)": () => any.grad((t: NdArray) => any.grad(one)(t, s))(s),
    "hvp(f)(x, v, more)": () => any.hvp(one)(x, x, s),
    "hessian(f)(x, more)": () => any.hessian(one)(x, s),
    "jacobian(f)(x, more)": () => any.jacobian(one)(x, s),
    "vjp(f)(x, more)": () => any.vjp(one)(x, s),
    "pullback(yBar, more)": () => any.vjp(one)(x)[1](s, s),
    "jvp(f)([x, more], [v, more])": () => any.jvp(one)([x, s], [x, s]),
    "jvp(f)([x], [v], more)": () => any.jvp(one)([x], [x], s),
    "linearize(f)(x, more)": () => any.linearize(one)(x, s),
    "pushforward(v, more)": () => any.linearize(one)(x)[1](x, s),
    "vmap(f)(x, more)": () => any.vmap(one)(x, x),
    "compile(f)(x, more)": () => any.compile(one)(x, s),
    "compile(grad(f))(x, more)": () => any.compile(any.grad(one))(x, s),
    "show(f, x, more)": () => any.show(one, x, s),
    "grad(f, x)": () => any.grad(one, x),
    "grad(f, 1)": () => any.grad(f, 1)(x, w),
    "grad(f, [0, 1])": () => any.grad(f, [0, 1])(x, w),
    "grad(f, { argNums: 1 })": () => any.grad(f, { argNums: 1 })(x, w),
    "grad(f, {}, x)": () => any.grad(one, {}, x),
    "valueAndGrad(f, { mode })": () => any.valueAndGrad(one, { mode: "forward" })(x),
    "jacobian(f, x)": () => any.jacobian(one, x)(x),
    "hessian(f, 1)": () => any.hessian(f, 1)(x, w),
    "hessian(f, { mode })": () => any.hessian(one, { mode: "forward" })(x),
    "hvp(f, x, v)": () => any.hvp(one, x, x),
    "jvp(f, [x], [v])": () => any.jvp(one, [x], [x]),
    "vjp(f, x)": () => any.vjp(one, x),
    "linearize(f, x)": () => any.linearize(one, x),
    "vmap(f, 0)": () => any.vmap(one, 0)(x),
    "vmap(f, [0, null])": () => any.vmap(f, [0, null])(x, w),
    "vmap(f, { in_axes })": () => any.vmap(one, { in_axes: 0 })(x),
    "compile(f, backend)": () => any.compile(one, { backends: [] })(x),
  };
  it.each(Object.entries(calls))("%s", (_call, call) => {
    expect(() => {
      call();
    }).toThrow(
      expect.toSatisfy((error: unknown) => error instanceof TreeError || error instanceof DomainError),
    );
  });

  it("but what a function may look at is passed on", () => {
    const scaled = (a: NdArray, scale: NdArray | number = 1): NdArray => mul(scale, one(a));
    const rest = (a: NdArray, ...more: NdArray[]): NdArray => more.reduce((t, m) => add(t, m), one(a));
    function old(a: NdArray): NdArray {
      // biome-ignore lint/complexity/noArguments: some functions do
      return mul(one(a), arguments[1] as NdArray);
    }
    const destructured = ({ a }: { a: NdArray }, [b]: readonly NdArray[]): NdArray => mul(one(a), b!);
    expect(toNested(any.grad(scaled)(x, array(2)))).toEqual([4, 8]);
    expect(toNested(any.grad(rest)(x, s, s))).toEqual([2, 4]);
    expect(toNested(any.grad(old)(x, array(2)))).toEqual([4, 8]);
    expect(toNested(any.grad(destructured)({ a: x }, [s]).a)).toEqual([2, 4]);
    expect(toNested(any.grad(any.compile(rest))(x, s, s))).toEqual([2, 4]);
    expect(toNested(any.grad(one.bind(null))(x, s))).toEqual([2, 4]); // a bound function does not say
    expect(toNested(any.grad(() => s)(x))).toEqual([0, 0]);
  });
});
