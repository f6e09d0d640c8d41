/** Data of point environments as functions of θ and of fixed noise. */

import { fold, type Key } from "@sgmrl/autodiff/random";
import type { Environment } from "@sgmrl/envs";
import { type AdaptationStep, adapt } from "../../src/inner/adapt.ts";
import { surrogateWeights } from "../../src/inner/advantage.ts";
import type { InnerSettings } from "../../src/meta-gradient/experiment.ts";
import type { Simulation } from "../../src/meta-gradient/reparameterised/score.ts";
import { programAdjoint } from "../../src/meta-gradient/reparameterised/step-adjoint.ts";
import { actionDerivatives } from "../../src/policy/action-derivatives.ts";
import { createPolicy } from "../../src/policy/create-policy.ts";
import { type LogLikelihood, logLikelihood } from "../../src/policy/log-likelihood.ts";
import type { Policy } from "../../src/policy/policy.ts";
import { drawNoise, rollout } from "../../src/sampling/rollout.ts";
import type { TrajectoryBatch } from "../../src/trajectory.ts";

export interface WalkSettings {
  readonly hidden?: readonly number[];
  readonly trajectories: number;
  readonly horizon: number;
  readonly discount?: number;
}

export interface Walks {
  readonly policy: Policy;
  readonly model: LogLikelihood;
  readonly discount: number;
  readonly theta: Float64Array;
  /** D_t(θ, ξ_t). */
  draw(theta: Float64Array, t: number): TrajectoryBatch;
  /** An inner step on given data. */
  stepOn(rule: InnerRule, theta: Float64Array, batch: TrajectoryBatch): AdaptationStep;
  /** U(θ; D). */
  update(stepSize: number, step: AdaptationStep): Float64Array;
  simulation(t: number): Simulation;
}

export type InnerRule = Pick<InnerSettings, "advantage" | "convention">;

/** A task of an environment, and what a policy does in it. */
export function walks(
  environment: Environment,
  key: Key,
  { hidden = [4], trajectories, horizon, discount = 0.9 }: WalkSettings,
): Walks {
  const policy = createPolicy({ kind: "gaussian-mlp", hidden, initialStd: 0.8 }, environment);
  const model = logLikelihood(policy);
  const task = environment.family.sample(fold(key, 0));
  const { step, parameters } = environment.differentiable!;
  const noiseAt = (t: number) => drawNoise(policy, fold(key, 1, t), trajectories, horizon);
  const adjoint = programAdjoint(step);
  return {
    policy,
    model,
    discount,
    theta: policy.initialize(fold(key, 2)),
    draw: (theta, t) =>
      rollout(environment, task, policy, model, theta, noiseAt(t)),
    /** An inner step on given data. */
    stepOn(
      rule: Pick<InnerSettings, "advantage" | "convention">,
      theta: Float64Array,
      batch: TrajectoryBatch,
    ): AdaptationStep {
      const surrogate = surrogateWeights({ ...rule, gaeLambda: 0.7 }, batch, discount);
      return { theta, batch, weights: surrogate.rows(), surrogate };
    },
    update: (stepSize: number, { theta, batch, weights, surrogate }: AdaptationStep): Float64Array =>
      adapt({ model, stepSize, discount, weights: () => surrogate }, theta, batch, weights),
    simulation: (t: number): Simulation => ({
      policy: actionDerivatives(policy)!,
      noise: Float64Array.from(noiseAt(t).actions.flatMap((each) => [...each])),
      steps: (batch) => adjoint(batch, parameters(task)),
    }),
  };
}
