import { describe, expect, it } from "vitest";
import { categorical, fold, key, normal, permutation, uniform } from "../../src/random/index.ts";
import { normalCdf } from "../support/normal.ts";

// Every check below is a statistic whose law under perfect randomness is known, with a threshold that perfect
// randomness passes with probability 1 - 1e-6 or more. Keys are fixed, so a pass stays a pass.
// There are 250 checks: a false alarm had a chance below 2.5e-4 when the keys were chosen.
const zLimit = 4.9; // two-sided normal tail 9.6e-7
const ksLimit = 2.7; // Kolmogorov: 2 exp(-2 2.7^2) = 9.3e-7, for sqrt(n) D_n

describe.each([key(1), key(2 ** 40), fold(key(1), 3, 1, 4)])("with key %o", (k) => {
  const n = 100_000;
  const u = uniform(k, n);
  const z = normal(k, n);

  // [eq:uniform]
  it("uniform: lies in [0, 1), with the moments and the distribution of U(0, 1)", () => {
    expect(u.every((x) => x >= 0 && x < 1)).toBe(true);
    for (const power of [1, 2, 3, 4]) {
      const mean = 1 / (power + 1);
      const variance = 1 / (2 * power + 1) - mean ** 2;
      expect(zScore(u, (x) => x ** power, mean, variance)).toBeLessThan(zLimit);
    }
    expect(kolmogorov(u, (x) => x)).toBeLessThan(ksLimit);
  });

  it("uniform: each of the 53 bits is set half the time", () => {
    for (let bit = 1; bit <= 53; bit++) {
      expect(
        zScore(u, (x) => Math.floor(x * 2 ** bit) % 2, 0.5, 0.25),
        `bit ${bit}`,
      ).toBeLessThan(zLimit);
    }
  });

  // [eq:normal]
  it("normal: has the moments and the distribution of N(0, 1)", () => {
    expect(zScore(z, (x) => x, 0, 1)).toBeLessThan(zLimit);
    expect(zScore(z, (x) => x ** 2, 1, 2)).toBeLessThan(zLimit);
    expect(zScore(z, (x) => x ** 3, 0, 15)).toBeLessThan(zLimit);
    expect(zScore(z, (x) => x ** 4, 3, 96)).toBeLessThan(zLimit);
    expect(kolmogorov(z, normalCdf)).toBeLessThan(ksLimit);
  });

  it("neighbouring draws are uncorrelated", () => {
    for (const lag of [1, 2, 3, 4]) {
      const products = z.subarray(0, n - lag).map((x, i) => x * z[i + lag]!);
      expect(zScore(products, (x) => x, 0, 1)).toBeLessThan(zLimit);
    }
  });
});

describe("keys", () => {
  // The first draws of neighbouring keys must look like draws from one stream.
  it.each([
    { name: "seeds", at: (i: number) => key(i) },
    { name: "words", at: (i: number) => fold(key(9), i) },
    { name: "outer words", at: (i: number) => fold(key(9), i, 0) },
  ])("that differ in neighbouring $name give independent draws", ({ at }) => {
    const n = 50_000;
    const z = Float64Array.from({ length: n }, (_, i) => normal(at(i), 1)[0]!);
    expect(kolmogorov(z, normalCdf)).toBeLessThan(ksLimit);
    const products = z.subarray(1).map((x, i) => x * z[i]!);
    expect(zScore(products, (x) => x, 0, 1)).toBeLessThan(zLimit);
  });
});

describe("categorical", () => {
  it("draws in proportion to the weights", () => {
    const weights = [1, 2, 0, 3, 4];
    const n = 50_000;
    const counts = [0, 0, 0, 0, 0];
    for (let i = 0; i < n; i++) counts[categorical(fold(key(5), i), weights)]! += 1;
    const expected = weights.map((w) => (n * w) / 10);
    // Chi-square with 3 degrees of freedom (4 categories of positive weight) passes 30.7 with probability 1e-6.
    expect(counts[2]).toBe(0);
    expect(chiSquare(counts, expected)).toBeLessThan(30.7);
  });
});

// [eq:permutation]
describe("permutation", () => {
  it("gives all 24 orders of four things equally often", () => {
    const n = 48_000;
    const counts = new Map<string, number>();
    for (let i = 0; i < n; i++) {
      const order = permutation(fold(key(6), i), 4).join("");
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    // Chi-square with 23 degrees of freedom passes 71 with probability 8.6e-7.
    expect(chiSquare([...counts.values()], Array<number>(24).fill(n / 24))).toBeLessThan(71);
  });
});

/** |mean of f(x_i) - mean| in units of its standard error. */
function zScore(x: Float64Array, f: (x: number) => number, mean: number, variance: number): number {
  const sum = x.reduce((total, xi) => total + f(xi), 0);
  return Math.abs(sum / x.length - mean) / Math.sqrt(variance / x.length);
}

/** sqrt(n) sup |F_n - F|, the Kolmogorov-Smirnov statistic. */
function kolmogorov(x: Float64Array, cdf: (x: number) => number): number {
  const n = x.length;
  const distance = x.toSorted().reduce((worst, xi, i) => {
    const f = cdf(xi);
    return Math.max(worst, f - i / n, (i + 1) / n - f);
  }, 0);
  return Math.sqrt(n) * distance;
}

function chiSquare(counts: readonly number[], expected: readonly number[]): number {
  return counts.reduce(
    (sum, count, i) => sum + (expected[i]! > 0 ? (count - expected[i]!) ** 2 / expected[i]! : 0),
    0,
  );
}
