import type { Adaptation, InnerUpdate } from "../inner/adapt.ts";
import { leaveOneOut } from "../inner/advantage.ts";
import { returns, rewardsToGo, type TrajectoryBatch } from "../trajectory.ts";
import { mean } from "../vector.ts";

/** What the data after adaptation, D_o ~ q(θ_ζ)^M, say of J at θ_ζ. */
export interface OuterEstimate {
  readonly batch: TrajectoryBatch;
  /** Ĵ, the mean return: unbiased for J(θ_ζ). */
  readonly meanReturn: number;
  /** ĝ: unbiased for ∇J(θ_ζ). [d] */
  readonly gradient: Float64Array;
}

/**
 *   Ĵ = (1/M) Σ_j R(τ_j)                                                              [eq:outer-return]
 *   ĝ = (1/M) Σ_j Σ_h ∇ln π(a_h|s_h; θ_ζ) (R^h(τ_j) − b_j^h)                          [eq:outer-gradient]
 *
 * b_j^h is the mean of R^h over the other trajectories: independent of τ_j, so ĝ stays unbiased.
 */
export function outerEstimate(
  { model, discount }: InnerUpdate,
  { adapted }: Adaptation,
  batch: TrajectoryBatch,
): OuterEstimate {
  const M = batch.trajectories;
  const weights = leaveOneOut(batch, rewardsToGo(batch, discount)).map((value) => value / M);
  return {
    batch,
    meanReturn: mean(returns(batch, discount)),
    gradient: model.gradient(adapted, batch, weights),
  };
}
