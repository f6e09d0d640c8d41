// The elementary functions against integer arithmetic, and against the vectors of the wasm backend, bit for bit.
import { describe, expect, it } from "vitest";
import { elementary } from "../../src/backends/wasm/elementary/elementary.ts";
import { atan2, cos, exp, expm1, hypot, log, log1p, sin, tanh } from "../../src/elementary/index.ts";
import { decompose, exact, exactAtan2, ulpError } from "../backends/wasm/support/exact.ts";
import { spread, vectorFunction } from "../backends/wasm/support/vector-function.ts";

const functions = { exp, expm1, log, log1p, tanh, sin, cos };
type Name = keyof typeof functions;

const uniform = (low: number, high: number, count: number): number[] =>
  spread(count).map((u) => low + (high - low) * u);
/** Magnitudes from 2^low to 2^high. */
const powers = (low: number, high: number, count: number): number[] =>
  spread(count).map((u, i) => 2 ** Math.floor(low + (high - low) * u) * (1 + ((i * 0.754877666) % 1)));
const bothSigns = (xs: readonly number[]): number[] => xs.map((x, i) => (i % 2 === 0 ? x : -x));
const near = (places: readonly number[]): number[] =>
  places.flatMap((place) => uniform(place * (1 - 1e-9), place * (1 + 1e-9), 12));

/** Over the whole domain, dense where a formula changes. */
const argumentsOf: Readonly<Record<Name, (n: number) => number[]>> = {
  exp: (n) => [
    ...uniform(-745, 709.7, n),
    ...uniform(-1, 1, n),
    ...bothSigns(powers(-1070, -1, n / 4)),
    ...near([708, -708, 709, -708.39, -709, 0.5 * Math.LN2, 1.5 * Math.LN2]),
  ],
  expm1: (n) => [
    ...uniform(-1.2, 1.2, 2 * n),
    ...uniform(-60, 60, n),
    ...bothSigns(powers(-1070, 0, n / 2)),
    ...near([0.5, 1.5, 2.5, -0.5, -1.5].map((k) => k * Math.LN2)),
    ...uniform(37, 39, n / 4), // where the 1 is about to round away
    ...near([40, -50, 37, 700, 2 ** -54]),
  ],
  log: (n) => [
    ...powers(-1074, 1023, n),
    ...uniform(0.5, 2, n),
    ...near([1, Math.SQRT2, Math.SQRT1_2, 2 ** -1022]),
  ],
  log1p: (n) => [
    ...uniform(-0.9999, 3, n),
    ...powers(0, 1023, n / 2),
    ...bothSigns(powers(-1070, -2, n / 2)),
    ...near([Math.SQRT2 - 1, Math.SQRT1_2 - 1, 1, 2 ** -54]),
    ...uniform(-1 + 2 ** -53, -1 + 2 ** -40, n / 4),
  ],
  tanh: (n) => [
    ...uniform(-1.5, 1.5, n),
    ...uniform(-23, 23, n),
    ...bothSigns(powers(-1070, 0, n / 4)),
    ...near([0.625, -0.625, 22, 2 ** -28]),
  ],
  sin: (n) => [...turns(n)],
  cos: (n) => [...turns(n)],
};

function turns(n: number): number[] {
  const multiples = spread(n / 4).map((u) => Math.floor(u * 1e5) * (Math.PI / 2));
  return [
    ...uniform(-7, 7, n),
    ...uniform(-2e6, 2e6, n / 2),
    ...near(multiples.slice(0, 40)),
    ...multiples,
    ...bothSigns(powers(-1070, 0, n / 4)),
    ...bothSigns(powers(20, 1023, n / 2)),
    ...near([2 ** 20 * 1.5]),
    // Of all doubles the nearest to a multiple of π/2: Muller, Elementary Functions, 3rd ed., table 11.2.
    6381956970095103 * 2 ** 797,
  ];
}

const worstOf = (name: Name, xs: readonly number[]): number =>
  xs.reduce((worst, x) => Math.max(worst, ulpError(functions[name](x), exact[name](x), "float64")), 0);

const limits: Readonly<Record<Name, number>> = {
  exp: 0.9,
  expm1: 0.9,
  log: 0.9,
  log1p: 0.9,
  tanh: 0.9,
  sin: 0.85,
  cos: 0.85,
};

describe("elementary functions", () => {
  it.each(Object.keys(functions) as Name[])("%s is within a unit of the last place", (name) => {
    const worst = worstOf(name, argumentsOf[name](400));
    expect(worst).toBeLessThan(limits[name]);
    expect(worst).toBeGreaterThan(0.4); // or nothing was measured
  });

  it.each(["exp", "log", "log1p", "sin", "cos"] as const)("%s has the bits of the wasm backend's", (name) => {
    const xs = argumentsOf[name](20_000);
    const vectors = vectorFunction("float64", elementary[name])(xs);
    const different = xs.filter((x, i) => !Object.is(functions[name](x), vectors[i]));
    expect(different).toEqual([]);
  });

  it("atan2 is within a unit of the last place", () => {
    const ratios = [...powers(-40, 40, 400), ...near([7 / 16, 11 / 16, 1, 16 / 7, 16 / 11, 2 ** -30])];
    const worst = bothSigns(ratios).reduce((most, ratio, i) => {
      const x = (1 + ((i * 0.618) % 1)) * (i % 4 < 2 ? 1 : -1);
      const y = ratio * x;
      return Math.max(most, ulpError(atan2(y, x), exactAtan2(y, x), "float64"));
    }, 0);
    expect(worst).toBeLessThan(0.6);
    expect(worst).toBeGreaterThan(0.4);
  });

  it("atan2 does not depend on the scale", () => {
    for (const [y, x] of [
      [1, 3],
      [-2, 3],
      [3, -3],
      [-5, -3],
      [7, 1e-4],
    ] as const)
      for (const scale of [2 ** 1020, 2 ** 950, 2 ** -950, 2 ** -1000])
        expect(atan2(y * scale, x * scale)).toBe(atan2(y, x));
  });

  it("hypot is within a unit of the last place, at every scale", () => {
    const us = spread(300);
    for (const scale of [1, 2 ** 1000, 2 ** -1000, 2 ** 480, 2 ** -420]) {
      const worst = us.reduce((most, u, i) => {
        const xs = [u * scale, us[(i * 7) % 300]! * scale * 2 ** -(i % 60), -us[(i * 11) % 300]! * scale];
        return Math.max(most, ulpError(hypot(...xs), exactNorm(xs), "float64"));
      }, 0);
      expect(worst).toBeLessThan(0.6);
      expect(worst).toBeGreaterThan(0.4);
    }
  });
});

/** √(Σ x²), by whole numbers. */
function exactNorm(xs: readonly number[]): { readonly value: bigint; readonly bits: number } {
  const bits = 1200;
  const square = xs.reduce((sum, x) => {
    const { mantissa, exponent } = decompose(x);
    const fixed =
      exponent + bits >= 0 ? mantissa << BigInt(exponent + bits) : mantissa >> BigInt(-exponent - bits);
    return sum + fixed * fixed;
  }, 0n);
  let root = 1n << BigInt(Math.ceil(square.toString(2).length / 2) + 1);
  for (let next = 0n; ; root = next) {
    next = (root + square / root) >> 1n; // Newton, from above
    if (next >= root) return { value: root, bits };
  }
}
