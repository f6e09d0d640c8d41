/** The baseline of the per-decision jackknife: its formula, that it is the best, and what it does to the variance. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mean } from "../../src/arithmetic.ts";
import { moments } from "../../src/exact/moments.ts";
import { valueAndGradient } from "../../src/exact/objective.ts";
import type { ExactProblem } from "../../src/exact/problem.ts";
import { logSoftmaxRows, tabularSoftmax } from "../../src/exact/tabular-softmax.ts";
import { twoState } from "../../src/experiments/audit/default-problems.ts";
import { needle, rivals, twoDoors } from "../../src/experiments/problems.ts";
import { adapt, adaptFrom, type InnerUpdate } from "../../src/inner/adapt.ts";
import { surrogateWeights } from "../../src/inner/surrogate-weights.ts";
import { findEstimator } from "../../src/meta-gradient/catalogue.ts";
import { surrogateHessian } from "../../src/meta-gradient/curvature.ts";
import type { Estimator, Multipliers } from "../../src/meta-gradient/estimator.ts";
import {
  cumulativeLogRatio,
  perDecisionDifference,
  weightedMeanRewards,
} from "../../src/meta-gradient/importance.ts";
import { jackknife } from "../../src/meta-gradient/jackknife.ts";
import { outerEstimate } from "../../src/meta-gradient/outer.ts";
import { stepDerivatives } from "../../src/meta-gradient/step-derivatives.ts";
import { pick, type TrajectoryBatch } from "../../src/trajectory.ts";
import { batchOf, eighths } from "../support/batch.ts";
import { maxAbsDifference } from "../support/exact-problems.ts";

const [states, actions, horizon, discount] = [2, 2, 2, 0.5];
const sizes = { states, actions };
const model = tabularSoftmax(sizes);
const update: InnerUpdate = {
  model,
  stepSize: 0.7,
  discount,
  surrogate: (data) => surrogateWeights({ advantage: "reward-to-go", convention: "paper" }, data, discount),
};

const steps = fc.record({ state: fc.nat(1), action: fc.nat(1), reward: eighths });
const batchesOf = (N: number): fc.Arbitrary<TrajectoryBatch> =>
  fc
    .array(fc.array(steps, { minLength: 1, maxLength: horizon }), { minLength: N, maxLength: N })
    .map((trajectories) => {
      const rewards = trajectories.map((each) => each.map(({ reward }) => reward));
      const batch = batchOf(horizon, rewards, { observationWidth: states });
      trajectories.forEach((each, j) => {
        each.forEach(({ state, action }, h) => {
          batch.observations[states * (j * horizon + h) + state] = 1;
          batch.actions[j * horizon + h] = action;
        });
      });
      return batch;
    });

/** π(a_k|s_k; θ) of step k of τ_j. */
function probability(theta: Float64Array, batch: TrajectoryBatch, j: number, k: number): number {
  const row = j * horizon + k;
  const state = batch.observations[states * row] === 1 ? 0 : 1;
  return Math.exp(logSoftmaxRows(theta, sizes)[actions * state + batch.actions[row]!]!);
}

/** Π_{k ≤ h} π(a_k|s_k; to)/π(a_k|s_k; from), over the steps that there are. */
function ratio(batch: TrajectoryBatch, j: number, h: number, to: Float64Array, from: Float64Array): number {
  const count = Math.min(h + 1, batch.lengths[j]!);
  return Array.from(
    { length: count },
    (_, k) => probability(to, batch, j, k) / probability(from, batch, j, k),
  ).reduce((product, factor) => product * factor, 1);
}

const theta = fc.array(eighths, { minLength: 4, maxLength: 4 }).map((logits) => Float64Array.from(logits));
const data = fc
  .record({ N: fc.constantFrom(1, 2, 3), zeta: fc.constantFrom(1, 2), M: fc.constantFrom(1, 2) })
  .chain(({ N, zeta, M }) =>
    fc.record({
      theta,
      inner: fc.array(batchesOf(N), { minLength: zeta, maxLength: zeta }),
      D: batchesOf(M),
    }),
  );

