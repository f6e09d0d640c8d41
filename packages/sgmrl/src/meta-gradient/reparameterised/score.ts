import { addScaled, concatenated } from "../../arithmetic.ts";
import type { StepAdjoint } from "../../sampling/step-adjoint.ts";
import type { TrajectoryBatch } from "../../trajectory.ts";
import type { ScoreRule, ScoreRuleInput, ScoreVector } from "../estimator.ts";
import { coupledMultipliers } from "../jackknife.ts";
import { type Damping, dampedSweep } from "./damped-sweep.ts";
import { adjointSweep, type BatchCotangents } from "./sweep.ts";
import { nearJumps, warpedSweep } from "./warped-sweep.ts";

/**
 *   S_t = ∂/∂θ′ ⟨λ_t, U(θ_{t−1}; D_t(θ′, ξ_t))⟩ at θ′ = θ_{t−1} = α dF/dθ′                 [eq:reparameterised-score]
 *
 * F = ⟨λ, ∇ν(θ; D)⟩ = Σ_r w_r x_r with x_r = ⟨λ, ∇ℓ_r(θ)⟩ is a function of the data through w and x:
 *
 *   ∂F/∂w_r = x_r, and from there through the weights to rewards and observations   `surrogate.pullback`
 *   ∂F/∂o_r = w_r ∂x_r/∂o_r,   ∂F/∂a_r = w_r ∂x_r/∂a_r                              `tangentCotangents`
 *
 * The data are functions of θ′, differentiated back in time through the simulator (`adjointSweep`), then through the
 * policy (`pullback`).
 */
export const reparameterisedScore: ScoreRule<ScoreVector> = sweptScore(adjointSweep);

/**
 * The same with cotangents damped and clipped on the way back in time, through softer contacts: [eq:damped-sweep]
 * biased, and bounded where derivatives explode.                                             [eq:softer-contacts]
 */
export function dampedScore(damping: Damping): ScoreRule<ScoreVector> {
  return sweptScore((...data) => dampedSweep(...data, damping), damping.contactDepth);
}

type Sweep = (
  batch: TrajectoryBatch,
  adjoint: StepAdjoint,
  feedback: readonly Float64Array[],
  partial: BatchCotangents,
) => Float64Array;

/**
 * The score term, given the sweep that carries cotangents of the data back to the actions, and the depth [m] over which
 * contacts stiffen in derivatives.
 */
export function sweptScore(sweep: Sweep, contactDepth?: number): ScoreRule<ScoreVector> {
  return (at) => {
    const { policy, noise, partial, feedback, adjoint } = owed(at);
    const { theta, batch } = at.step;
    const actionBar = sweep(batch, adjoint(contactDepth), feedback, partial);
    return { vector: scaled(at.update.stepSize, policy.pullback(theta, batch, noise, actionBar)) };
  };
}

/**
 * The same across jumps of the data: near a jump, scores replace derivatives; their multipliers are those of  [eq:warp]
 * the coupled jackknife and add no bias.
 */
export const warpedScore: ScoreRule<ScoreVector> = (at) => {
  const { policy, noise, partial, feedback, warped } = owed(at);
  if (warped === undefined) return reparameterisedScore(at);
  const { stepSize } = at.update;
  const { theta, batch } = at.step;
  const jumps = warped();
  const { actions, scales } = warpedSweep(batch, jumps, feedback, partial, {
    noise,
    scale: policy.scale(theta, batch),
    // F counts for α F.
    multipliers: scaled(1 / stepSize, coupledMultipliers(at, nearJumps(batch, jumps))),
  });
  const throughActions = policy.pullback(theta, batch, noise, actions);
  const vector = addScaled(throughActions, 1, policy.scalePullback(theta, batch, scales));
  return { vector: scaled(stepSize, vector) };
};

/** The direct derivatives of F in the data, and the functions that carry them back to θ′. */
function owed({ step: { theta, batch, surrogate }, t, lambda, derivatives, sampler }: ScoreRuleInput) {
  const simulator = sampler?.simulator;
  if (sampler === undefined || simulator === undefined)
    throw new RangeError("reparameterised: needs the simulator that drew the data; there is none.");
  const { policy, warped } = simulator;
  const noise = concatenated(sampler.noise(t).actions);
  const direct = derivatives.tangentCotangents(lambda);
  const { rewards, observations } = surrogate.pullback(direct.weights);
  const partial: BatchCotangents = {
    rewards,
    observations:
      observations === undefined ? direct.observations : addScaled(direct.observations, 1, observations),
    actions: direct.actions,
  };
  return {
    policy,
    noise,
    partial,
    feedback: policy.feedback(theta, batch, noise),
    adjoint: (contactDepth?: number) => simulator.adjoint(batch, sampler.task, contactDepth),
    warped: warped && (() => warped(batch, sampler.task)),
  };
}

function scaled(factor: number, x: Float64Array): Float64Array {
  return x.map((value) => factor * value);
}
