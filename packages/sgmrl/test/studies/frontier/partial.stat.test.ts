import { fold, key, normal } from "@sgmrl/autodiff/random";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  planFor,
  type ScoreStatistics,
  scoreStatistics,
  squaredError,
  type Terms,
  tasksIn,
} from "../../../src/studies/frontier/partial.ts";
import { addScaled, dot } from "../../../src/vector.ts";

const positive = fc.double({ min: 1e-3, max: 1e3, noNaN: true });
const statistics: fc.Arbitrary<ScoreStatistics> = fc
  .record({
    mu2: positive,
    pathwiseVariance: positive,
    variance: positive,
    correlation: fc.double({ min: -1, max: 1, noNaN: true }),
  })
  .map(({ mu2, pathwiseVariance, variance, correlation }) => ({
    squaredMean: mu2,
    meanProduct: mu2,
    squaredReference: mu2,
    pathwiseVariance,
    variance,
    covariance: correlation * Math.sqrt(pathwiseVariance * variance),
  }));

describe("planFor [eq:partial-debiasing]", () => {
  it("foresees no larger error than any other coefficient and share would give", () => {
    fc.assert(
      fc.property(
        statistics,
        positive,
        positive,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.constantFrom(1, 1 / 2, 1 / 32),
        (found, score, time, coefficient, share) => {
          const cost = { pathwise: 1, score };
          const best = squaredError(found, planFor(found, cost, time), cost, time).total;
          expect(best).toBeLessThanOrEqual(
            squaredError(found, { coefficient, share }, cost, time).total * (1 + 1e-9),
          );
        },
      ),
    );
  });

  it("is never behind MAML by more than what watching the score term costs", () => {
    fc.assert(
      fc.property(statistics, positive, positive, (found, score, time) => {
        const cost = { pathwise: 1, score };
        const maml = squaredError(found, { coefficient: 0, share: 1 }, { ...cost, score: 0 }, time).total;
        const best = squaredError(found, planFor(found, cost, time), cost, time).total;
        expect(best).toBeLessThanOrEqual(maml * (1 + score / 32) * (1 + 1e-9));
      }),
    );
  });

  it("the bias that is left: at most (√tr cov(S̃) + √tr cov(P))/(2√B), whatever the score term is", () => {
    fc.assert(
      fc.property(statistics, positive, positive, (found, score, time) => {
        const cost = { pathwise: 1, score };
        const { coefficient, share } = planFor(found, cost, time);
        const noise = (found.variance + found.squaredMean) / share - found.squaredMean;
        const bias = (1 - coefficient) * Math.sqrt(found.squaredMean);
        const bound =
          (Math.sqrt(noise) + Math.sqrt(found.pathwiseVariance)) /
          (2 * Math.sqrt(tasksIn(time, cost, share)));
        expect(bias).toBeLessThanOrEqual(bound * (1 + 1e-9));
      }),
    );
  });
});

describe("scoreStatistics [eq:score-statistics]", () => {
  it("are the sums over pairs that they are said to be", () => {
    const vector = (i: number): Float64Array => normal(fold(key(3), i), 3);
    const tasks = Array.from(
      { length: 4 },
      (_, i): Terms => ({
        pathwise: vector(3 * i),
        score: vector(3 * i + 1),
        reference: vector(3 * i + 2),
      }),
    );
    const overPairs = (x: keyof Terms, y: keyof Terms): number =>
      tasks.reduce(
        (sum, a, i) => sum + tasks.reduce((s, b, k) => s + (i === k ? 0 : dot(a[x], b[y])), 0),
        0,
      ) / 12;
    const covariance = (x: keyof Terms, y: keyof Terms): number => {
      const centred = (term: keyof Terms): Float64Array[] => {
        const total = tasks.reduce<Float64Array>(
          (sum, task) => addScaled(sum, 1 / 4, task[term]),
          new Float64Array(3),
        );
        return tasks.map((task) => addScaled(task[term], -1, total));
      };
      const [a, b] = [centred(x), centred(y)];
      return a.reduce((sum, row, i) => sum + dot(row, b[i]!), 0) / 3;
    };
    const found = scoreStatistics(tasks);
    expect(found.squaredMean).toBeCloseTo(overPairs("score", "score"), 12);
    expect(found.meanProduct).toBeCloseTo(overPairs("score", "reference"), 12);
    expect(found.squaredReference).toBeCloseTo(overPairs("reference", "reference"), 12);
    expect(found.variance).toBeCloseTo(covariance("score", "score"), 12);
    expect(found.pathwiseVariance).toBeCloseTo(covariance("pathwise", "pathwise"), 12);
    expect(found.covariance).toBeCloseTo(covariance("pathwise", "score"), 12);
  });

  it("need two tasks", () => {
    const x = Float64Array.of(1);
    expect(() => scoreStatistics([{ pathwise: x, score: x, reference: x }])).toThrow(
      "at least 2 tasks, got 1",
    );
  });

  // Four standard errors of simulated batches; a false alarm in one run of 16,000.
  it("squaredError is the error that simulation finds, the share included", () => {
    const [B, coefficient, share, simulations] = [8, 0.6, 1 / 4, 4000];
    const mu = 0.5; // of S, in one dimension; P ~ N(2, 1), S ~ N(mu, 1), correlated ½
    const found: ScoreStatistics = {
      squaredMean: mu ** 2,
      meanProduct: mu ** 2,
      squaredReference: mu ** 2,
      pathwiseVariance: 1,
      variance: 1,
      covariance: 0.5,
    };
    const errors = Array.from({ length: simulations }, (_, run) => {
      const z = normal(fold(key(9), run), 3 * B);
      let estimate = 0;
      for (let i = 0; i < B; i++) {
        const pathwise = 2 + z[3 * i]!;
        const score = mu + 0.5 * z[3 * i]! + Math.sqrt(0.75) * z[3 * i + 1]!;
        const scored = z[3 * i + 2]! < -0.6744897501960817; // with probability ¼
        estimate += (pathwise + (scored ? (coefficient / share) * score : 0)) / B;
      }
      return (estimate - (2 + mu)) ** 2;
    });
    const centre = errors.reduce((sum, x) => sum + x, 0) / simulations;
    const deviation = Math.sqrt(errors.reduce((sum, x) => sum + (x - centre) ** 2, 0) / simulations);
    const { total } = squaredError(found, { coefficient, share }, { pathwise: 1, score: 0 }, B);
    expect(Math.abs(centre - total)).toBeLessThan((4 * deviation) / Math.sqrt(simulations));
  });
});