describe("[eq:jackknife-baseline]", () => {
  it("c_h weighs D_ζ by (w − 1)² and by its own policy; earlier steps and N = 1 do not", () => {
    let [weighted, plain] = [0, 0];
    fc.assert(
      fc.property(data, ({ theta, inner, D }) => {
        const adaptation = adaptFrom(update, theta, inner.length, (_, t) => inner[t - 1]!);
        const { steps, adapted } = adaptation;
        const outer = outerEstimate(update, adaptation, D);
        const [N, M] = [inner[0]!.trajectories, D.trajectories];
        for (const [i, step] of steps.entries()) {
          const derivatives = stepDerivatives(update, step, surrogateHessian, [outer.gradient]);
          const at = { update, adaptation, outer, t: i + 1, step, lambda: outer.gradient, derivatives };
          const { multipliers } = jackknife("per-decision")(at) as Multipliers;
          for (let j = 0; j < N; j++) {
            const rest = pick(
              step.batch,
              Array.from({ length: N }, (_, k) => k).filter((k) => k !== j),
            );
            const moved =
              N === 1 ? step.theta : adapt(update, step.theta, rest, update.surrogate(rest).rows());
            let [current, W] = [moved, 1];
            for (const { theta: from, batch, weights } of steps.slice(i + 1)) {
              for (let k = 0; k < N; k++) W *= ratio(batch, k, horizon - 1, current, from);
              current = adapt(update, current, batch, weights);
            }
            let expected = 0;
            for (let h = 0; h < horizon; h++) {
              const rewards = Array.from({ length: N }, (_, k) => discount ** h * rewardAt(step.batch, k, h));
              const v = rewards.map((_, k) =>
                i + 1 === steps.length
                  ? (ratio(step.batch, k, h, moved, adapted) - 1) ** 2 *
                    ratio(step.batch, k, h, adapted, step.theta)
                  : 1,
              );
              const total = v.reduce((sum, x) => sum + x, 0);
              if (i + 1 < steps.length) plain++;
              else if (N > 1 && total > 0) weighted++;
              const c =
                N === 1
                  ? 0
                  : total > 0
                    ? v.reduce((sum, x, k) => sum + x * rewards[k]!, 0) / total
                    : rewards.reduce((sum, r) => sum + r, 0) / N;
              for (let o = 0; o < M; o++)
                expected -=
                  ((W * ratio(D, o, h, current, adapted) - 1) * (discount ** h * rewardAt(D, o, h) - c)) / M;
            }
            expect(Math.abs(multipliers[j]! - expected)).toBeLessThan(1e-11 * (1 + Math.abs(expected)));
          }
        }
      }),
      { numRuns: 300 },
    );
    expect(Math.min(weighted, plain)).toBeGreaterThan(100);
  });

  // Two arms, θ → θ′: E[(w − 1)(r − c)] is the same for every c, its second moment least at c*.
  it("E[(w − 1)² r]/E[(w − 1)²] is the c of the least second moment", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.05, max: 0.95, noNaN: true }),
        fc.double({ min: 0.05, max: 0.95, noNaN: true }),
        eighths,
        eighths,
        (p, moved, first, second) => {
          fc.pre(Math.abs(p - moved) > 1e-3);
          const arms = [
            { q: p, w: moved / p, r: first },
            { q: 1 - p, w: (1 - moved) / (1 - p), r: second },
          ];
          const average = (f: (arm: (typeof arms)[number]) => number): number =>
            arms.reduce((sum, arm) => sum + arm.q * f(arm), 0);
          const batch = batchOf(1, [[first], [second]]);
          const v = Float64Array.from(arms, ({ q, w }) => q * (w - 1) ** 2);
          const best = weightedMeanRewards(batch, 1, v, new Float64Array(1));
          expect(best[0]).toBeCloseTo(
            average(({ w, r }) => (w - 1) ** 2 * r) / average(({ w }) => (w - 1) ** 2),
            10,
          );
          const secondMoment = (c: number): number =>
            arms.reduce((sum, { q, w }, j) => {
              const one = perDecisionDifference(pick(batch, [j]), 1)(
                Float64Array.of(Math.log(w)),
                Float64Array.of(c),
              );
              return sum + q * one ** 2;
            }, 0);
          const least = secondMoment(best[0]!);
          for (const away of [-1, -0.1, 0.1, 1])
            expect(secondMoment(best[0]! + away)).toBeGreaterThan(least * (1 - 1e-12));
        },
      ),
    );
  });

  it("without a weight, or with one that overflows, is the plain mean", () => {
    const batch = batchOf(2, [
      [1, 4],
      [3, 8],
    ]);
    const otherwise = Float64Array.of(2, 3);
    const found = (...v: number[]): Float64Array =>
      weightedMeanRewards(batch, 0.5, Float64Array.from(v), otherwise);
    expect(found(0, 0, 0, 0)).toEqual(otherwise);
    expect(found(1, 1, Number.POSITIVE_INFINITY, 3)).toEqual(Float64Array.of(2, (2 + 12) / 4));
    expect(found(0, Number.NaN, 1, 1)).toEqual(Float64Array.of(3, 3));
  });
});

