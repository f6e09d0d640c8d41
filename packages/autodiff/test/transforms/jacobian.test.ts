import { describe, expect, it } from "vitest";
import {
  add,
  array,
  concat,
  exp,
  hessian,
  jacobian,
  matmul,
  mul,
  type NdArray,
  reshape,
  sin,
  slice,
  sum,
  toNested,
} from "../../src/index.ts";

const at = (x: NdArray, i: number): NdArray => reshape(slice(x, [i, i + 1]), []);
const modes = [{ mode: "forward" }, { mode: "reverse" }] as const;

describe.each(modes)("[eq:jacobian] by the $mode mode", ({ mode }) => {
  it("has ∂f_i/∂x_j in row i, column j", () => {
    // f(x) = (x₀ x₁, sin x₁, x₀²)
    const f = (x: NdArray): NdArray =>
      concat([mul(at(x, 0), at(x, 1)), sin(at(x, 1)), mul(at(x, 0), at(x, 0))].map((y) => reshape(y, [1])));
    const J = jacobian(f, { mode })(array([3, 0.5]));
    expect(toNested(J)).toEqual([
      [0.5, 3],
      [0, Math.cos(0.5)],
      [6, 0],
    ]);
  });

  it("has the axes of the output, then those of the input", () => {
    const A = array([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    const J = jacobian((x: NdArray) => matmul(A, x), { mode })(
      array([
        [1, 0, 2, 0],
        [0, 1, 0, 1],
      ]),
    );
    expect(J.shape).toEqual([3, 4, 2, 4]); // ∂(A x)_ij/∂x_kl = A_ik 1[j = l]
    expect(J.data[((2 * 4 + 3) * 2 + 1) * 4 + 3]).toBe(6);
    expect(J.data[((2 * 4 + 3) * 2 + 1) * 4 + 2]).toBe(0);
    expect(jacobian((x: NdArray) => sum(x), { mode })(array([1, 2])).shape).toEqual([2]);
    expect(jacobian((x: NdArray) => exp(x), { mode })(array([])).shape).toEqual([0, 0]);
  });
});

describe("[eq:hessian] the Hessian", () => {
  it("is the matrix of second derivatives", () => {
    // f(x) = x₀² x₁ + sin x₁
    const f = (x: NdArray): NdArray => add(mul(mul(at(x, 0), at(x, 0)), at(x, 1)), sin(at(x, 1)));
    expect(toNested(hessian(f)(array([3, 0.5])))).toEqual([
      [1, 6],
      [6, -Math.sin(0.5)],
    ]);
  });

  it("has the axes of the input twice", () => {
    expect(hessian((x: NdArray) => sum(mul(x, mul(x, x))))(array([[1, 2]])).shape).toEqual([1, 2, 1, 2]);
  });
});
