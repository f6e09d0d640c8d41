import { type InnerSteps, objectiveBounds, updateExpansion } from "./objective-bounds.ts";
import type { TaskBounds } from "./task-bounds.ts";

/**
 * σ_g² ≥ E‖ĝ‖², for M outer trajectories with leave-one-out baselines.                  [eq:outer-second-moment]
 *
 *   σ_g² = g₂²                                                                    M = 1
 *   σ_g² = (R̄ḠΓ_½)² min( 4, L/Ḡ² + (2/√M + √(2/(M(M−1))))² )                      M ≥ 2
 */
export function outerSecondMoment(task: TaskBounds, outerTrajectories: number): number {
  const M = outerTrajectories;
  if (M === 1) return task.stochasticGradientRms ** 2;
  const deviation = task.centredGradientRms * (2 / Math.sqrt(M) + Math.sqrt(2 / (M * (M - 1))));
  return Math.min(4 * task.centredGradientRms ** 2, task.gradient ** 2 + deviation ** 2);
}

/** The estimators that docs/theory.md bounds the second moment of. */
export type BoundedEstimator = "sgmrl" | "maml" | "jackknife-linear";

/**
 * A bound on E‖λ_0‖², hence on the variance of one task's estimate.                     [eq:estimator-second-moment]
 *
 *   (E‖λ_0‖²)^½ ≤ u^ζ σ_g + RΓ₀ Ḡ √(NH) (1 + u + … + u^{ζ−1})        "sgmrl"
 *   (E‖λ_0‖²)^½ ≤ u^ζ σ_g                                             "maml": no score term
 *   (E‖λ_0‖²)^½ ≤ (u + 2|α| g_∞ GH)^ζ σ_g "jackknife-linear", for any N
 */
export function estimatorSecondMoment(
  task: TaskBounds,
  inner: InnerSteps,
  outerTrajectories: number,
  estimator: BoundedEstimator,
): number {
  const u = updateExpansion(task, inner.stepSize);
  const scores = task.return * task.policy.scoreRms * Math.sqrt(inner.trajectories * task.horizon);
  const moved = 2 * Math.abs(inner.stepSize) * task.stochasticGradient * task.policy.score * task.horizon;
  let root = Math.sqrt(outerSecondMoment(task, outerTrajectories));
  for (let t = inner.steps; t >= 1; t--) {
    if (estimator === "jackknife-linear") root *= u + moved;
    else root = u * root + (estimator === "sgmrl" ? scores : 0);
  }
  return root ** 2;
}

/**
 * A bound on the bias of the linear jackknife [eq:multiplier-jackknife-linear], e_0, for U weighted by rewards to go.
 *                                                                                       [eq:linear-jackknife-bias]
 *   e_{t−1} = (u + 2|α| g_∞ √(HL)) e_t + (2/N) α² g_∞² Λ_t √(HL),   e_ζ = 0
 *
 * For ζ = 1 it is (2/N) α² g_∞² Λ_J √(HL).
 */
export function linearJackknifeBias(task: TaskBounds, inner: InnerSteps): number {
  const { stepSize, trajectories: N } = inner;
  const score = Math.sqrt(task.horizon * task.policy.hessian); // E|⟨s(τ), v⟩| is at most this
  const moved = 2 * Math.abs(stepSize) * task.stochasticGradient;
  const u = updateExpansion(task, stepSize);
  return objectiveBounds(task, inner)
    .slice(1)
    .reduceRight((e, { hessian }) => (u + moved * score) * e + (moved ** 2 / (2 * N)) * hessian * score, 0);
}