// docs/math/estimators.md, with the mean of the other trajectories of D_o, and with none.
const arms: ExactProblem = {
  ...rivals(),
  theta: [[0.3, 0]],
  inner: { stepSize: 1, steps: 2, trajectories: 3 },
};
const cases: readonly [string, ExactProblem, perDecision: number, wholePath: number][] = [
  ["needle", { ...needle(0.45, { stepSize: 10, trajectories: 3 }), outerTrajectories: 1 }, 0.139, 0.606],
  [
    "needle, M = 4",
    { ...needle(0.45, { stepSize: 10, trajectories: 3 }), outerTrajectories: 4 },
    0.0734,
    0.226,
  ],
  ["two doors", twoDoors(0.8, { stepSize: 10, trajectories: 4 }), 0.0931, 0.0931],
  [
    "two doors, M = 10",
    { ...twoDoors(0.8, { stepSize: 10, trajectories: 4 }), outerTrajectories: 10 },
    0.0778,
    0.0778,
  ],
  ["two arms, N = 2", rivals(), 0.284, 1.04],
  ["two arms, ζ = 2, N = 3", arms, 0.134, 0.497],
  ["two states, N = 2", twoState(0.7, 1, 2), 0.173, 0.199],
];
it.each(cases)("[eq:jackknife-baseline] exact variance, %s", (_, problem, perDecision, wholePath) => {
  const found = moments(
    problem,
    ["jackknife-per-decision", "jackknife-whole-path"].map((name) => findEstimator(name)),
  );
  expect(found[0]!.variance / perDecision).toBeCloseTo(1, 2);
  expect(found[1]!.variance / wholePath).toBeCloseTo(1, 2);
});

// Unbiased too, and worse: the mean of γ^h r_h over the other trajectories of D_o, and over D_ζ.
it.each([
  [
    "two doors, M = 2",
    { ...twoDoors(0.8, { stepSize: 10, trajectories: 4 }), outerTrajectories: 2 },
    180,
    56.4,
    0.0931,
  ],
  [
    "two doors, M = 10",
    { ...twoDoors(0.8, { stepSize: 10, trajectories: 4 }), outerTrajectories: 10 },
    36.1,
    11.3,
    0.0778,
  ],
  [
    "needle, M = 4",
    { ...needle(0.45, { stepSize: 10, trajectories: 3 }), outerTrajectories: 4 },
    0.134,
    0.0765,
    0.0734,
  ],
] as const)(
  "[eq:jackknife-baseline] beside two plain means, %s",
  (_, problem, ofOthers, ofData, weighted) => {
    const whole = findEstimator("jackknife-per-decision");
    const withBaseline = (baseline: (data: TrajectoryBatch, rest: TrajectoryBatch) => number): Estimator => ({
      ...whole,
      score: ({ update, step, adaptation: { adapted }, outer: { batch } }) => {
        const everyone = Array.from({ length: step.batch.trajectories }, (_, k) => k);
        const multipliers = everyone.map((j) => {
          const rest = pick(
            step.batch,
            everyone.filter((k) => k !== j),
          );
          const moved = adapt(update, step.theta, rest, update.surrogate(rest).rows());
          const logP = update.model.logProbability(adapted, batch);
          const logWeights = cumulativeLogRatio(update.model, batch, logP, moved);
          return mean(
            Array.from(logWeights, (logWeight, o) => {
              const others = pick(
                batch,
                Array.from(logWeights, (_, k) => k).filter((k) => k !== o),
              );
              return -Math.expm1(logWeight) * (batch.rewards[o]! - baseline(step.batch, others));
            }),
          );
        });
        return { multipliers: Float64Array.from(multipliers) };
      },
    });
    const [a, b, c] = moments(problem, [
      withBaseline((_, others) => mean(others.rewards)),
      withBaseline((data) => mean(data.rewards)),
      whole,
    ]);
    expect(a!.variance / ofOthers).toBeCloseTo(1, 2);
    expect(b!.variance / ofData).toBeCloseTo(1, 2);
    expect(c!.variance / weighted).toBeCloseTo(1, 2);
    const { gradient } = valueAndGradient(problem);
    for (const found of [a!, b!, c!]) expect(maxAbsDifference(found.mean, gradient)).toBeLessThan(1e-9);
  },
);

it("[eq:jackknife-whole-path] exact variance beside next-step weights: two states, H = 1, N = 3, ζ = 2", () => {
  const problem = twoState(0.7, 2, 3);
  const [{ mdp }] = problem.tasks as [ExactProblem["tasks"][number]];
  const short = { ...problem, tasks: [{ weight: 1, mdp: { ...mdp, horizon: 1 } }] };
  const names = ["jackknife-next-step", "jackknife-whole-path", "jackknife-per-decision"];
  const found = moments(
    short,
    names.map((name) => findEstimator(name)),
  );
  [0.604, 0.0108, 0.0121].forEach((variance, i) => {
    expect(found[i]!.variance / variance).toBeCloseTo(1, 2);
  });
});

function rewardAt(batch: TrajectoryBatch, j: number, h: number): number {
  return batch.rewards[j * horizon + h]!;
}
