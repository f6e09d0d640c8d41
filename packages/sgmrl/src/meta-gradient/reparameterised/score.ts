import { isStep } from "../../trajectory.ts";
import type { ScoreRule, ScoreVector } from "../estimator.ts";
import { adjointSweep } from "./sweep.ts";

/**
 *   S_t = ∂/∂θ′ ⟨λ_t, U(θ_{t−1}; D_t(θ′, ξ_t))⟩ at θ′ = θ_{t−1}                              [eq:reparameterised-score]
 *
 * F = ⟨λ, U(θ; D)⟩ = ⟨λ, θ⟩ + α Σ_r w_r x_r with x_r = ⟨λ, ∇ℓ_r(θ)⟩ is a function of the data through w and x:
 *
 *   ∂F/∂w_r = α x_r, and from there through the weights to rewards and observations   `surrogate.pullback`
 *   ∂F/∂o_r = α w_r ∂x_r/∂o_r,   ∂F/∂a_r = α w_r ∂x_r/∂a_r                            `tangentCotangents`
 *
 * The data are functions of θ′: back in time through the simulator (`adjointSweep`), then through the policy (`pullback`).
 */
export const reparameterisedScore: ScoreRule<ScoreVector> = ({
  update: { stepSize },
  step: { theta, batch, surrogate },
  t,
  derivatives,
  sampler,
}) => {
  const simulator = sampler?.simulator;
  if (sampler === undefined || simulator === undefined)
    throw new RangeError(
      "reparameterised: needs the simulator that drew the data; they were given without one.",
    );
  const { policy } = simulator;
  const noise = Float64Array.from(sampler.noise(t).actions.flatMap((each) => [...each]));

  const direct = derivatives.tangentCotangents(policy);
  const throughWeights = surrogate.pullback(
    direct.weights.map((x, row) => (isStep(batch, row) ? stepSize * x : 0)),
  );
  const actionBar = adjointSweep(
    batch,
    simulator.steps(batch, sampler.task),
    policy.feedback(theta, batch, noise),
    {
      rewards: throughWeights.rewards,
      observations: direct.observations.map((x, i) => stepSize * x + (throughWeights.observations?.[i] ?? 0)),
      actions: direct.actions.map((x) => stepSize * x),
    },
  );
  return { vector: policy.pullback(theta, batch, noise, actionBar) };
};
