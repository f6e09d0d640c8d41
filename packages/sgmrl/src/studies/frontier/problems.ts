/** The fixed θ of the study: initial, and along a training run of MAML. */

import { createUnit } from "../../engine/local-unit.ts";
import type { Experiment } from "../../experiment.ts";
import { initializationKey, trainingKeys } from "../../run/keys.ts";
import { addScaled } from "../../vector.ts";
import { adam, ascent } from "../ascent.ts";

export interface Family {
  readonly name: string;
  readonly experiment: Experiment;
  readonly learningRate: number;
  /** Initial ln σ of the policy's actions. */
  readonly logStd: number;
}

const tasks = 20;
const seed = 0;

const navigation: Experiment = {
  environment: "navigation-2d",
  policy: { kind: "gaussian-mlp", hidden: [32, 32] },
  inner: {
    steps: 1,
    stepSize: 0.1,
    trajectories: 20,
    advantage: "standardised-gae",
    convention: "timestep-mean",
  },
  outer: { trajectories: 20 },
  estimator: { name: "maml" },
  backend: "wasm",
  precision: "float32",
};

/**
 * 2-D navigation as the preset "quick" has it; the sparse corners with α = 2 and σ = e to begin with, since with 0.1 and 1
 * an adapted policy earns nothing, whatever its gradient.
 */
export const families: readonly Family[] = [
  { name: "navigation", experiment: navigation, learningRate: 1e-2, logStd: 0 },
  {
    name: "sparse corners",
    experiment: { ...navigation, environment: "corner-2d", inner: { ...navigation.inner, stepSize: 2 } },
    learningRate: 5e-3,
    logStd: 1,
  },
];

/** θ after each of the given numbers of iterations of MAML, 20 tasks each. */
export function trained(
  { experiment, learningRate, logStd }: Family,
  iterations: readonly number[],
): Float64Array[] {
  const unit = createUnit(experiment);
  const start = unit.initialize(initializationKey(seed));
  const width = unit.parameters.at(-1)!.shape[0]!; // ln σ is the last block of a Gaussian policy
  start.fill(logStd, start.length - width);
  const direction = (theta: Float64Array, k: number): Float64Array =>
    trainingKeys(seed, k, tasks).reduce<Float64Array>(
      (sum, { task, noise }) => addScaled(sum, 1 / tasks, unit.contribute(theta, task, noise).gradient),
      new Float64Array(theta.length),
    );
  const path = [...ascent(start, { ...adam, learningRate }, Math.max(...iterations), direction)];
  return iterations.map((k) => path[k]!);
}
