import { mean } from "../arithmetic.ts";
import type { Adaptation, InnerUpdate } from "../inner/adapt.ts";
import { leaveOneOut } from "../inner/advantage.ts";
import { discountedSums } from "../inner/combination.ts";
import { features, ridgeRegression } from "../inner/feature-baseline.ts";
import { surrogateWeights } from "../inner/surrogate-weights.ts";
import type { OuterRule } from "../settings.ts";
import { discountedRewards, isStep, returns, rewardsToGo, type TrajectoryBatch } from "../trajectory.ts";

/** Estimates of J and its gradient at θ_ζ, from the data after adaptation, D_o ~ q(θ_ζ)^M. */
export interface OuterEstimate {
  readonly batch: TrajectoryBatch;
  /** Ĵ, the mean return: unbiased for J(θ_ζ). */
  readonly meanReturn: number;
  /** ĝ: unbiased for ∇J(θ_ζ), unless the rule is biased. [d] */
  readonly gradient: Float64Array;
}

/** Whether ĝ is biased with this rule: the standardised advantages of public code are. [eq:outer-gradient-reference] */
export function isBiased({ advantage }: OuterRule = {}): boolean {
  return advantage !== undefined;
}

/**
 *   Ĵ = (1/M) Σ_j R(τ_j)                                                              [eq:outer-return]
 *   ĝ = Σ_r w_r ∇ln π(a_r|s_r; θ_ζ)
 *
 *   w_r = (R^h(τ_j) − b_j^h) / M                                                      [eq:outer-gradient]
 *   w_r = (standardised generalised advantage) / (number of rows)                     [eq:outer-gradient-reference]
 *
 * b_j^h is a function of s_h and of the other trajectories: independent of a_h given s_h, so ĝ is unbiased. The second
 * form, of the public code, is not.
 */
export function outerEstimate(
  { model, discount }: InnerUpdate,
  { adapted }: Adaptation,
  batch: TrajectoryBatch,
  rule: OuterRule = {},
): OuterEstimate {
  const weights = outerWeights(rule, batch, discount);
  return {
    batch,
    meanReturn: mean(returns(batch, discount)),
    gradient: model.gradient(adapted, batch, weights),
  };
}

function outerWeights(
  { baseline = "mean", advantage, gaeLambda }: OuterRule,
  batch: TrajectoryBatch,
  discount: number,
): Float64Array {
  if (advantage !== undefined) {
    const lambda = gaeLambda === undefined ? {} : { gaeLambda };
    return surrogateWeights({ advantage, convention: "timestep-mean", ...lambda }, batch, discount).rows();
  }
  const toGo = rewardsToGo(batch, discount);
  const advantages = baseline === "mean" ? leaveOneOut(batch, toGo) : lessFitOfOthers(batch, discount, toGo);
  return advantages.map((value) => value / batch.trajectories);
}

/**
 * R^h(τ_j) − γ^h V_{−j}(s_h, h), V_{−j} the ridge regression on the other trajectories; V = 0 where there are none.
 *                                                                                       [eq:outer-baseline-fitted]
 */
function lessFitOfOthers(batch: TrajectoryBatch, discount: number, toGo: Float64Array): Float64Array {
  const phi = features(batch);
  const fit = ridgeRegression(batch, phi, discountedSums(batch, discount, batch.rewards));
  const values = new Float64Array(toGo.length);
  for (let j = 0; j < batch.trajectories; j++) {
    const w = fit.coefficients(Array.from(batch.lengths, (_, k) => k !== j));
    for (let row = j * batch.horizon; isStep(batch, row) && row < (j + 1) * batch.horizon; row++)
      for (let q = 0; q < w.length; q++) values[row]! += w[q]! * phi[q]![row]!;
  }
  const discounted = discountedRewards({ ...batch, rewards: values }, discount);
  return toGo.map((value, row) => value - discounted[row]!);
}
