import { fold, key, normal } from "@sgmrl/autodiff/random";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addScaled, dot } from "../../src/arithmetic.ts";
import { remember, type ScoreMemory, scoreCoefficient } from "../../src/meta-gradient/score-coefficient.ts";
import { averagingOf } from "../../src/training/optimizer.ts";

const d = 6;
const batch = (seed: number, k: number, noise: number, mean: number) => ({
  pathwise: normal(fold(key(seed), k, 0), d).map((z) => 2 + noise * z),
  score: normal(fold(key(seed), k, 1), d).map((z) => mean + noise * z),
});

function after(batches: readonly { pathwise: Float64Array; score: Float64Array }[]): ScoreMemory {
  return batches.reduce<ScoreMemory | undefined>(
    (memory, { pathwise, score }) => remember(memory, pathwise, score),
    undefined,
  )!; // there is at least one
}

describe("[eq:score-memory] what is remembered", () => {
  it("are the decayed means of products with the means before, written out", () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 2, max: 6 }), (seed, n) => {
        const all = Array.from({ length: n }, (_, k) => batch(seed, k, 1, 0.5));
        const found = after(all);
        const weight = (k: number, at: number): number => 0.9 ** (at - 1 - k);
        const meanBefore = (at: number, of: "pathwise" | "score"): Float64Array => {
          let [sum, total] = [new Float64Array(d), 0];
          for (let k = 0; k < at; k++) {
            sum = addScaled(sum, weight(k, at), all[k]![of]) as Float64Array<ArrayBuffer>;
            total += weight(k, at);
          }
          return sum.map((x) => x / total);
        };
        let [pairs, squaredMean, square, covariance] = [0, 0, 0, 0];
        for (let k = 1; k < n; k++) {
          const w = weight(k, n);
          const { pathwise, score } = all[k]!;
          const [p, s] = [meanBefore(k, "pathwise"), meanBefore(k, "score")];
          pairs += w;
          squaredMean += w * dot(score, s);
          square += w * dot(score, score);
          covariance += w * (dot(pathwise, score) - (dot(pathwise, s) + dot(score, p)) / 2);
        }
        expect(found.pairs).toBeCloseTo(pairs, 12);
        expect(found.squaredMean).toBeCloseTo(squaredMean, 10);
        expect(found.square).toBeCloseTo(square, 10);
        expect(found.covariance).toBeCloseTo(covariance, 10);
      }),
    );
  });
});

describe("[eq:score-coefficient] the coefficient of a run", () => {
  it("is 0 before there is anything to go by, and within [0, 1]", () => {
    const { pathwise, score } = batch(1, 0, 1, 1);
    expect(scoreCoefficient(undefined, 1)).toBe(0);
    expect(scoreCoefficient(remember(undefined, pathwise, score), 1)).toBe(0);
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 2, max: 5 }), fc.constantFrom(0, 1), (seed, n, mean) => {
        const c = scoreCoefficient(after(Array.from({ length: n }, (_, k) => batch(seed, k, 3, mean))), 1);
        expect(c).toBeGreaterThanOrEqual(0);
        expect(c).toBeLessThanOrEqual(1);
      }),
    );
  });

  // E S = ½ in 6 dimensions, noise σ in each: c* = 1.5/(1.5 + 6σ²/W). The memory holds some ten batches, so that single
  // values scatter; their mean over 400 runs of 60 batches lies within 0.06 of c*, which is several standard errors.
  it.each([
    { noise: 0.5, W: 1 },
    { noise: 1, W: 1 },
    { noise: 1, W: 19 },
  ])("is that of least error on average: noise $noise, W = $W", ({ noise, W }) => {
    const found = Array.from({ length: 400 }, (_, run) =>
      scoreCoefficient(after(Array.from({ length: 60 }, (_, k) => batch(1000 + run, k, noise, 0.5))), W),
    );
    const mean = found.reduce((sum, c) => sum + c, 0) / found.length;
    expect(Math.abs(mean - 1.5 / (1.5 + (6 * noise ** 2) / W))).toBeLessThan(0.06);
  });

  it("is 1 without noise, and near 0 without a score term to find", () => {
    expect(scoreCoefficient(after(Array.from({ length: 5 }, (_, k) => batch(2, k, 0, 1))), 1)).toBeCloseTo(
      1,
      12,
    );
    const none = Array.from({ length: 200 }, (_, run) =>
      scoreCoefficient(after(Array.from({ length: 60 }, (_, k) => batch(run, k, 1, 0))), 1),
    );
    expect(none.reduce((sum, c) => sum + c, 0) / none.length).toBeLessThan(0.1);
  });
});

it("[eq:momentum-averaging] momentum has 1/W of the variance of what it averages", () => {
  for (const beta of [0, 0.5, 0.9]) {
    const weights = Array.from({ length: 2000 }, (_, k) => (1 - beta) * beta ** k);
    expect(weights.reduce((sum, w) => sum + w ** 2, 0)).toBeCloseTo(1 / averagingOf(beta), 12);
  }
});

it("[eq:momentum-averaging] noise adds up over the steps as without momentum", () => {
  for (const beta of [0.5, 0.9]) {
    const n = 1000;
    const inSum = new Float64Array(n); // of each gradient, in the sum of the first n averages
    for (let i = 0; i < n; i++) for (let k = i; k < n; k++) inSum[i]! += (1 - beta) * beta ** (k - i);
    const variance = inSum.reduce((sum, w) => sum + w ** 2, 0);
    expect(Math.abs(variance / n - 1)).toBeLessThan(0.02);
  }
});
