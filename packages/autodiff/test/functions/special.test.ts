import { describe, expect, it } from "vitest";
import { openGpu } from "../../src/backends/gpu/index.ts";
import { wasm } from "../../src/backends/wasm/index.ts";
import {
  acos,
  acosh,
  array,
  asin,
  asinh,
  atan,
  atanh,
  type Backend,
  compile,
  cosh,
  digamma,
  erf,
  erfc,
  erfinv,
  grad,
  hvp,
  lgamma,
  type NdArray,
  reference,
  sinh,
  sum,
} from "../../src/index.ts";

// Values against the host's Math and published ones, on every backend, in both precisions; slopes of erf in its tails.
// [eq:erf] [eq:erfc] [eq:erfinv] [eq:gaussian] [eq:lgamma] [eq:polygamma]

const gpu = await openGpu({ mode: "cpu" });
const settings: readonly (readonly [string, Backend, "float64" | "float32", number])[] = [
  ["reference, float64", reference, "float64", 1e-14],
  ["wasm, float64", wasm, "float64", 1e-14],
  ["reference, float32", reference, "float32", 4e-6],
  ["wasm, float32", wasm, "float32", 4e-6],
  ["gpu, float32", gpu, "float32", 2e-5],
];

type Points = readonly (readonly [x: number, y: number])[];
const of = (f: (x: number) => number, ...xs: number[]): Points => xs.map((x) => [x, f(x)]);
const near = [-0.875, -0.25, -(2 ** -20), 0, 2 ** -30, 0.5, 0.9375];

/** Digits from mpmath 1.3 at 30 digits. */
const known: readonly (readonly [string, (x: NdArray) => NdArray, Points])[] = [
  ["asin", asin, of(Math.asin, ...near)],
  ["acos", acos, of(Math.acos, ...near)],
  ["atan", atan, of(Math.atan, ...near, 40, -1e9)],
  ["sinh", sinh, of(Math.sinh, ...near, 20, -40, 80)],
  ["cosh", cosh, of(Math.cosh, ...near, 20, -40, 80)],
  ["asinh", asinh, of(Math.asinh, ...near, 1e5, -1e12, 3e38)],
  ["acosh", acosh, of(Math.acosh, 1, 1.125, 2, 1e5, 1e9, 1.1e9, 1e12, 3e38)],
  ["atanh", atanh, of(Math.atanh, ...near)],
  [
    "erf",
    erf,
    [
      [0.125, 0.140316204801333817393029446522],
      [-0.9375, -0.8151024010343998041769597],
      [1, 0.842700792949714869341220635083],
      [1.5, 0.966105146475310727066976261646],
      [4, 0.99999998458274209971998114784],
    ],
  ],
  [
    "erfc",
    erfc,
    [
      [-1, 1.84270079294971486934122063508],
      [0.5, 0.479500122186953462317253346108],
      [1.5, 0.0338948535246892729330237383541],
      [5, 1.53745979442803485018834348538e-12],
      [9, 4.137031746513810238053904e-37],
    ],
  ],
  [
    "erfinv",
    erfinv,
    [
      [0.5, 0.476936276204469873381418353643],
      [-0.9375, -1.31715033498613074888393],
      [2 ** -30, 8.25363141906222341442782e-10],
    ],
  ],
  [
    "lgamma",
    lgamma,
    [
      [0.25, 1.28802252469807745737061044022],
      [10.5, 13.9406252194037636271269080829],
      [100, 359.13420536957539877604401046],
      [-0.5, 1.26551212348464539649338894],
      [-3.75, -1.317267942446363673850079],
    ],
  ],
  [
    "digamma",
    digamma,
    [
      [1, -0.577215664901532860606512090082],
      [0.25, -4.2274535333762654080895301461],
      [10, 2.25175258906672110764743150304],
      [100, 4.60016185273808658910617563566],
    ],
  ],
  [
    "trigamma",
    (x) => grad((y: NdArray) => sum(digamma(y)))(x),
    [
      [1, Math.PI ** 2 / 6],
      [0.5, Math.PI ** 2 / 2],
      [-0.5, 4 + Math.PI ** 2 / 2],
    ],
  ],
];

