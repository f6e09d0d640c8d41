/** Runs of a policy in a continuous environment whose every random number is fixed, so that they are a function of θ. */
import { type Backend, reference } from "@sgmrl/autodiff";
import { fold, type Key } from "@sgmrl/autodiff/random";
import type { Environment } from "@sgmrl/envs";
import { width } from "@sgmrl/envs";
import { type Adaptation, adaptFrom, type InnerUpdate } from "../../src/inner/adapt.ts";
import { surrogateWeights } from "../../src/inner/surrogate-weights.ts";
import { gaussianMlp } from "../../src/policy/gaussian-mlp.ts";
import { logLikelihood } from "../../src/policy/log-likelihood.ts";
import { drawNoise } from "../../src/sampling/rollout.ts";
import { createSimulator } from "../../src/sampling/simulator.ts";
import { type TaskSampler, taskSampler } from "../../src/sampling/task-sampler.ts";
import type { InnerSettings } from "../../src/settings.ts";

export interface WalkSettings extends Pick<InnerSettings, "advantage" | "convention" | "gaeLambda"> {
  readonly hidden?: readonly number[];
  /** ζ, α, N, H, γ. */
  readonly steps: number;
  readonly stepSize: number;
  readonly trajectories: number;
  readonly horizon: number;
  readonly discount?: number;
  readonly initialStd?: number;
  readonly backend?: Backend;
}

export interface Walks {
  /** An initial θ. */
  readonly theta: Float64Array;
  readonly update: InnerUpdate;
  readonly sampler: TaskSampler;
  /** θ_0 = θ, …, θ_ζ on the data that the fixed noise makes of them. */
  adapt(theta: Float64Array): Adaptation;
  /** The same setting with other noise. */
  again(key: Key): Pick<Walks, "sampler" | "adapt">;
}

export function walks(environment: Environment, key: Key, settings: WalkSettings): Walks {
  const {
    hidden = [4],
    steps,
    stepSize,
    trajectories,
    horizon,
    discount = 0.9,
    initialStd = 0.8,
    backend = reference,
  } = settings;
  const policy = gaussianMlp(width(environment.observation), width(environment.action), hidden, initialStd);
  const model = logLikelihood(policy, { backend });
  const update: InnerUpdate = {
    model,
    stepSize,
    discount,
    surrogate: (batch) => surrogateWeights(settings, batch, discount),
  };
  const setting = {
    environment,
    task: environment.family.sample(fold(key, 0)),
    policy,
    model,
    simulator: createSimulator(environment, policy, { backend }),
  };
  const again: Walks["again"] = (noise) => {
    const noises = Array.from({ length: steps + 1 }, (_, t) =>
      drawNoise(policy, fold(noise, t), trajectories, horizon),
    );
    const sampler = taskSampler(setting, noises);
    return { sampler, adapt: (theta) => adaptFrom(update, theta, steps, sampler.sample) };
  };
  return { theta: policy.initialize(fold(key, 2)), update, again, ...again(fold(key, 1)) };
}
