import type { Environment } from "@sgmrl/envs";
import type { LogLikelihood } from "../policy/log-likelihood.ts";
import type { Policy } from "../policy/policy.ts";
import type { TrajectoryBatch } from "../trajectory.ts";
import { type RolloutNoise, rollout, rolloutEach, type Visitor } from "./rollout.ts";
import type { Simulator } from "./simulator.ts";

/**
 * Draws the data of one task. D_t is a function of θ and of random numbers that are fixed beforehand, so data at
 * several θ are coupled, and can be differentiated if the environment can.
 */
export interface TaskSampler {
  readonly environment: Environment;
  readonly task: unknown;
  readonly policy: Policy;
  readonly model: LogLikelihood;
  /** Differentiates the data in θ, if this was requested. */
  readonly simulator?: Simulator;
  /** The random numbers of D_t; of D_o for t = ζ + 1. */
  noise(t: number): RolloutNoise;
  /** D_t at θ. */
  sample(theta: Float64Array, t: number, visit?: Visitor): TrajectoryBatch;
  /** D_t at each of several θ, from the same random numbers. */
  sampleEach(thetas: readonly Float64Array[], t: number): TrajectoryBatch[];
}

/**
 * A sampler whose D_1, …, D_ζ, D_o are drawn from `noises`, in this order. Example: docs/examples/meta-gradient.ts
 *
 * Errors  as `rollout`, from `sample` and `sampleEach`
 */
export function taskSampler(
  setting: Pick<TaskSampler, "environment" | "task" | "policy" | "model" | "simulator">,
  noises: readonly RolloutNoise[],
): TaskSampler {
  const { environment, task, policy, model } = setting;
  const noise = (t: number): RolloutNoise => noises[t - 1]!;
  const recordStates = setting.simulator?.needsStates ?? false;
  return {
    ...setting,
    noise,
    sample: (theta, t, visit) =>
      rollout(environment, task, policy, model, theta, noise(t), { visit, recordStates }),
    sampleEach: (thetas, t) =>
      rolloutEach(environment, task, policy, model, thetas, noise(t), { recordStates }),
  };
}