describe.each(settings)("%s", (_name, backend, dtype, tolerance) => {
  const arrayOf = (values: readonly number[]): NdArray =>
    array(dtype === "float64" ? Float64Array.from(values) : Float32Array.from(values));
  const worst = (got: ArrayLike<number>, want: readonly number[]): number =>
    Math.max(...want.map((y, i) => Math.abs(got[i]! - y) / (Math.abs(y) || 1)));

  it.each(known)("%s", (name, f, points) => {
    const got = compile((x: NdArray) => f(x), { backend })(arrayOf(points.map(([x]) => x))).data;
    const looser = name.includes("gamma") ? 4 : 1;
    expect(
      worst(
        got,
        points.map(([, y]) => y),
      ),
    ).toBeLessThan(looser * tolerance);
  });

  it("lgamma is ∞ at its poles, and at both ends", () => {
    const x = arrayOf([0, -1, -20, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
    const got = compile((y: NdArray) => lgamma(y), { backend })(x).data;
    expect([...got]).toEqual(Array(5).fill(Number.POSITIVE_INFINITY));
  });

  it("lgamma and its slope where 1/x overflows: −ln|x| and ∓∞, and NaN at the poles", () => {
    const tiny = dtype === "float64" ? [5e-324, 1e-310, 2.3e-308] : [2 ** -149, 2 ** -140, 2 ** -127];
    const x = arrayOf([...tiny, ...tiny.map((y) => -y), 0, -1, -20]);
    const f = (y: NdArray): NdArray => sum(lgamma(y));
    const logs = tiny.map((y) => -Math.log(y));
    expect(worst(compile((y: NdArray) => lgamma(y), { backend })(x).data, [...logs, ...logs])).toBeLessThan(
      tolerance,
    );
    const slopes = [...compile(grad(f), { backend })(x).data];
    expect(slopes.slice(0, 2)).toEqual([Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]);
    expect(slopes.slice(3, 5)).toEqual([Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]);
    expect(worst([slopes[2]!, slopes[5]!], [-1 / tiny[2]!, 1 / tiny[2]!])).toBeLessThan(4 * tolerance);
    expect(slopes.slice(6)).toEqual([Number.NaN, Number.NaN, Number.NaN]);
  });

  it("erfinv is ±∞ at ±1, with slope ∞, and NaN beyond", () => {
    const x = arrayOf([1, -1, 1.5, -2]);
    const [inf, nan] = [Number.POSITIVE_INFINITY, Number.NaN];
    expect([...compile((y: NdArray) => erfinv(y), { backend })(x).data]).toEqual([inf, -inf, nan, nan]);
    const g = (y: NdArray): NdArray => sum(erfinv(y));
    expect([...compile(grad(g), { backend })(x).data]).toEqual([inf, inf, nan, nan]);
  });

  it("slopes of asinh far out, where a square overflows", () => {
    const xs = [0.5, -3, 9e8, -1.1e9, 3e18, ...(dtype === "float64" ? [-1e156, 1e300] : [-3e37])];
    const x = arrayOf(xs);
    const g = (y: NdArray): NdArray => sum(asinh(y));
    const slopes = xs.map((y) => 1 / Math.hypot(1, y));
    expect(worst(compile(grad(g), { backend })(x).data, slopes)).toBeLessThan(4 * tolerance);
    const seconds = xs.map((y) => -(y / Math.hypot(1, y)) / Math.hypot(1, y) ** 2);
    const found = compile(hvp(g), { backend })(x, arrayOf(xs.map(() => 1))).data;
    expect(worst(found.slice(0, 5), seconds.slice(0, 5))).toBeLessThan(10 * tolerance); // the others underflow
    expect(found.every(Number.isFinite)).toBe(true);
    const third = grad((y: NdArray) => sum(grad((z: NdArray) => sum(grad(g)(z)))(y)));
    const close = [0, 0.5, -0.5, 3];
    const thirds = close.map((y) => (2 * y * y - 1) / Math.hypot(1, y) ** 5);
    expect(worst(compile(third, { backend })(arrayOf(close)).data, thirds)).toBeLessThan(10 * tolerance);
  });

  it("slopes of erf in its tails", () => {
    const xs = [-8, -5, -3, -0.25, 0.5, 2, 6, 9];
    const slope = (x: number): number => {
      // exp(−x²) of x = i/4, whose square is exact
      return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x);
    };
    const x = arrayOf(xs);
    const g = (y: NdArray): NdArray => sum(erf(y));
    expect(worst(compile(grad(g), { backend })(x).data, xs.map(slope))).toBeLessThan(2 * tolerance);
    const h = compile(hvp(g), { backend })(x, arrayOf(xs.map(() => 1))).data;
    expect(
      worst(
        h,
        xs.map((y) => -2 * y * slope(y)),
      ),
    ).toBeLessThan(2 * tolerance);
    const odd = [5.1, 8.7, -7.3].map((y) => (dtype === "float32" ? Math.fround(y) : y));
    const exact = odd.map((y) => {
      const high = Math.fround(y); // 24 bits: its square is exact
      return (2 / Math.sqrt(Math.PI)) * Math.exp(-high * high) * Math.exp(-(y - high) * (y + high));
    });
    expect(worst(compile(grad(g), { backend })(arrayOf(odd)).data, exact)).toBeLessThan(2 * tolerance);
  });
});

it("erfinv undoes erf", () => {
  const xs = [-0.99, -0.3, 1e-12, 0.49, 0.51, 0.999, 1 - 2 ** -50];
  const back = erfc(erfinv(array(xs))).data;
  xs.forEach((x, i) => {
    expect(Math.abs(back[i]! / (1 - x) - 1)).toBeLessThan(1e-13); // an error of y counts 2 y² times
  });
});
