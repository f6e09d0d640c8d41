import { exp, expm1 } from "@sgmrl/autodiff/elementary";
import type { LogLikelihood } from "../policy/log-likelihood.ts";
import { discountedRewards, isStep, type TrajectoryBatch } from "../trajectory.ts";

/**
 * ln Π_{k ≤ h} π(a_k|s_k; to) / π(a_k|s_k; from) of every row: the log of the importance weight up to time h.
 * Transition probabilities cancel. After the end of a trajectory its last weight is kept.   [eq:log-ratio]
 */
export function cumulativeLogRatio(
  model: LogLikelihood,
  batch: TrajectoryBatch,
  logProbability: Float64Array,
  to: Float64Array,
): Float64Array {
  const moved = model.logProbability(to, batch);
  const ratio = new Float64Array(moved.length);
  for (let row = 0; row < ratio.length; row++) {
    const before = row % batch.horizon === 0 ? 0 : ratio[row - 1]!;
    ratio[row] = before + (isStep(batch, row) ? moved[row]! - logProbability[row]! : 0);
  }
  return ratio;
}

/** ln of the weight of each whole trajectory: the last entry of each row of `cumulativeLogRatio`. */
export function trajectoryLogRatio(
  { trajectories, horizon }: TrajectoryBatch,
  ratio: Float64Array,
): Float64Array {
  return Float64Array.from({ length: trajectories }, (_, j) => ratio[(j + 1) * horizon - 1]!);
}

/** Mean return under the target policy, whole-trajectory weights: (1/M) Σ_o w_o R(τ_o).     [eq:is-trajectory] */
export function weightedReturn(batch: TrajectoryBatch, discount: number, logWeights: Float64Array): number {
  const discounted = discountedRewards(batch, discount);
  let total = 0;
  discounted.forEach((reward, row) => {
    total += exp(logWeights[Math.floor(row / batch.horizon)]!) * reward;
  });
  return total / batch.trajectories;
}

/**
 * The decrease of the mean return under a target policy, by per-decision weights, as a function of that policy's
 * log-ratios and of a baseline.
 *                                                                     [eq:is-per-decision] [eq:is-difference]
 *   Ĵ − b = −(1/M) Σ_o Σ_h (w_{o,h} − 1) (γ^h r_{o,h} − c_h)
 *
 * Since E[w_{o,h} − 1] = 0, a baseline c that is independent of w adds no bias; it removes what all trajectories have
 * in common.
 *
 * Shapes  logRatio: [M, H], baseline: [H] → []
 * Source  Precup, Sutton & Singh, ICML 2000 (per-decision weights)
 */
export function perDecisionDifference(
  batch: TrajectoryBatch,
  discount: number,
): (logRatio: Float64Array, baseline: Float64Array) => number {
  const rewards = discountedRewards(batch, discount);
  return (logRatio, baseline) => {
    let total = 0;
    for (let row = 0; row < rewards.length; row++)
      total += expm1(logRatio[row]!) * (rewards[row]! - baseline[row % batch.horizon]!);
    return -total / batch.trajectories;
  };
}

/** Mean of γ^h r_h over the trajectories of a batch, for each h: [H]. */
export function meanRewards(batch: TrajectoryBatch, discount: number): Float64Array {
  const means = new Float64Array(batch.horizon);
  discountedRewards(batch, discount).forEach((reward, row) => {
    means[row % batch.horizon]! += reward / batch.trajectories;
  });
  return means;
}

/**
 * Σ_τ v_{τ,h} γ^h r_{τ,h} / Σ_τ v_{τ,h} for each h; `otherwise` where the sum of the weights is 0 or overflows.
 *
 * Shapes  v: [N, H], otherwise: [H] → [H]
 */
export function weightedMeanRewards(
  batch: TrajectoryBatch,
  discount: number,
  v: Float64Array,
  otherwise: Float64Array,
): Float64Array {
  const [sums, totals] = [new Float64Array(batch.horizon), new Float64Array(batch.horizon)];
  discountedRewards(batch, discount).forEach((reward, row) => {
    sums[row % batch.horizon]! += v[row]!;
    totals[row % batch.horizon]! += v[row]! * reward;
  });
  return totals.map((total, h) =>
    sums[h]! > 0 && Number.isFinite(sums[h]!) ? total / sums[h]! : otherwise[h]!,
  );
}

/** (Σ w)² / (n Σ w²), from ln w: the effective sample size as a fraction of n.          [eq:effective-sample-size] */
export function effectiveSampleSize(logWeights: Float64Array): number {
  const largest = logWeights.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  let [sum, squares] = [0, 0];
  for (const logWeight of logWeights) {
    const w = exp(logWeight - largest);
    sum += w;
    squares += w * w;
  }
  return (sum * sum) / (logWeights.length * squares);
}
