import { describe, expect, it } from "vitest";
import { openGpu } from "../../src/backends/gpu/index.ts";
import { wasm } from "../../src/backends/wasm/index.ts";
import {
  acos,
  array,
  asin,
  atanh,
  type Backend,
  compile,
  expm1,
  type FloatDType,
  grad,
  hvp,
  jvp,
  logAddExp,
  logSoftmax,
  logSumExp,
  type NdArray,
  reference,
  sigmoid,
  slice,
  softmax,
  softmaxEntropy,
  softplus,
  sum,
  tanh,
} from "../../src/index.ts";

// Slopes keep their relative accuracy where they are small: first and second derivatives, in both modes, on every backend
// and in both precisions, against closed forms in which nothing cancels.
// [eq:tanh] [eq:sech-squared] [eq:sigmoid] [eq:softplus] [eq:expm1] [eq:log-softmax] [eq:softmax] [eq:log-add-exp]
// [eq:asin] [eq:acos] [eq:atanh] [eq:one-minus-square]

const gpu = await openGpu({ mode: "cpu" });
const settings: readonly (readonly [string, Backend, FloatDType, number])[] = [
  ["reference, float64", reference, "float64", 2e-14],
  ["reference, float32", reference, "float32", 2e-6],
  ["wasm, float64", wasm, "float64", 2e-14],
  ["wasm, float32", wasm, "float32", 2e-6],
  ["gpu, float32", gpu, "float32", 1e-5],
];

type Curve = (x: number) => number;
interface Tail {
  readonly f: (x: NdArray) => NdArray;
  readonly slope: Curve;
  readonly curvature: Curve;
  /** Default: as far out as float32 goes. */
  readonly at?: readonly number[];
}

const { cosh, exp } = Math;
/** sech², without the overflow of cosh². */
const sech2: Curve = (x) => (Math.abs(x) < 350 ? 1 / cosh(x) / cosh(x) : 4 * exp(-2 * Math.abs(x)));
const logistic: Curve = (x) => sech2(x / 2) / 4;
const ofSigmoid = { slope: logistic, curvature: (x: number) => -Math.tanh(x / 2) * logistic(x) };

/** From where a slope is large to where a curvature is small. */
const insideOne = [-1 + 2 ** -20, -0.5, -(2 ** -10), -1e-9, 1e-18, 2 ** -10, 0.75, 1 - 2 ** -22];

const tails: Readonly<Record<string, Tail>> = {
  tanh: { f: tanh, slope: sech2, curvature: (x) => -2 * Math.tanh(x) * sech2(x) },
  sigmoid: { f: sigmoid, ...ofSigmoid },
  softplus: {
    f: softplus,
    slope: (x) => (x < 0 ? exp(x) : 1) / (1 + exp(-Math.abs(x))),
    curvature: logistic,
  },
  "logAddExp, left": {
    f: (x) => logAddExp(x, 0),
    slope: (x) => exp(Math.min(x, 0)) / (1 + exp(-Math.abs(x))),
    curvature: logistic,
  },
  "logAddExp, right": {
    f: (x) => logAddExp(0, x),
    slope: (x) => exp(Math.min(x, 0)) / (1 + exp(-Math.abs(x))),
    curvature: logistic,
  },
  expm1: { f: (x) => expm1(x), slope: exp, curvature: exp },
  asin: {
    f: asin,
    slope: (x) => 1 / Math.sqrt((1 - x) * (1 + x)),
    curvature: (x) => x * ((1 - x) * (1 + x)) ** -1.5,
    at: insideOne,
  },
  acos: {
    f: acos,
    slope: (x) => -1 / Math.sqrt((1 - x) * (1 + x)),
    curvature: (x) => -x * ((1 - x) * (1 + x)) ** -1.5,
    at: insideOne,
  },
  atanh: {
    f: atanh,
    slope: (x) => 1 / ((1 - x) * (1 + x)),
    curvature: (x) => (2 * x) / ((1 - x) * (1 + x)) ** 2,
    at: insideOne,
  },
};

const farOut = [-300, -87, -40, -20, -5, -1, -1e-3, -1e-8, 1e-10, 1e-3, 0.5, 1, 3, 5, 9, 17, 20, 30, 43];

function closeTo(
  got: ArrayLike<number>,
  expected: readonly number[],
  tolerance: number,
  smallest: number,
): void {
  const errors = expected.map((want, i) => Math.abs(got[i]! - want) / Math.max(Math.abs(want), smallest));
  const worst = errors.reduce((at, error, i) => (error <= errors[at]! ? at : i), 0);
  expect(errors[worst], `element ${worst}: ${got[worst]}, expected ${expected[worst]}`).toBeLessThanOrEqual(
    tolerance,
  );
}

