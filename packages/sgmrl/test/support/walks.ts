/** Runs of a policy in a continuous environment whose every random number is fixed, so that they are a function of θ. */
import { fold, type Key } from "@sgmrl/autodiff/random";
import type { Environment } from "@sgmrl/envs";
import { width } from "@sgmrl/envs";
import { type Adaptation, adaptFrom, type InnerUpdate } from "../../src/inner/adapt.ts";
import type { InnerSettings } from "../../src/inner/advantage.ts";
import { surrogateWeights } from "../../src/inner/advantage.ts";
import { gaussianMlp } from "../../src/policy/gaussian-mlp.ts";
import { logLikelihood } from "../../src/policy/log-likelihood.ts";
import { drawNoise } from "../../src/sampling/rollout.ts";
import { createSimulator } from "../../src/sampling/simulator.ts";
import { type TaskSampler, taskSampler } from "../../src/sampling/task-sampler.ts";

export interface WalkSettings extends Pick<InnerSettings, "advantage" | "convention" | "gaeLambda"> {
  readonly hidden?: readonly number[];
  /** ζ, α, N, H, γ. */
  readonly steps: number;
  readonly stepSize: number;
  readonly trajectories: number;
  readonly horizon: number;
  readonly discount?: number;
  readonly initialStd?: number;
}

export interface Walks {
  /** An initial θ. */
  readonly theta: Float64Array;
  readonly update: InnerUpdate;
  readonly sampler: TaskSampler;
  /** θ_0 = θ, …, θ_ζ on the data that the fixed noise makes of them. */
  adapt(theta: Float64Array): Adaptation;
}

export function walks(environment: Environment, key: Key, settings: WalkSettings): Walks {
  const { hidden = [4], steps, stepSize, trajectories, horizon, discount = 0.9, initialStd = 0.8 } = settings;
  const policy = gaussianMlp(width(environment.observation), width(environment.action), hidden, initialStd);
  const model = logLikelihood(policy);
  const update: InnerUpdate = {
    model,
    stepSize,
    discount,
    weights: (batch) => surrogateWeights(settings, batch, discount),
  };
  const sampler = taskSampler(
    {
      environment,
      task: environment.family.sample(fold(key, 0)),
      policy,
      model,
      simulator: createSimulator(environment, policy),
    },
    Array.from({ length: steps + 1 }, (_, t) => drawNoise(policy, fold(key, 1, t), trajectories, horizon)),
  );
  return {
    theta: policy.initialize(fold(key, 2)),
    update,
    sampler,
    adapt: (theta) => adaptFrom(update, theta, steps, sampler.sample),
  };
}
