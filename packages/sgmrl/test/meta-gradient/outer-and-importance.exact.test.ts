import { array, grad, logSoftmax, type NdArray, reshape, sum } from "@sgmrl/autodiff";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mean } from "../../src/arithmetic.ts";
import { expectedReturn, expectedReturns } from "../../src/exact/expected-return.ts";
import { logSoftmaxRows, tabularSoftmax } from "../../src/exact/tabular-softmax.ts";
import {
  cumulativeLogRatio,
  effectiveSampleSize,
  perDecisionDifference,
  trajectoryLogRatio,
  weightedReturn,
} from "../../src/meta-gradient/importance.ts";
import { outerEstimate } from "../../src/meta-gradient/outer.ts";
import { returns, type TrajectoryBatch } from "../../src/trajectory.ts";
import { eighths } from "../support/batch.ts";
import { maxAbsDifference, mdps } from "../support/exact-problems.ts";
import { expectation } from "../support/expectation.ts";

const sizes = { states: 2, actions: 2 };
const model = tabularSoftmax(sizes);
const tables = fc.array(eighths, { minLength: 4, maxLength: 4 }).map((logits) => Float64Array.from(logits));
const cases = fc.record({ mdp: mdps(2, 2, 2, 1), theta: tables, other: tables });

describe("what the data after adaptation say", () => {
  it.each(["mean", "fitted"] as const)(
    "[eq:outer-return] [eq:outer-gradient] [eq:outer-baseline-fitted] is J and ∇J on average, for one, two and three trajectories, baseline: %s",
    (baseline) => {
      fc.assert(
        fc.property(cases, fc.integer({ min: 1, max: 3 }), ({ mdp, theta }, M) => {
          const problem = {
            model,
            stepSize: 1,
            discount: mdp.discount,
            surrogate: () => ({
              rows: () => new Float64Array(0),
              products: () => [],
              pullback: (rewards: Float64Array) => ({ rewards }),
            }),
          };
          const estimate = (batch: TrajectoryBatch) =>
            outerEstimate(problem, { steps: [], adapted: theta }, batch, { baseline });
          const J = (logits: NdArray): NdArray =>
            sum(expectedReturns(reshape(logSoftmax(reshape(logits, [2, 2])), [1, 2, 2]), mdp, sizes));
          const meanReturn = expectation(mdp, theta, M, (batch) =>
            Float64Array.of(estimate(batch).meanReturn),
          );
          const gradient = expectation(mdp, theta, M, (batch) => estimate(batch).gradient);
          expect(meanReturn[0]).toBeCloseTo(expectedReturn(logSoftmaxRows(theta, sizes), mdp, sizes), 12);
          expect(maxAbsDifference(gradient, grad(J)(array(theta)).data)).toBeLessThan(1e-12);
        }),
      );
    },
  );
});

describe("importance weights", () => {
  function ratioTo(theta: Float64Array, other: Float64Array, batch: TrajectoryBatch): Float64Array {
    return cumulativeLogRatio(model, batch, model.logProbability(theta, batch), other);
  }

  it("[eq:log-ratio] are products of π(a|s; to)/π(a|s; from) up to each time, the last one kept after the end", () => {
    // Logits ln 3, 0: π = (3/4, 1/4). To logits 0, 0: π = (1/2, 1/2). Ratios 2/3 for action 0, 2 for action 1.
    const from = Float64Array.of(Math.log(3), 0, Math.log(3), 0);
    const batch: TrajectoryBatch = {
      trajectories: 2,
      horizon: 3,
      lengths: Int32Array.of(3, 1),
      observations: Float64Array.of(1, 0, 0, 1, 1, 0, 0, 1, 0, 0, 0, 0),
      actions: Float64Array.of(0, 1, 1, 1, 0, 0),
      rewards: new Float64Array(6),
    };
    const ratio = ratioTo(from, new Float64Array(4), batch);
    expect(maxAbsDifference(ratio.map(Math.exp), [2 / 3, 4 / 3, 8 / 3, 2, 2, 2])).toBeLessThan(1e-14);
    expect(maxAbsDifference(trajectoryLogRatio(batch, ratio).map(Math.exp), [8 / 3, 2])).toBeLessThan(1e-14);
  });

  it("[eq:is-trajectory] [eq:is-per-decision] give the return of the other policy on average", () => {
    fc.assert(
      fc.property(cases, ({ mdp, theta, other }) => {
        const J = expectedReturn(logSoftmaxRows(other, sizes), mdp, sizes);
        const found = expectation(mdp, theta, 2, (batch) => {
          const ratio = ratioTo(theta, other, batch);
          return Float64Array.of(
            weightedReturn(batch, mdp.discount, trajectoryLogRatio(batch, ratio)),
            mean(returns(batch, mdp.discount)) -
              perDecisionDifference(batch, mdp.discount)(ratio, new Float64Array(2 * mdp.horizon)),
          );
        });
        expect(maxAbsDifference(found, [J, J])).toBeLessThan(1e-12);
      }),
    );
  });

  const baselines = fc.array(eighths, { minLength: 2, maxLength: 2 });
  it("[eq:is-difference] is J − J′ on average, whatever the baseline", () => {
    fc.assert(
      fc.property(cases, fc.integer({ min: 1, max: 3 }), baselines, ({ mdp, theta, other }, M, c) => {
        const J = expectedReturn(logSoftmaxRows(theta, sizes), mdp, sizes);
        const Jother = expectedReturn(logSoftmaxRows(other, sizes), mdp, sizes);
        const everywhere = Float64Array.from({ length: M * 2 }, (_, row) => c[row % 2]!);
        const [found] = expectation(mdp, theta, M, (batch) => {
          const difference = perDecisionDifference(batch, mdp.discount);
          return Float64Array.of(difference(ratioTo(theta, other, batch), everywhere));
        });
        expect(found).toBeCloseTo(J - Jother, 12);
      }),
    );
  });

  it("[eq:effective-sample-size] is (Σ w)²/(n Σ w²), whatever the scale of w", () => {
    expect(effectiveSampleSize(Float64Array.of(0, 0, 0))).toBe(1);
    expect(effectiveSampleSize(Float64Array.of(0, Math.log(2)))).toBeCloseTo(9 / 10, 14); // 3² / (2 · 5)
    expect(effectiveSampleSize(Float64Array.of(-800, -800 + Math.log(2)))).toBeCloseTo(9 / 10, 12);
    expect(effectiveSampleSize(Float64Array.of(0, -1000, -1000, -1000))).toBe(1 / 4);
  });
});