describe.each(settings)("%s", (_name, backend, dtype, tolerance) => {
  // Below this float32 has no normal numbers.
  const smallest = dtype === "float32" ? 2 ** -126 : 0;
  const arrayOf = (values: readonly number[]): NdArray =>
    array(dtype === "float64" ? Float64Array.from(values) : Float32Array.from(values));
  const round = dtype === "float64" ? (x: number): number => x : Math.fround;
  const run = (f: (...xs: NdArray[]) => NdArray, ...xs: NdArray[]): NdArray => compile(f, { backend })(...xs);

  it.each(Object.entries(tails))("%s", (name, { f, slope, curvature, at = farOut }) => {
    const points = at.map(round);
    const [x, ones] = [arrayOf(points), arrayOf(points.map(() => 1))];
    const g = (y: NdArray): NdArray => sum(f(y));
    const tangent = (y: NdArray, v: NdArray): NdArray => jvp((z: NdArray) => f(z))([y], [v])[1];
    closeTo(run(grad(g), x).data, points.map(slope), tolerance, smallest);
    closeTo(run(tangent, x, ones).data, points.map(slope), tolerance, smallest);
    if (name === "expm1") closeTo(run(f, x).data, points.map(Math.expm1), tolerance, smallest);
    closeTo(run(hvp(g), x, ones).data, points.map(curvature), tolerance, smallest);
    const twiceForward = (y: NdArray, v: NdArray): NdArray => jvp((z: NdArray) => tangent(z, v))([y], [v])[1];
    closeTo(run(twiceForward, x, ones).data, points.map(curvature), tolerance, smallest);
    closeTo(
      run(
        grad((y: NdArray) => sum(grad(g)(y))),
        x,
      ).data,
      points.map(curvature),
      tolerance,
      smallest,
    );
  });

  const logits = [
    [20, 0],
    [0, 30],
    [40, 0, -2],
    [-1, 38, -3, 0.5],
    [0.25, 0.5, -0.75],
    [60, 60, 0],
  ];
  it.each(logits.map((x) => [x.join(", "), x] as const))("ln p of softmax(%s)", (_text, x) => {
    const m = Math.max(...x);
    const terms = x.map((value) => exp(value - m));
    const total = terms.reduce((a, b) => a + b, 0);
    const p = terms.map((term) => term / total);
    const others = x.map((_, i) => terms.reduce((a, term, j) => (j === i ? a : a + term), 0) / total); // 1 − p
    const point = arrayOf(x);
    x.forEach((_, i) => {
      const f = (y: NdArray): NdArray => sum(slice(logSoftmax(y), [i, i + 1]));
      const alone = x.filter((value) => value === m).length === 1;
      if (x[i] === m && alone) {
        const rest = terms.reduce((a, term, j) => (j === i ? a : a + term), 0);
        closeTo(run(f, point).data, [-Math.log1p(rest)], tolerance, smallest);
      }
      const slopes = x.map((_, j) => (i === j ? others[j]! : -p[j]!));
      closeTo(run(grad(f), point).data, slopes, tolerance, smallest);
      x.forEach((_, k) => {
        const unit = arrayOf(x.map((_, j) => (j === k ? 1 : 0)));
        const row = x.map((_, j) => (j === k ? -p[j]! * others[j]! : p[j]! * p[k]!));
        closeTo(run(hvp(f), point, unit).data, row, 2 * tolerance, smallest);
        const forward = (y: NdArray): NdArray => jvp(f)([y], [unit])[1];
        closeTo(run(forward, point).data, [slopes[k]!], tolerance, smallest);
        closeTo(run(grad(forward), point).data, row, 2 * tolerance, smallest);
      });
      // A direction in which the largest logit moves with the others but for little.
      const v = arrayOf(x.map((_, j) => (j === i ? 1 : 0.5)));
      closeTo(run((y) => jvp(f)([y], [v])[1], point).data, [others[i]! / 2], tolerance, smallest);
      const q = (y: NdArray): NdArray => sum(slice(softmax(y), [i, i + 1]));
      closeTo(
        run(grad(q), point).data,
        x.map((_, j) => (i === j ? p[i]! * others[i]! : -p[i]! * p[j]!)),
        2 * tolerance,
        smallest,
      );
    });
  });

  it("logSumExp far from 0, where its own rounding is larger than the slopes' errors", () => {
    const x = arrayOf([1000, 1001, 1003.5]);
    const p = [exp(-3.5), exp(-2.5), 1];
    const total = p.reduce((a, b) => a + b, 0);
    closeTo(
      run(
        grad((y: NdArray) => logSumExp(y)),
        x,
      ).data,
      p.map((term) => term / total),
      10 * tolerance,
      smallest,
    );
  });

  it("what is −∞ has finite slopes, and entropy counts it 0", () => {
    const none = arrayOf([Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]);
    expect(run((x) => logSumExp(x), none).data[0]).toBe(Number.NEGATIVE_INFINITY);
    expect([
      ...run(
        grad((x: NdArray) => logSumExp(x)),
        none,
      ).data,
    ]).toEqual([0.5, 0.5]);
    const x = arrayOf([1, 2, Number.NEGATIVE_INFINITY]);
    const two = arrayOf([1, 2]);
    closeTo(
      run((y) => softmaxEntropy(y), x).data,
      [...run((y) => softmaxEntropy(y), two).data],
      4 * tolerance,
      smallest,
    );
    const slopes = run(
      grad((y: NdArray) => softmaxEntropy(y)),
      x,
    ).data;
    closeTo(
      slopes,
      [
        ...run(
          grad((y: NdArray) => softmaxEntropy(y)),
          two,
        ).data,
        0,
      ],
      20 * tolerance,
      1e-6,
    );
    expect(slopes[2]).toBe(0);
    const ones = arrayOf([1, 0, 1]);
    const curvature = run(
      hvp((y: NdArray) => softmaxEntropy(y)),
      x,
      ones,
    ).data;
    expect([...curvature].every(Number.isFinite) && curvature[2] === 0).toBe(true);
  });
});
