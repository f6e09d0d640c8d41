import { type Key, normal } from "@sgmrl/autodiff/random";
import { type Environment, type StepBuffers, samplePoint, width } from "../../src/index.ts";

/** A random action that explores the whole box: about the initial policy's, times three, so that clipping is met. */
export function randomAction({ action }: Environment, key: Key): Float64Array {
  if (action.kind === "discrete") return samplePoint(action, key);
  return normal(key, action.low.length).map((z, i) => 0.3 * z * action.high[i]!);
}

export function batchBuffers(
  { observation, action }: Environment,
  size: number,
): StepBuffers & { actions: Float64Array } {
  return {
    actions: new Float64Array(size * width(action)),
    observations: new Float64Array(size * width(observation)),
    rewards: new Float64Array(size),
    terminated: new Uint8Array(size),
  };
}

/** Runs one trajectory of `task` under a deterministic or noisy policy; returns what was earned and how long it took. */
export interface Episode {
  readonly undiscounted: number;
  readonly discounted: number;
  readonly length: number;
}

/** `policy` writes the action for the observation, given the standard normal noise of this step. */
export function runEpisode<Task>(
  environment: Environment<Task>,
  task: Task,
  key: Key,
  noise: Float64Array,
  policy: (observation: Float64Array, z0: number, z1: number, action: Float64Array) => void,
): Episode {
  const batch = environment.batch(task, 1);
  const out = batchBuffers(environment, 1);
  batch.reset([key], out.observations);
  let undiscounted = 0;
  let discounted = 0;
  for (let t = 0; t < environment.horizon; t++) {
    policy(out.observations, noise[2 * t]!, noise[2 * t + 1]!, out.actions);
    batch.step(out.actions, out);
    undiscounted += out.rewards[0]!;
    discounted += environment.discount ** t * out.rewards[0]!;
    if (out.terminated[0] === 1) return { undiscounted, discounted, length: t + 1 };
  }
  return { undiscounted, discounted, length: environment.horizon };
}
