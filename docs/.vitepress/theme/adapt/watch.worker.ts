/** One meta-training run, iteration by iteration. */
import { hashOf } from "../live/hash.ts";
import { serveTasks } from "../live/worker-task.ts";
import { type Iteration, type Paths, watch } from "./meta-training.ts";
import type { Setting } from "./setting.ts";

export interface WatchRequest {
  readonly setting: Setting;
  readonly estimator: string;
}
export interface Progress {
  readonly record: Iteration;
  readonly paths: Paths;
}
export interface WatchResult {
  readonly hash: string;
  readonly parameters: number;
  readonly seconds: number;
}

serveTasks<WatchRequest, WatchResult, Progress>(async ({ setting, estimator }, progress) => {
  const started = performance.now();
  let theta: Float64Array = new Float64Array(0);
  for (const watched of watch(setting, estimator)) {
    progress({ record: watched.record, paths: watched.paths });
    theta = watched.theta;
  }
  const seconds = (performance.now() - started) / 1000;
  return { hash: await hashOf(theta), parameters: theta.length, seconds };
});
