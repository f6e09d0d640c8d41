import { addScaled } from "../../vector.ts";
import type { ScoreRule, ScoreVector } from "../estimator.ts";
import { adjointSweep } from "./sweep.ts";

/**
 *   S_t = ∂/∂θ′ ⟨λ_t, U(θ_{t−1}; D_t(θ′, ξ_t))⟩ at θ′ = θ_{t−1} = α dF/dθ′                 [eq:reparameterised-score]
 *
 * F = ⟨λ, ∇ν(θ; D)⟩ = Σ_r w_r x_r with x_r = ⟨λ, ∇ℓ_r(θ)⟩ is a function of the data through w and x:
 *
 *   ∂F/∂w_r = x_r, and from there through the weights to rewards and observations   `surrogate.pullback`
 *   ∂F/∂o_r = w_r ∂x_r/∂o_r,   ∂F/∂a_r = w_r ∂x_r/∂a_r                              `tangentCotangents`
 *
 * The data are functions of θ′: back in time through the simulator (`adjointSweep`), then through the policy (`pullback`).
 */
export const reparameterisedScore: ScoreRule<ScoreVector> = ({
  update: { stepSize },
  step: { theta, batch, surrogate },
  t,
  lambda,
  derivatives,
  sampler,
}) => {
  const simulator = sampler?.simulator;
  if (sampler === undefined || simulator === undefined)
    throw new RangeError(
      "reparameterised: needs the simulator that drew the data; they were given without one.",
    );
  const { policy } = simulator;
  const noise = inRows(sampler.noise(t).actions);

  const direct = derivatives.tangentCotangents(policy, lambda);
  const { rewards, observations } = surrogate.pullback(direct.weights);
  const actionBar = adjointSweep(
    batch,
    simulator.steps(batch, sampler.task),
    policy.feedback(theta, batch, noise),
    {
      rewards,
      observations:
        observations === undefined ? direct.observations : addScaled(direct.observations, 1, observations),
      actions: direct.actions,
    },
  );
  return { vector: policy.pullback(theta, batch, noise, actionBar).map((x) => stepSize * x) };
};

function inRows(each: readonly Float64Array[]): Float64Array {
  const length = each[0]?.length ?? 0;
  const all = new Float64Array(each.length * length);
  each.forEach((x, j) => {
    all.set(x, j * length);
  });
  return all;
}
