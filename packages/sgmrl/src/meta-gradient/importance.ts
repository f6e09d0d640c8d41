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
 *   Ĵ − b = −(1/M) Σ_o Σ_h (w_{o,h} − 1) (γ^h r_{o,h} − c_{o,h})
 *
 * Since E[w_{o,h} − 1] = 0, a baseline c that is independent of w adds no bias. Near the mean of γ^h r_h, it removes what
 * all trajectories have in common.
 *
 * Shapes  logRatio, baseline: [M, H] → []
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
      total += expm1(logRatio[row]!) * (rewards[row]! - baseline[row]!);
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

/** Trajectories, and a weight of each of their steps: [n, H]. */
export interface Weighted {
  readonly batch: TrajectoryBatch;
  readonly v: Float64Array;
}

/**
 * Σ v_h γ^h r_h / Σ v_h over all trajectories but τ_o itself, for each o of `own` and each h; `otherwise` where Σ v_h is 0,
 * or a sum overflows or is NaN.
 *
 * Shapes  otherwise: [H] → [M, H]
 */
export function weightedMeanOfOthers(
  own: Weighted,
  further: Weighted,
  discount: number,
  otherwise: Float64Array,
): Float64Array {
  const { trajectories: M, horizon: H } = own.batch;
  const rewards = discountedRewards(own.batch, discount);
  const [totals, sums] = [new Float64Array(M * H), new Float64Array(M * H)];
  const [total, sum] = [new Float64Array(H), new Float64Array(H)];
  discountedRewards(further.batch, discount).forEach((reward, row) => {
    total[row % H]! += further.v[row]! * reward;
    sum[row % H]! += further.v[row]!;
  });
  /** Adds to a row what was met before it: the trajectories before τ_o in one pass, those after it in the other. */
  const meet = (row: number): void => {
    const h = row % H;
    totals[row]! += total[h]!;
    sums[row]! += sum[h]!;
    total[h]! += own.v[row]! * rewards[row]!;
    sum[h]! += own.v[row]!;
  };
  for (let row = 0; row < M * H; row++) meet(row);
  total.fill(0);
  sum.fill(0);
  for (let row = M * H - 1; row >= 0; row--) meet(row);
  return totals.map((value, row) => {
    const isUsable = sums[row]! > 0 && Number.isFinite(sums[row]!) && Number.isFinite(value);
    return isUsable ? value / sums[row]! : otherwise[row % H]!;
  });
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
