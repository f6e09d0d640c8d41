/** Bounds on the derivatives of ln π(a|s; θ) that hold for every θ, s and a. */
export interface PolicyConstants {
  /** G ≥ ‖∇ln π‖. */
  readonly score: number;
  /** Ḡ ≥ (E_a‖∇ln π‖²)^½. */
  readonly scoreRms: number;
  /** L ≥ ‖∇²ln π‖; also bounds the Fisher information of an action. */
  readonly hessian: number;
  /** ρ, a Lipschitz constant of ∇²ln π. */
  readonly hessianLipschitz: number;
  /** Whether ∇²ln π is negative semidefinite for every θ, s and a, as for a softmax of linear logits. */
  readonly concave: boolean;
}

/** G, L and ρ as a user states them for a policy class; Ḡ ≤ G. */
export interface StatedConstants {
  readonly score: number;
  readonly hessian: number;
  readonly hessianLipschitz: number;
}

/**
 * Constants of any policy whose derivatives are bounded, as stated by the user.         [eq:general-policy]
 *
 *   E_a⟨∇ln π, v⟩² = −E_a[vᵀ∇²ln π v] ≤ L,   (E_a‖∇ln π‖²)^½ ≤ G,   ∇²ν has eigenvalues in [−LRΓ₁, LRΓ₁]
 *
 * No Gaussian policy has them: its score is unbounded in a.
 */
export function statedConstants({ score, hessian, hessianLipschitz }: StatedConstants): PolicyConstants {
  return { score, scoreRms: score, hessian, hessianLipschitz, concave: false };
}

/**
 * A softmax with a logit for each state and action.                                     [eq:softmax-constants]
 *
 *   G = √2,   Ḡ = √(1 − 1/A),   L = 1/2,   ρ = √6/9
 *
 * Each is approached by some θ. With a single action there is no choice, and all are 0.
 */
export function softmaxConstants(actions: number): PolicyConstants {
  if (actions === 1) return { score: 0, scoreRms: 0, hessian: 0, hessianLipschitz: 0, concave: true };
  return {
    score: Math.SQRT2,
    scoreRms: Math.sqrt(1 - 1 / actions),
    hessian: 1 / 2,
    hessianLipschitz: Math.sqrt(6) / 9,
    concave: true,
  };
}
