import type { Key } from "@sgmrl/autodiff/random";
import { isPlane } from "@sgmrl/envs";
import { mean } from "../arithmetic.ts";
import { adaptOnly } from "../inner/adapt.ts";
import { returns, type TrajectoryBatch } from "../trajectory.ts";
import type { TaskSetting } from "./task-setting.ts";

/** The performance of a policy on one task while it adapts. */
export interface Evaluation {
  /** Mean undiscounted return after 0, 1, …, K adaptation steps: [K + 1]. */
  readonly returns: Float64Array;
  /** The task, as plain data. */
  readonly task: unknown;
  /** On request: positions (x, y) over time, by number of steps taken and trajectory. */
  readonly paths?: readonly (readonly Path[])[];
}

type Path = readonly (readonly [number, number])[];

/** Adapts to a task for K = `steps` steps, and measures the return before, between and after. */
export function evaluation(
  { environment, update, sampler: samplerOf }: TaskSetting,
  theta: Float64Array,
  taskKey: Key,
  noiseKey: Key,
  steps: number,
  { paths: wanted = false }: { readonly paths?: boolean } = {},
): Evaluation {
  const task = environment.family.sample(taskKey);
  const sampler = samplerOf(task, noiseKey, steps);
  const { stateSize, picture } = environment;
  const paths: Path[][] = [];
  const sample = (at: Float64Array, t: number): TrajectoryBatch => {
    if (!wanted || !isPlane(picture)) return sampler.sample(at, t);
    const drawn: [number, number][][] = Array.from({ length: sampler.noise(t).world.length }, () => []);
    const [x, y] = picture.position;
    const batch = sampler.sample(at, t, (_time, states) => {
      drawn.forEach((path, j) => {
        path.push([states[j * stateSize + x]!, states[j * stateSize + y]!]);
      });
    });
    paths.push(drawn.map((path, j) => path.slice(0, batch.lengths[j]! + 1)));
    return batch;
  };
  const { batches: before, adapted } = adaptOnly(update, theta, steps, sample);
  const batches = [...before, sample(adapted, steps + 1)];
  return {
    task,
    returns: Float64Array.from(batches, (batch) => mean(returns(batch, 1))),
    ...(wanted && isPlane(picture) ? { paths } : {}),
  };
}
