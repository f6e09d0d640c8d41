import { power } from "./arithmetic.ts";

/**
 * N trajectories of one task, as arrays padded to the horizon H. Row j H + h is step h of trajectory j; rows from
 * lengths[j] on are padding: all zeros, and of no effect as long as their weight is 0.
 */
export interface TrajectoryBatch {
  readonly trajectories: number;
  readonly horizon: number;
  /** [N], each from 1 to H. */
  readonly lengths: Int32Array;
  /** [N, H, observationWidth], [N, H, actionWidth], [N, H]. */
  readonly observations: Float64Array;
  readonly actions: Float64Array;
  readonly rewards: Float64Array;
  /** s_0, …, s_H of each trajectory, if they were recorded: [N, H + 1, stateSize]. */
  readonly states?: Float64Array;
}

/** γ^h r_h of every row: [N, H]. */
export function discountedRewards({ rewards, horizon }: TrajectoryBatch, discount: number): Float64Array {
  const powers = Float64Array.from({ length: horizon }, (_, h) => power(discount, h));
  const discounted = new Float64Array(rewards.length);
  for (let start = 0; start < rewards.length; start += horizon)
    for (let h = 0; h < horizon; h++) discounted[start + h] = powers[h]! * rewards[start + h]!;
  return discounted;
}

/** R(τ_j) = Σ_h γ^h r_h: [N].                                                          [eq:return] */
export function returns(batch: TrajectoryBatch, discount: number): Float64Array {
  const discounted = discountedRewards(batch, discount);
  return Float64Array.from({ length: batch.trajectories }, (_, j) => {
    let total = 0;
    for (let h = 0; h < batch.horizon; h++) total += discounted[j * batch.horizon + h]!;
    return total;
  });
}

/**
 * R^h(τ) = Σ_{t ≥ h} γ^t r_t of every row: [N, H].                                      [eq:reward-to-go]
 *
 * Discounted from time 0, not from h: only so is Σ_h ∇log π R^h an unbiased estimate of ∇J for γ < 1.
 */
export function rewardsToGo(batch: TrajectoryBatch, discount: number): Float64Array {
  const { horizon, trajectories } = batch;
  const discounted = discountedRewards(batch, discount);
  const toGo = new Float64Array(discounted.length);
  for (let j = 0; j < trajectories; j++) {
    let total = 0;
    for (let h = horizon - 1; h >= 0; h--) {
      total += discounted[j * horizon + h]!;
      toGo[j * horizon + h] = total;
    }
  }
  return toGo;
}

/** Whether row j H + h is a step that was taken. */
export function isStep({ horizon, lengths }: TrajectoryBatch, row: number): boolean {
  return row % horizon < lengths[Math.floor(row / horizon)]!;
}

/** Time steps of the whole batch. */
export function timesteps({ lengths }: TrajectoryBatch): number {
  return lengths.reduce((total, length) => total + length, 0);
}

/** The trajectories with the given indices, as a separate batch. */
export function pick(batch: TrajectoryBatch, chosen: readonly number[]): TrajectoryBatch {
  const { horizon, trajectories } = batch;
  const rows = (source: Float64Array): Float64Array => {
    const length = source.length / trajectories;
    const picked = new Float64Array(length * chosen.length);
    chosen.forEach((j, i) => {
      picked.set(source.subarray(j * length, (j + 1) * length), i * length);
    });
    return picked;
  };
  return {
    trajectories: chosen.length,
    horizon,
    lengths: Int32Array.from(chosen, (j) => batch.lengths[j]!),
    observations: rows(batch.observations),
    actions: rows(batch.actions),
    rewards: rows(batch.rewards),
    ...(batch.states === undefined ? {} : { states: rows(batch.states) }),
  };
}
