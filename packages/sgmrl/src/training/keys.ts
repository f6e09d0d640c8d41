/** The uses of the keys of a run. Tasks have their own key spaces, words 0 and 1, in @sgmrl/envs (task-family.ts). */
import { fold, type Key, key } from "@sgmrl/autodiff/random";
import { heldOutTaskKey, latticeTaskKeys, trainingTaskKey } from "@sgmrl/envs";
import type { TaskKeys } from "../execution/engine.ts";
import type { RunConfig } from "../settings.ts";

const purpose = { initialization: 2, trainingNoise: 3, evaluationNoise: 4 } as const;

/** The key from which the initial θ of a run is drawn. */
export function initializationKey(seed: number): Key {
  return fold(key(seed), purpose.initialization);
}

/** The keys of an iteration's tasks: drawn independently, or by a lattice rule [eq:task-lattice]. */
export function trainingKeys(
  { seed, tasks, taskSampling = "independent" }: Pick<RunConfig, "seed" | "tasks" | "taskSampling">,
  iteration: number,
): TaskKeys[] {
  const root = key(seed);
  const keys =
    taskSampling === "lattice"
      ? latticeTaskKeys(root, iteration, tasks)
      : Array.from({ length: tasks }, (_, index) => trainingTaskKey(root, iteration, index));
  return keys.map((task, index) => ({ task, noise: fold(root, purpose.trainingNoise, iteration, index) }));
}

/** The same tasks and the same noise at every iteration, so that evaluations of a run differ only in θ. */
export function heldOutKeys(seed: number, tasks: number, first = 0): TaskKeys[] {
  return Array.from({ length: tasks }, (_, index) => heldOutKey(seed, first + index));
}

export function heldOutKey(seed: number, index: number): TaskKeys {
  const root = key(seed);
  return { task: heldOutTaskKey(root, index), noise: fold(root, purpose.evaluationNoise, index) };
}
