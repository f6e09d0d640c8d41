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
import { type Adaptation, adapt, adaptFrom, type InnerUpdate } from "../../src/inner/adapt.ts";
import { surrogateWeights } from "../../src/inner/surrogate-weights.ts";
import { findEstimator } from "../../src/meta-gradient/catalogue.ts";
import { surrogateHessian } from "../../src/meta-gradient/curvature.ts";
import type { Estimator, Multipliers } from "../../src/meta-gradient/estimator.ts";
import {
  cumulativeLogRatio,
  perDecisionDifference,
  weightedMeanOfOthers,
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
  .record({ N: fc.constantFrom(1, 2, 3), zeta: fc.constantFrom(1, 2), M: fc.constantFrom(1, 2, 3) })
  .chain(({ N, zeta, M }) =>
    fc.record({
      theta,
      inner: fc.array(batchesOf(N), { minLength: zeta, maxLength: zeta }),
      D: batchesOf(M),
    }),
  );

/** Ĵ − b of τ_j at step t by the formula, in plain products of probabilities; null where rounding decides a weight. */
function multiplierByHand(
  { steps, adapted }: Adaptation,
  D: TrajectoryBatch,
  t: number,
  j: number,
  count: (what: "none" | "plain" | "weighted" | "mixed") => void,
): number | null {
  const { theta, batch } = steps[t - 1]!;
  const [N, M] = [batch.trajectories, D.trajectories];
  const rest = pick(
    batch,
    [...Array(N).keys()].filter((k) => k !== j),
  );
  const moved = N === 1 ? theta : adapt(update, theta, rest, update.surrogate(rest).rows());
  let [current, W] = [moved, 1];
  for (const { theta: from, batch: later, weights } of steps.slice(t)) {
    for (let k = 0; k < N; k++) W *= ratio(later, k, horizon - 1, current, from);
    current = adapt(update, current, later, weights);
  }
  let found = 0;
  for (let h = 0; h < horizon; h++) {
    const rewardOf = (of: TrajectoryBatch, k: number): number => discount ** h * of.rewards[k * horizon + h]!;
    const plain = N === 1 ? 0 : mean([...Array(N).keys()].map((k) => rewardOf(batch, k)));
    for (let o = 0; o < M; o++) {
      let c = plain;
      if (t === steps.length) {
        const allowed = [
          ...[...Array(N).keys()].filter(() => N > 1).map((k) => ({ of: batch, k })),
          ...[...Array(M).keys()].filter((k) => k !== o).map((k) => ({ of: D, k })),
        ];
        const weighed = allowed.map(({ of, k }) => {
          const change = ratio(of, k, h, moved, adapted) - 1;
          const rho = ratio(of, k, h, adapted, theta);
          return { change, v: change ** 2 / ((N > 1 ? N / rho : 0) + M - 1), reward: rewardOf(of, k) };
        });
        const isRounding = weighed.length > 0 && weighed.every(({ change }) => Math.abs(change) < 1e-9);
        if (isRounding && maxAbsDifference(moved, adapted) > 0) return null;
        const total = weighed.reduce((sum, { v }) => sum + v, 0);
        if (total > 0) c = weighed.reduce((sum, { v, reward }) => sum + v * reward, 0) / total;
        count(weighed.length === 0 ? "none" : total === 0 ? "plain" : N > 1 && M > 1 ? "mixed" : "weighted");
      } else count("plain");
      found -= ((W * ratio(D, o, h, current, adapted) - 1) * (rewardOf(D, o) - c)) / M;
    }
  }
  return found;
}

describe("[eq:jackknife-baseline]", () => {
  it("c_{o,h} is the weighted mean of D_ζ and the others of D_o; before the last step that of D_t", () => {
    const counts = { none: 0, plain: 0, weighted: 0, mixed: 0 };
    let compared = 0;
    fc.assert(
      fc.property(data, ({ theta, inner, D }) => {
        const adaptation = adaptFrom(update, theta, inner.length, (_, t) => inner[t - 1]!);
        const outer = outerEstimate(update, adaptation, D);
        for (const [i, step] of adaptation.steps.entries()) {
          const derivatives = stepDerivatives(update, step, surrogateHessian, [outer.gradient]);
          const at = { update, adaptation, outer, t: i + 1, step, lambda: outer.gradient, derivatives };
          const { multipliers } = jackknife("per-decision")(at) as Multipliers;
          multipliers.forEach((found, j) => {
            const expected = multiplierByHand(adaptation, D, i + 1, j, (what) => {
              counts[what]++;
            });
            if (expected === null) return;
            compared++;
            expect(Math.abs(found - expected)).toBeLessThan(1e-11 * (1 + Math.abs(expected)));
          });
        }
      }),
      { numRuns: 600 },
    );
    expect(Math.min(...Object.values(counts))).toBeGreaterThan(50);
    expect(compared).toBeGreaterThan(300);
  });

  // Two arms, θ → θ′: E[(w − 1)(r − c)] is the same for every c, its second moment least at c*.
  it("E[(w − 1)² r]/E[(w − 1)²] is the c of the least second moment", () => {
    const probability = fc.double({ min: 0.05, max: 0.95, noNaN: true });
    fc.assert(
      fc.property(probability, probability, eighths, eighths, (p, moved, first, second) => {
        fc.pre(Math.abs(p - moved) > 1e-3);
        const arms = [
          { q: p, w: moved / p, r: first },
          { q: 1 - p, w: (1 - moved) / (1 - p), r: second },
        ];
        const average = (f: (arm: (typeof arms)[number]) => number): number =>
          arms.reduce((sum, arm) => sum + arm.q * f(arm), 0);
        const batch = batchOf(1, [[first], [second]]);
        const v = Float64Array.from(arms, ({ q, w }) => q * (w - 1) ** 2);
        const alone = { batch: batchOf(1, [[7]]), v: Float64Array.of(1) }; // leaves itself out
        const [best] = weightedMeanOfOthers(alone, { batch, v }, 1, new Float64Array(1));
        const formula = average(({ w, r }) => (w - 1) ** 2 * r) / average(({ w }) => (w - 1) ** 2);
        expect(best).toBeCloseTo(formula, 10);
        const secondMoment = (c: number): number =>
          arms.reduce((sum, { q, w }, j) => {
            const difference = perDecisionDifference(pick(batch, [j]), 1);
            return sum + q * difference(Float64Array.of(Math.log(w)), Float64Array.of(c)) ** 2;
          }, 0);
        const least = secondMoment(best!);
        for (const away of [-1, -0.1, 0.1, 1])
          expect(secondMoment(best! + away)).toBeGreaterThan(least * (1 - 1e-12));
      }),
    );
  });

  it("of the others, without cancellation; the plain mean where none has a weight, or one overflows", () => {
    const own = batchOf(2, [
      [1, 4],
      [3, 8],
      [5, 2],
    ]);
    const further = { batch: batchOf(2, [[7, 6]]), v: Float64Array.of(1, 0) };
    const otherwise = Float64Array.of(-1, -3);
    const means = (...v: number[]): Float64Array =>
      weightedMeanOfOthers({ batch: own, v: Float64Array.from(v) }, further, 0.5, otherwise);
    // γ = ½: rewards of h = 1 are 2, 4, 1, and 3 of no weight. τ_1 itself has the weight 1e300 at h = 0.
    expect(means(1, 1, 1e300, 0, 1, 0)).toEqual(Float64Array.of(3, -3, (1 + 5 + 7) / 3, 2, 3, 2));
    expect(means(0, 0, 0, 0, 0, 0)).toEqual(Float64Array.of(7, -3, 7, -3, 7, -3));
    expect(means(Number.POSITIVE_INFINITY, Number.NaN, 0, 0, 0, 0)).toEqual(
      Float64Array.of(7, -3, -1, -3, -1, -3),
    );
  });
});

// The variances in docs/math/estimators.md: per decision, and along the whole path.
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
    0.0732,
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
    0.0732,
  ],
] as const)(
  "[eq:jackknife-baseline] beside two plain means, %s",
  (_, problem, ofOthers, ofData, weighted) => {
    const perDecision = findEstimator("jackknife-per-decision");
    const withBaseline = (baseline: (data: TrajectoryBatch, rest: TrajectoryBatch) => number): Estimator => ({
      ...perDecision,
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
      perDecision,
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
