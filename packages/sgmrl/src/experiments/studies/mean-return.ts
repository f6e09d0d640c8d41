/** The mean return of a batch as a function of its data, to be differentiated through the simulator. */
import type { BatchCotangents } from "../../meta-gradient/reparameterised/sweep.ts";
import { discountedRewards, type TrajectoryBatch } from "../../trajectory.ts";

/** The partial derivatives of Ĵ = 1/N Σ_j Σ_h γ^h r_jh. */
export function ofMeanReturn(batch: TrajectoryBatch, discount: number): BatchCotangents {
  const N = batch.trajectories;
  return {
    rewards: discountedRewards({ ...batch, rewards: batch.rewards.map(() => 1 / N) }, discount),
    observations: new Float64Array(batch.observations.length),
    actions: new Float64Array(batch.actions.length),
  };
}
