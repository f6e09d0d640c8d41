import { fold, key, normal } from "@sgmrl/autodiff/random";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addScaled, dot } from "../../../../src/arithmetic.ts";
import {
  bestCoefficient,
  type DrawnTerms,
  type Noise,
  noiseOf,
  over,
  type ScoreMeans,
  scoreMeans,
  squaredError,
} from "../../../../src/experiments/studies/frontier/two-terms.ts";

const positive = fc.double({ min: 1e-3, max: 1e3, noNaN: true });
const unit = fc.double({ min: 0, max: 1, noNaN: true });
const noises: fc.Arbitrary<Noise> = fc
  .record({ pathwise: positive, score: positive, correlation: fc.double({ min: -1, max: 1, noNaN: true }) })
  .map(({ pathwise, score, correlation }) => ({
    pathwise,
    score,
    covariance: correlation * Math.sqrt(pathwise * score),
  }));
const unbiased = (mu2: number): ScoreMeans => ({ squaredMean: mu2, meanProduct: mu2, squaredReference: mu2 });

describe("bestCoefficient [eq:score-coefficient]", () => {
  it("has no larger error than any other coefficient, MAML's 0 among them", () => {
    fc.assert(
      fc.property(positive, noises, unit, (mu2, noise, c) => {
        const means = unbiased(mu2);
        const best = squaredError(means, noise, bestCoefficient(means, noise)).total;
        expect(best).toBeLessThanOrEqual(squaredError(means, noise, c).total * (1 + 1e-9));
        expect(best).toBeLessThanOrEqual(squaredError(means, noise, 0).total * (1 + 1e-9));
      }),
    );
  });

  it("leaves a bias of at most (√tr cov(S̄) + √tr cov(P̄))/2, whatever the score term is", () => {
    fc.assert(
      fc.property(positive, noises, (mu2, noise) => {
        const bias = (1 - bestCoefficient(unbiased(mu2), noise)) * Math.sqrt(mu2);
        const bound = (Math.sqrt(noise.score) + Math.sqrt(noise.pathwise)) / 2;
        expect(bias).toBeLessThanOrEqual(bound * (1 + 1e-9));
      }),
    );
  });

  it("goes to 1 as the batch grows", () => {
    fc.assert(
      fc.property(positive, noises, (mu2, noise) => {
        expect(bestCoefficient(unbiased(mu2), over(1e12, noise))).toBeGreaterThan(1 - 1e-4);
      }),
    );
  });
});

describe("statistics of the score term [eq:score-statistics]", () => {
  it("are the sums over pairs, and the covariances, that they are said to be", () => {
    const vector = (i: number): Float64Array => normal(fold(key(3), i), 3);
    const tasks = Array.from(
      { length: 4 },
      (_, i): DrawnTerms => ({
        pathwise: vector(3 * i),
        score: vector(3 * i + 1),
        reference: vector(3 * i + 2),
      }),
    );
    const overPairs = (x: keyof DrawnTerms, y: keyof DrawnTerms): number =>
      tasks.reduce(
        (sum, a, i) => sum + tasks.reduce((s, b, k) => s + (i === k ? 0 : dot(a[x], b[y])), 0),
        0,
      ) / 12;
    const covariance = (x: keyof DrawnTerms, y: keyof DrawnTerms): number => {
      const centred = (term: keyof DrawnTerms): Float64Array[] => {
        const total = tasks.reduce<Float64Array>(
          (sum, task) => addScaled(sum, 1 / 4, task[term]),
          new Float64Array(3),
        );
        return tasks.map((task) => addScaled(task[term], -1, total));
      };
      const [a, b] = [centred(x), centred(y)];
      return a.reduce((sum, row, i) => sum + dot(row, b[i]!), 0) / 3;
    };
    const means = scoreMeans(tasks);
    expect(means.squaredMean).toBeCloseTo(overPairs("score", "score"), 12);
    expect(means.meanProduct).toBeCloseTo(overPairs("score", "reference"), 12);
    expect(means.squaredReference).toBeCloseTo(overPairs("reference", "reference"), 12);
    const noise = noiseOf(tasks);
    expect(noise.score).toBeCloseTo(covariance("score", "score"), 12);
    expect(noise.pathwise).toBeCloseTo(covariance("pathwise", "pathwise"), 12);
    expect(noise.covariance).toBeCloseTo(covariance("pathwise", "score"), 12);
  });

  it("need two draws", () => {
    const x = Float64Array.of(1);
    const one: DrawnTerms[] = [{ pathwise: x, score: x, reference: x }];
    expect(() => scoreMeans(one)).toThrow("at least 2 draws, got 1");
    expect(() => noiseOf(one)).toThrow("at least 2 draws, got 1");
  });

  // Four standard errors of simulated batches; a false alarm in one run of 16,000.
  it("squaredError is the error that simulation finds", () => {
    const [B, c, simulations] = [8, 0.6, 4000];
    const mu = 0.5; // of S, in one dimension; P ~ N(2, 1), S ~ N(mu, 1), correlated ½
    const noise = over(B, { pathwise: 1, score: 1, covariance: 0.5 });
    const errors = Array.from({ length: simulations }, (_, run) => {
      const z = normal(fold(key(9), run), 2 * B);
      let estimate = 0;
      for (let i = 0; i < B; i++) {
        const score = mu + 0.5 * z[2 * i]! + Math.sqrt(0.75) * z[2 * i + 1]!;
        estimate += (2 + z[2 * i]! + c * score) / B;
      }
      return (estimate - (2 + mu)) ** 2;
    });
    const centre = errors.reduce((sum, x) => sum + x, 0) / simulations;
    const deviation = Math.sqrt(errors.reduce((sum, x) => sum + (x - centre) ** 2, 0) / simulations);
    const { total } = squaredError(unbiased(mu ** 2), noise, c);
    expect(Math.abs(centre - total)).toBeLessThan((4 * deviation) / Math.sqrt(simulations));
  });
});
