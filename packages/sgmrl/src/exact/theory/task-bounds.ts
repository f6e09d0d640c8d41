import { exp, log } from "@sgmrl/autodiff/elementary";
import type { Mdp } from "@sgmrl/envs";
import { power } from "../../arithmetic.ts";
import { type PolicyConstants, softmaxConstants } from "./policy-constants.ts";

/** Bounds for one task that hold for every θ and all data. */
export interface TaskBounds {
  readonly policy: PolicyConstants;
  readonly horizon: number;
  /** R = max |r|, and R̄ = (max r − min r)/2. */
  readonly reward: number;
  readonly rewardHalfRange: number;
  /** R Γ₀ ≥ |R(τ)|, and R̄ Γ₀ ≥ |J − middle of its range|. */
  readonly return: number;
  readonly returnHalfRange: number;
  /** κ_J ≥ ‖∇J‖. */
  readonly gradient: number;
  /** Λ_J ≥ ‖∇²J‖. */
  readonly hessian: number;
  /** g_∞ ≥ ‖∇̃J(θ; D)‖. */
  readonly stochasticGradient: number;
  /** g₂ ≥ (E‖g(τ; θ)‖²)^½ for one trajectory, with R̄ instead of R, for use where rewards may be centred. */
  readonly stochasticGradientRms: number;
  readonly centredGradientRms: number;
  /** L R Γ₁ ≥ ‖∇²ν(θ; D)‖. */
  readonly surrogateHessian: number;
  /** ρ R Γ₁, a Lipschitz constant of ∇²ν. */
  readonly surrogateHessianLipschitz: number;
  /** ∇²ν has its eigenvalues in [−L r⁺ Γ₁, L r⁻ Γ₁]; in ±L R Γ₁ if ln π is not concave in θ. */
  readonly surrogateEigenvalues: readonly [least: number, greatest: number];
}

/**
 * For the softmax policy, or one of stated constants, from the rewards, the horizon and the discount alone, by the
 * moments of scores:                                                                    [eq:score-moments]
 * the score of the first k actions has a mean square of at most kL along a unit vector, and at most kḠ² in
 * total.
 *                                                                                       [eq:return-bounds]
 *   ‖∇J‖ ≤ κ_J = R̄ √L Γ_½,   ‖∇²J‖ ≤ Λ_J = 2 R̄ L Γ₁
 *                                                                                       [eq:update-bounds]
 *   ‖∇̃J(θ; D)‖ ≤ g_∞ = G R Γ₁,   (E‖g(τ; θ)‖²)^½ ≤ g₂ = Ḡ R Γ_½
 *   ‖∇²ν(θ; D)‖ ≤ L R Γ₁,   Lipschitz with ρ R Γ₁
 */
export function taskBounds(
  { rewards, horizon, discount }: Pick<Mdp, "rewards" | "horizon" | "discount">,
  policy: PolicyConstants = softmaxConstants(rewards[0]!.length),
): TaskBounds {
  const [least, greatest] = [Math.min(...rewards.flat()), Math.max(...rewards.flat())];
  const reward = Math.max(Math.abs(least), Math.abs(greatest));
  const halfRange = (greatest - least) / 2;
  const [sum0, sumHalf, sum1] = [0, 0.5, 1].map((p) => discountSum(p, discount, horizon)) as [
    number,
    number,
    number, // as many as the powers
  ];
  return {
    policy,
    horizon,
    reward,
    rewardHalfRange: halfRange,
    return: reward * sum0,
    returnHalfRange: halfRange * sum0,
    gradient: halfRange * Math.sqrt(policy.hessian) * sumHalf,
    hessian: 2 * halfRange * policy.hessian * sum1,
    stochasticGradient: policy.score * reward * sum1,
    stochasticGradientRms: policy.scoreRms * reward * sumHalf,
    centredGradientRms: policy.scoreRms * halfRange * sumHalf,
    surrogateHessian: policy.hessian * reward * sum1,
    surrogateHessianLipschitz: policy.hessianLipschitz * reward * sum1,
    surrogateEigenvalues: [
      -policy.hessian * (policy.concave ? Math.max(0, greatest) : reward) * sum1,
      policy.hessian * (policy.concave ? Math.max(0, -least) : reward) * sum1,
    ],
  };
}

/**
 *   Γ_p = Σ_{t=0}^{H−1} (t+1)^p γ^t                                                     [eq:discount-sums]
 */
export function discountSum(p: number, discount: number, horizon: number): number {
  let total = 0;
  for (let t = 0; t < horizon; t++) total += exp(p * log(t + 1)) * power(discount, t);
  return total;
}
