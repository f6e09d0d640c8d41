/** The fixed θ of the study: initial, and along a training run of MAML. */

import { addScaled } from "../../../arithmetic.ts";
import { presets } from "../../../config/presets.ts";
import { unitFor } from "../../../execution/local-unit.ts";
import type { Experiment } from "../../../settings.ts";
import { initializationKey, trainingKeys } from "../../../training/keys.ts";
import { adamSteps, ascent } from "../../ascent.ts";

export interface Family {
  readonly name: string;
  readonly experiment: Experiment;
  readonly learningRate: number;
}

const tasks = 20;
const seed = 0;

/** The families, with the settings of their presets. */
export const families: readonly Family[] = [
  { name: "navigation", ...of("quick") },
  { name: "sparse corners", ...of("corners") },
];

function of(preset: string): Omit<Family, "name"> {
  const { experiment, optimizer } = presets[preset]!;
  return {
    experiment: { ...experiment, estimator: { name: "maml" } },
    learningRate: optimizer.learningRate,
  };
}

/** θ after each of the given numbers of iterations, 20 tasks each. */
export function trained({ experiment, learningRate }: Family, iterations: readonly number[]): Float64Array[] {
  const unit = unitFor(experiment);
  const start = unit.initialize(initializationKey(seed));
  const direction = (theta: Float64Array, k: number): Float64Array =>
    trainingKeys({ seed, tasks }, k).reduce<Float64Array>((sum, { task, noise }) => {
      const { pathwise, score } = unit.contribute(theta, task, noise);
      return addScaled(sum, 1 / tasks, score === null ? pathwise : addScaled(pathwise, 1, score));
    }, new Float64Array(theta.length));
  const path = [...ascent(start, { ...adamSteps, learningRate }, Math.max(...iterations), direction)];
  return iterations.map((k) => path[k]!);
}
