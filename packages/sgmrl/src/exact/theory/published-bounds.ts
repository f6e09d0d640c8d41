import type { InnerSteps } from "./objective-bounds.ts";
import type { TaskBounds } from "./task-bounds.ts";

/** The constants that the route of the published proof gives for one task, re-derived here (docs/theory.md). */
export interface PublishedBounds {
  /** η_G ≥ ‖∇̃J‖, η_H ≥ ‖∇²ν‖ and ‖∇²J‖, and η_ρ, a Lipschitz constant of ∇²ν. */
  readonly gradient: number;
  readonly hessian: number;
  readonly hessianLipschitz: number;
  /** G_V ≥ ‖∇V‖ and every estimate λ_0, so σ² ≤ G_V². */
  readonly objectiveGradient: number;
  /** L_V. */
  readonly smoothness: number;
  /** Range of V. */
  readonly gap: number;
  /** Whether |α| ≤ 1/η_H, which the theorem assumes. */
  readonly applies: boolean;
}

/** Γ₀ and Γ₁ of a horizon, or 1/(1 − γ) and 1/(1 − γ)², which are never smaller and infinite at γ = 1. */
export interface DiscountSums {
  readonly first: number;
  readonly second: number;
}

export function infiniteHorizon(discount: number): DiscountSums {
  return { first: 1 / (1 - discount), second: 1 / (1 - discount) ** 2 };
}

/**
 * By the route of the published proof: each factor bounded by its largest value, one score at a time.
 *                                                                                       [eq:published-constants]
 *   η_G = G R Γ₁,   η_H = (HG² + L) R Γ₁,   η_ρ = ρ R Γ₁,   ‖∂U/∂θ‖ ≤ 2 if |α| ≤ 1/η_H
 *
 *   κ_ζ = η_G,   κ_{t−1} = 2κ_t + NHG RΓ₀,                                                G_V = κ_0
 *   Λ_ζ = η_H,   Λ_{t−1} = 4Λ_t + |α| η_ρ κ_t + 4NHG κ_t + NH (L + NHG²) RΓ₀,             L_V = Λ_0
 *
 * The paper sums over an infinite horizon: 1/(1 − γ) and 1/(1 − γ)² in place of Γ₀ and Γ₁. Its numerical factors may
 * differ, since these are re-derived and not read off.
 *
 * Source  the route of Fallah et al., NeurIPS 2021, arXiv:2002.05135
 */
export function publishedBounds(
  { policy, reward: R, horizon: H }: TaskBounds,
  { stepSize, steps, trajectories: N }: InnerSteps,
  sums: DiscountSums,
): PublishedBounds {
  const { score: G, hessian: L, hessianLipschitz: rho } = policy;
  const of = (factor: number, sum: number): number => (factor === 0 ? 0 : factor * sum); // 0 · ∞ = 0
  const gradient = of(G * R, sums.second);
  const hessian = of((H * G ** 2 + L) * R, sums.second);
  const hessianLipschitz = of(rho * R, sums.second);
  const value = of(R, sums.first);
  const alpha = Math.abs(stepSize);
  const scores = N * H * G;
  let [kappa, Lambda] = [gradient, hessian];
  for (let t = steps; t >= 1; t--)
    [kappa, Lambda] = [
      2 * kappa + of(scores, value),
      4 * Lambda +
        of(alpha * hessianLipschitz, kappa) +
        of(4 * scores, kappa) +
        of(N * H * L + scores ** 2, value),
    ];
  return {
    gradient,
    hessian,
    hessianLipschitz,
    objectiveGradient: kappa,
    smoothness: Lambda,
    gap: 2 * value,
    applies: alpha * hessian <= 1 + 1e-12,
  };
}

/**
 * The published guarantee for β ≤ 1/L_V after K ≥ 2Δ/(βε²) iterations.                  [eq:published-rate]
 *
 *   E‖∇V‖² ≤ ε² + β L_V G_V²/B
 *
 * The number of iterations makes the first term of [eq:ascent] ε²; the second stays, whatever K is.
 */
export function publishedGuarantee(
  { smoothness, objectiveGradient, gap }: Pick<PublishedBounds, "smoothness" | "objectiveGradient" | "gap">,
  {
    stepSize,
    tasks,
    epsilon,
  }: { readonly stepSize: number; readonly tasks: number; readonly epsilon: number },
): { readonly iterations: number; readonly bound: number } {
  return {
    iterations: Math.max(1, Math.ceil((2 * gap) / (stepSize * epsilon ** 2))),
    bound: epsilon ** 2 + (stepSize * smoothness * objectiveGradient ** 2) / tasks,
  };
}
