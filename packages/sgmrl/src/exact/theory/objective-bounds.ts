import type { TaskBounds } from "./task-bounds.ts";

/** α, ζ and N of the inner steps. */
export interface InnerSteps {
  readonly stepSize: number;
  readonly steps: number;
  readonly trajectories: number;
}

/** Bounds on ‖∇V^{(t)}‖ and ‖∇²V^{(t)}‖, for the objective of the steps left after t. */
export interface Smoothness {
  /** κ_t. */
  readonly gradient: number;
  /** Λ_t. */
  readonly hessian: number;
}

/**
 * u ≥ ‖∂U/∂θ‖, from the eigenvalues of 1 + α ∇²ν.                                      [eq:update-bounds]
 */
export function updateExpansion({ surrogateEigenvalues }: TaskBounds, stepSize: number): number {
  return Math.max(...surrogateEigenvalues.map((eigenvalue) => Math.abs(1 + stepSize * eigenvalue)));
}

/** The three terms of a bound on ‖∇²V^{(t−1)}‖: derivatives of the update, of the data's distribution, of both. */
export interface HessianTerms {
  /** The update, the data held fixed: u² Λ_t + |α| ρRΓ₁ κ_t. */
  readonly update: number;
  /** Update and data, X_t. */
  readonly both: number;
  /** The data, Y_t. */
  readonly data: number;
}

/**
 * One step back in time, from (κ_t, Λ_t).                                               [eq:objective-smoothness]
 *
 *   Λ_{t−1} = u² Λ_t + |α| ρRΓ₁ κ_t + X_t + Y_t
 *   X_t = 2 √(HL) min( √N u κ_t,  |α| (LRΓ₁ κ_t + u g₂ Λ_t) )
 *   Y_t = H L min( 2N R̄Γ₀,  2|α| g_∞ κ_t + (1 − 1/N) α² g₂² Λ_t )
 *
 * The second argument of each minimum compares the score of τ_j with the update without τ_j [eq:leave-out]; it
 * stays bounded as N grows, and is 0 at α = 0.
 */
export function hessianTerms(
  task: TaskBounds,
  { stepSize, trajectories: N }: InnerSteps,
  { gradient: kappa, hessian: Lambda }: Smoothness,
): HessianTerms {
  const { horizon: H, returnHalfRange, surrogateHessian, surrogateHessianLipschitz } = task;
  const { stochasticGradient: gMax, stochasticGradientRms: g2 } = task;
  const L = task.policy.hessian;
  const alpha = Math.abs(stepSize);
  const u = updateExpansion(task, stepSize);
  return {
    update: u ** 2 * Lambda + alpha * surrogateHessianLipschitz * kappa,
    both:
      2 *
      Math.sqrt(H * L) *
      Math.min(Math.sqrt(N) * u * kappa, alpha * (surrogateHessian * kappa + u * g2 * Lambda)),
    data:
      H *
      L *
      Math.min(2 * N * returnHalfRange, 2 * alpha * gMax * kappa + (1 - 1 / N) * (alpha * g2) ** 2 * Lambda),
  };
}

/**
 * κ_{t−1} = u κ_t + √L min( R̄Γ₀ √(NH), |α| g₂ √H κ_t ), one step back from κ_t.         [eq:objective-lipschitz]
 */
function gradientBefore(task: TaskBounds, { stepSize, trajectories: N }: InnerSteps, kappa: number): number {
  const { horizon: H, policy, returnHalfRange, stochasticGradientRms: g2 } = task;
  const scores = Math.min(returnHalfRange * Math.sqrt(N * H), Math.abs(stepSize) * g2 * Math.sqrt(H) * kappa);
  return updateExpansion(task, stepSize) * kappa + Math.sqrt(policy.hessian) * scores;
}

/** (κ_t, Λ_t) for t = 0 … ζ: entry 0 is for V_ζ itself, so L_V is its `hessian`; entry ζ is for J. */
export function objectiveBounds(task: TaskBounds, inner: InnerSteps): Smoothness[] {
  const bounds: Smoothness[] = [{ gradient: task.gradient, hessian: task.hessian }];
  for (let t = inner.steps; t >= 1; t--) {
    const later = bounds[0]!;
    const { update, both, data } = hessianTerms(task, inner, later);
    bounds.unshift({ gradient: gradientBefore(task, inner, later.gradient), hessian: update + both + data });
  }
  return bounds;
}
