import { describe, expect, it } from "vitest";
import { elementaryBinary } from "../../../../src/backends/wasm/elementary/elementary.ts";
import { exactAtan2, exactPow, type Fixed, ulpError } from "../support/exact.ts";
import { spread, vectorFunction2 } from "../support/vector-function.ts";

const count = 1500;
const powers = (low: number, high: number, from: number): number[] =>
  spread(count).map((u, i) => 2 ** (low + (high - low) * u) * (1 + (((i + from) * 0.754877666) % 1)));
const signs = (xs: readonly number[], period: number): number[] =>
  xs.map((x, i) => (i % (2 * period) < period ? x : -x));

const edgeNumbers = [
  0,
  -0,
  1,
  -1,
  2,
  -2,
  3,
  -3,
  0.5,
  -0.5,
  -3.5,
  2 ** 53 + 2,
  1e300,
  1e-300,
  -1e300,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  Number.NaN,
  5e-324,
];
const edgePairs = edgeNumbers.flatMap((x) => edgeNumbers.map((y) => [x, y] as const));

describe.each(["float64", "float32"] as const)("%s", (dtype) => {
  const round = dtype === "float64" ? (x: number): number => x : Math.fround;
  const check = (
    name: "pow" | "atan2",
    xs: number[],
    ys: number[],
    exact: (x: number, y: number) => Fixed,
  ): void => {
    const [rx, ry] = [xs.map(round), ys.map(round)];
    const computed = vectorFunction2(dtype, elementaryBinary[name])(rx, ry);
    const errors = rx.map((x, i) => ({
      x,
      y: ry[i]!,
      error: ulpError(computed[i]!, exact(x, ry[i]!), dtype),
    }));
    const worst = errors.reduce((a, b) => (b.error > a.error ? b : a));
    expect(worst, JSON.stringify(worst)).toSatisfy(({ error }: { error: number }) => error <= 2);
  };

  it("pow is within 2 ulp of the exact value", () => {
    check("pow", powers(-8, 8, 0), signs(powers(-6, 6, 1), 1), exactPow);
    check(
      "pow",
      spread(count).map((u) => 0.9 + 0.2 * u),
      signs(powers(0, dtype === "float64" ? 12 : 9, 2), 1),
      exactPow,
    );
  });

  it("atan2 is within 2 ulp of the exact value", () => {
    check("atan2", signs(powers(-20, 20, 0), 1), signs(powers(-20, 20, 1), 2), exactAtan2);
    check(
      "atan2",
      spread(count).map((u) => u * 2),
      spread(count).map((_, i) => 1 + (i % 7) / 7),
      exactAtan2,
    );
  });

  it("have the edges of JavaScript's ** and Math.atan2", () => {
    const [xs, ys] = [0, 1].map((k) => edgePairs.map((pair) => round(pair[k]!))) as [number[], number[]]; // two columns
    const near = (values: ArrayLike<number>): number[] =>
      Array.from(values, (v) =>
        Number.isFinite(v) && Math.abs(v) > 1e-305 ? Number(v.toPrecision(dtype === "float64" ? 14 : 6)) : v,
      );
    const expected = (f: (x: number, y: number) => number): number[] => xs.map((x, i) => round(f(x, ys[i]!)));
    expect(near(vectorFunction2(dtype, elementaryBinary.pow)(xs, ys))).toEqual(
      near(expected((x, y) => x ** y)),
    );
    expect(near(vectorFunction2(dtype, elementaryBinary.atan2)(xs, ys))).toEqual(near(expected(Math.atan2)));
  });
});
