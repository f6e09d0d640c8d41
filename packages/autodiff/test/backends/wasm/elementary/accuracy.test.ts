import { describe, expect, it } from "vitest";
import { elementary } from "../../../../src/backends/wasm/elementary/elementary.ts";
import type { FloatType } from "../../../../src/backends/wasm/elementary/lanes.ts";
import { exact, ulpError } from "../support/exact.ts";
import { spread, vectorFunction } from "../support/vector-function.ts";

type Name = keyof typeof exact;

const around = (center: number, count: number): number[] =>
  spread(count).map((u) => center * (1 + (u - 0.5) * 1e-3));
const uniform = (low: number, high: number, count: number): number[] =>
  spread(count).map((u) => low + (high - low) * u);
/** Both signs, magnitudes spread over powers of two. */
const powers = (low: number, high: number, count: number): number[] =>
  spread(count).map(
    (u, i) => (i % 2 === 0 ? 1 : -1) * 2 ** (low + (high - low) * u) * (1 + ((i * 0.754877666) % 1)),
  );

const smallest: Record<FloatType, number> = { float64: -1070, float32: -145 };

/** Arguments over the whole domain and dense where a formula changes. */
function argumentsFor(name: Name, dtype: FloatType, count: number): number[] {
  const tiny = powers(smallest[dtype], 0, count / 4);
  const edge = dtype === "float64" ? 710 : 88.8;
  switch (name) {
    case "exp":
    case "expm1":
      return [
        ...tiny,
        ...uniform(-1, 1, count),
        ...uniform(-edge * 1.05, edge, count),
        ...around(Math.LN2 / 2, count / 4),
      ];
    case "sigmoid":
    case "softplus":
      return [
        ...tiny,
        ...uniform(-3, 3, count),
        ...uniform(-edge * 1.05, edge, count),
        ...uniform(-40, 40, count / 2),
      ];
    case "tanh":
      return [...tiny, ...uniform(-1, 1, count), ...uniform(-23, 23, count), ...around(0.625, count / 2)];
    case "sechSquared":
      return [
        ...tiny,
        ...uniform(-1, 1, count),
        ...uniform(0, edge / 2 + 4, count),
        ...uniform(-9, 9, count),
      ];
    case "log":
      return [
        ...powers(smallest[dtype], dtype === "float64" ? 1023 : 127, count).map(Math.abs),
        ...uniform(0.5, 2, count),
        ...around(Math.SQRT2, count / 4),
        ...around(1, count / 2),
      ];
    case "log1p":
      return [
        ...powers(smallest[dtype], -2, count / 4),
        ...uniform(-0.999, 1, count),
        ...powers(0, 100, count / 2).map(Math.abs),
        ...around(Math.SQRT2 - 1, count / 4),
      ];
    case "sin":
    case "cos": {
      const nearMultiples = spread(count / 2).flatMap((u) => around(Math.floor(u * 1e5) * (Math.PI / 2), 1));
      const huge = powers(20, dtype === "float64" ? 1022 : 126, count / 4);
      return [
        ...tiny,
        ...uniform(-10, 10, count),
        ...uniform(-1e6, 1e6, count / 2),
        ...nearMultiples,
        ...huge,
      ];
    }
  }
}

describe.each(["float64", "float32"] as const)("%s", (dtype) => {
  const names = Object.keys(exact) as Name[]; // the table's own keys
  it.each(names.map((name) => [name, name === "sechSquared" ? 5 : 2] as const))(
    "%s is within %d ulp of the exact value",
    (name, most) => {
      const round = dtype === "float64" ? (x: number) => x : Math.fround;
      const xs = argumentsFor(name, dtype, 1200).map(round);
      const ys = vectorFunction(dtype, elementary[name])(xs);
      const errors = xs.map((x, i) => ulpError(ys[i]!, exact[name](x), dtype));
      const worst = errors.reduce((best, error, i) => (error > errors[best]! ? i : best), 0);
      expect({ x: xs[worst], error: errors[worst] }).toSatisfy(
        ({ error }: { error: number }) => error <= most,
      );
    },
  );

  it("measures errors that it would refuse", () => {
    const off = vectorFunction(dtype, (fn, L, x) =>
      L.mul(elementary.exp(fn, L, x), L.constant(1 + (dtype === "float64" ? 2 ** -50 : 2 ** -21))),
    );
    const xs = uniform(-1, 1, 50).map((x) => (dtype === "float64" ? x : Math.fround(x)));
    const errors = Array.from(off(xs), (y, i) => ulpError(y, exact.exp(xs[i]!), dtype));
    expect(Math.max(...errors)).toBeGreaterThan(2);
  });
});
