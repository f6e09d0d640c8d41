import type { AdaptationStep } from "../../inner/adapt.ts";
import type { ActionDerivatives } from "../../policy/action-derivatives.ts";
import { isStep, type TrajectoryBatch } from "../../trajectory.ts";
import type { StepAdjoint } from "./step-adjoint.ts";
import { adjointSweep } from "./sweep.ts";

/** How the data D_t(θ′, ξ_t) of a step were made of θ′ and of noise ξ_t. */
export interface Simulation {
  readonly policy: ActionDerivatives;
  /** ε, the noise of the actions of D_t: [N, H, noise of one time]. */
  readonly noise: Float64Array;
  readonly steps: (batch: TrajectoryBatch) => StepAdjoint;
}

export interface ReparameterisedScore {
  /** S_t: [d] */
  readonly score: Float64Array;
  /** ∇²ν(θ_{t−1}; D_t) λ_t, which the same pass gives: [d] */
  readonly curved: Float64Array;
}

/**
 *   S_t = ∂/∂θ′ ⟨λ_t, U(θ_{t−1}; D_t(θ′, ξ_t))⟩ at θ′ = θ_{t−1}                              [eq:reparameterised-score]
 *
 * F = ⟨λ, U(θ; D)⟩ = ⟨λ, θ⟩ + α Σ_r w_r x_r with x_r = ⟨λ, ∇ℓ_r(θ)⟩ is a function of the data through w and x:
 *
 *   ∂F/∂w_r = α x_r, then through the weights to rewards and observations           `surrogate.pullback`
 *   ∂F/∂o_r, ∂F/∂a_r = α w_r ∂x_r/∂o_r, α w_r ∂x_r/∂a_r                             `tangentCotangents`
 *
 * The data then are functions of θ′: back in time through the simulator (`adjointSweep`), and through the policy (`pullback`).
 */
export function reparameterisedScore(
  { theta, batch, weights, surrogate }: AdaptationStep,
  stepSize: number,
  lambda: Float64Array,
  { policy, noise, steps }: Simulation,
): ReparameterisedScore {
  const x = policy.tangentCotangents(theta, batch, weights, lambda);
  const throughWeights = surrogate.pullback(
    x.weights.map((value, row) => (isStep(batch, row) ? stepSize * value : 0)),
  );
  const observations = x.observations.map(
    (value, i) => stepSize * value + (throughWeights.observations?.[i] ?? 0),
  );
  const actionBar = adjointSweep(batch, steps(batch), policy.feedback(theta, batch, noise), {
    rewards: throughWeights.rewards,
    observations,
    actions: x.actions.map((value) => stepSize * value),
  });
  return { score: policy.pullback(theta, batch, noise, actionBar), curved: x.theta };
}
