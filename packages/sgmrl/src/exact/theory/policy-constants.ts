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
}

/**
 * A softmax with a logit for each state and action.                                     [eq:softmax-constants]
 *
 *   G = √2,   Ḡ = √(1 − 1/A),   L = 1/2,   ρ = √6/9
 *
 * Each is approached by some θ. With a single action there is no choice, and all are 0.
 */
export function softmaxConstants(actions: number): PolicyConstants {
  if (actions === 1) return { score: 0, scoreRms: 0, hessian: 0, hessianLipschitz: 0 };
  return {
    score: Math.SQRT2,
    scoreRms: Math.sqrt(1 - 1 / actions),
    hessian: 1 / 2,
    hessianLipschitz: Math.sqrt(6) / 9,
  };
}
