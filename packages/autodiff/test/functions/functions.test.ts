import { describe, expect, it } from "vitest";
import {
  add,
  array,
  choleskySolve,
  clip,
  dot,
  expandDims,
  eye,
  full,
  greater,
  greaterEqual,
  item,
  leastSquares,
  logSoftmax,
  matmul,
  matrixTranspose,
  mean,
  mul,
  type NdArray,
  notEqual,
  oneHot,
  softmax,
  square,
  stack,
  sub,
  sum,
  toNested,
  variance,
} from "../../src/index.ts";
import { checkGradients } from "../../src/testing/index.ts";

const x = array([
  [0.5, -1, 2],
  [1.25, 0.125, -0.75],
]);

describe("values", () => {
  it("softmax sums to 1 along its axis, and does not overflow [eq:softmax]", () => {
    expect(toNested(softmax(array([0, Math.log(3)])))).toEqual([
      expect.closeTo(0.25, 15),
      expect.closeTo(0.75, 15),
    ]);
    for (const axis of [0, 1]) {
      for (const total of sum(softmax(x, axis), axis).data) expect(total).toBeCloseTo(1, 14);
    }
    expect(toNested(softmax(array([1000, 1000])))).toEqual([
      expect.closeTo(0.5, 12),
      expect.closeTo(0.5, 12),
    ]);
  });

  it("logSoftmax stays finite where softmax is 0 [eq:log-softmax]", () => {
    expect(toNested(logSoftmax(array([0, 1000])))).toEqual([-1000, 0]);
  });

  it("mean, variance, square, dot, clip", () => {
    expect(
      toNested(
        mean(
          array([
            [1, 2],
            [3, 6],
          ]),
          0,
        ),
      ),
    ).toEqual([2, 4]);
    expect(
      toNested(
        variance(
          array([
            [1, 2],
            [3, 6],
          ]),
          1,
        ),
      ),
    ).toEqual([0.25, 2.25]);
    expect(variance(x, 0, { keepDims: true }).shape).toEqual([1, 3]);
    expect(item(mean(full([0], 1)))).toBeNaN();
    expect(toNested(square(array([-3, 2])))).toEqual([9, 4]);
    expect(item(dot(array([1, 2]), array([3, -4])))).toBe(-5);
    expect(toNested(clip(array([-2, 0.5, 2]), -1, 1))).toEqual([-1, 0.5, 1]);
  });

  it("comparisons, NaN included", () => {
    const [a, b] = [array([1, 2, 3, Number.NaN]), array([2, 2, 2, 2])];
    expect(toNested(greater(a, b))).toEqual([0, 0, 1, 0]);
    expect(toNested(greaterEqual(a, b))).toEqual([0, 1, 1, 0]);
    expect(toNested(notEqual(a, b))).toEqual([1, 0, 1, 1]);
  });

  it("oneHot, stack, expandDims", () => {
    const indices = array([[2], [0]], undefined, "int32");
    expect(toNested(oneHot(indices, 3))).toEqual([[[0, 0, 1]], [[1, 0, 0]]]);
    expect(toNested(oneHot(1, 2))).toEqual([0, 1]);
    expect(toNested(stack([1, array(2), 3]))).toEqual([1, 2, 3]);
    expect(toNested(stack([array([1, 2]), array([3, 4])], -1))).toEqual([
      [1, 3],
      [2, 4],
    ]);
    expect(expandDims(x, 1).shape).toEqual([2, 1, 3]);
  });

  it("choleskySolve undoes the matrix", () => {
    const spd = add(matmul(x, matrixTranspose(x)), eye(2));
    const b = array([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    const back = matmul(spd, choleskySolve(spd, b));
    back.data.forEach((value, i) => {
      expect(value).toBeCloseTo(b.data[i]!, 12);
    });
  });

  it("leastSquares leaves no gradient: Xᵀ(X w − y) + ridge w = 0 [eq:least-squares]", () => {
    const [X, y] = [
      array([
        [1, 0],
        [1, 1],
        [1, 2],
        [1, 4],
      ]),
      array([1, 3, 2, 5]),
    ];
    const w = leastSquares(X, y, 0.5);
    const gradient = add(matmul(matrixTranspose(X), sub(matmul(X, w), y)), mul(0.5, w));
    for (const value of gradient.data) expect(value).toBeCloseTo(0, 12);
  });
});

// Compositions have no rules of their own; their derivatives are checked all the same.
describe("all derivatives", () => {
  const weights = array([
    [1, -2, 0.5],
    [0.25, 1, 3],
  ]);
  const functions: Readonly<Record<string, (x: NdArray) => NdArray>> = {
    softmax: (z) => mul(weights, softmax(z)),
    "softmax along axis 0": (z) => mul(weights, softmax(z, 0)),
    logSoftmax: (z) => mul(weights, logSoftmax(z)),
    mean: (z) => mean(square(z), 1),
    variance: (z) => variance(z, 1),
    clip: (z) => clip(z, -0.8, 1.1),
    choleskySolve: (z) => choleskySolve(add(matmul(z, matrixTranspose(z)), eye(2)), z),
    leastSquares: (z) => leastSquares(matrixTranspose(z), array([1, -1, 2]), 0.1),
    stack: (z) => stack([z, square(z)], 1),
  };
  it.each(Object.entries(functions))("of %s", (_name, f) => {
    expect(checkGradients(f, [x]).jvp).toBeLessThan(1e-7);
  });
});
