import { fold, key, normal } from "@sgmrl/autodiff/random";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addScaled, mean, sub } from "../../../src/arithmetic.ts";
import { Blocks } from "../../../src/experiments/studies/frontier/blocks.ts";
import {
  clippedAtMedian,
  latinHypercube,
  withControlVariate,
} from "../../../src/experiments/studies/quieter.ts";

const noiseOf = (seed: number, N: number, size: number) => ({
  world: [],
  actions: Array.from({ length: N }, (_, j) => normal(fold(key(seed), j), size)),
  horizon: size,
});

describe("latinHypercube [eq:latin-hypercube]", () => {
  it("puts one trajectory into each interval of probability 1/N, in the order of the noise it replaces", () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 5 }),
        (seed, N, size) => {
          const noise = noiseOf(seed, N, size);
          const found = latinHypercube(noise, fold(key(seed), N)).actions;
          for (let k = 0; k < size; k++) {
            const order = (rows: readonly Float64Array[]) =>
              [...rows.keys()].sort((a, b) => rows[a]![k]! - rows[b]![k]!);
            expect(order(found)).toEqual(order(noise.actions));
            const strata = order(found).map((j) => Math.floor(N * distribution(found[j]![k]!) + 1e-9));
            expect(strata).toEqual([...found.keys()]);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  // Mean and variance of the first trajectory over 4,000 sets: each beyond 4.4 standard errors once in 100,000.
  it("leaves the law of each trajectory alone, and stills the mean of all", () => {
    const sets = Array.from(
      { length: 4000 },
      (_, i) => latinHypercube(noiseOf(i, 5, 1), fold(key(i), 9)).actions,
    );
    const first = sets.map(([row]) => row![0]!);
    expect(Math.abs(mean(first))).toBeLessThan(4.4 / Math.sqrt(4000));
    expect(Math.abs(mean(first.map((x) => x * x)) - 1)).toBeLessThan(4.4 * Math.sqrt(2 / 4000));
    const means = sets.map((rows) => mean(rows.map((row) => row[0]!)));
    // 1/5 for independent noise.
    expect(mean(means.map((x) => x * x))).toBeLessThan(0.05);
  });
});

describe("withControlVariate [eq:control-variate]", () => {
  // y = x + d with d correlated to the noise of x: tr cov of x is 3, of which d explains 3·ρ².
  it("takes off the share of the variance that the difference explains, and no mean", () => {
    const rho = 0.8;
    const draws = Array.from({ length: 2000 }, (_, i) => {
      const [a, b] = [normal(fold(key(1), i), 3), normal(fold(key(2), i), 3)];
      return {
        x: addScaled(Float64Array.of(1, 2, 3), 1, a),
        d: addScaled(
          a.map((v) => 7 * rho * v),
          7 * 0.6,
          b,
        ),
      };
    });
    const [x, d] = [draws.map((draw) => draw.x), draws.map((draw) => draw.d)];
    const found = withControlVariate(x, d);
    const ratio = new Blocks(found, 20).moments().variance / new Blocks(x, 20).moments().variance;
    expect(ratio).toBeCloseTo(1 - rho * rho, 1);
    const shift = new Blocks(
      found.map((row, i) => sub(row, x[i]!)),
      20,
    ).moments();
    expect(Math.abs(shift.squaredMean)).toBeLessThan((20 * shift.variance) / 2000);
  });
});

describe("clippedAtMedian [eq:clipped-score]", () => {
  it("bounds norms by κ medians of the earlier ones, keeping directions; by hand", () => {
    const found = clippedAtMedian(
      [
        [3, 4],
        [0, 100],
        [6, 8],
        [-30, 40],
        [300, 400],
      ].map((S) => Float64Array.from(S)),
      2,
      3,
    );
    // Norms 5, 100, 10, 50, 500; medians before the fourth and the fifth: 10 and 30.
    expect(found.map((S) => [...S])).toEqual([
      [3, 4],
      [0, 100],
      [6, 8],
      [-12, 16],
      [36, 48],
    ]);
  });
});

/** Φ by its series (Abramowitz & Stegun 26.2.10). */
function distribution(x: number): number {
  let [sum, term] = [0, x];
  for (let n = 0; n < 200; n++) {
    sum += term / (2 * n + 1);
    term *= (-x * x) / (2 * (n + 1));
  }
  return 0.5 + sum / Math.sqrt(2 * Math.PI);
}
