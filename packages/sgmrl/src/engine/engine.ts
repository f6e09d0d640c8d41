/**
 * An engine decides where units run, and nothing else: in this thread, in worker threads, or elsewhere. The unit is a
 * pure function, results come back in the order of the requests, and sums over them are the caller's (tree-sum.ts),
 * so every engine gives the same bits.
 */
import type { Key } from "@sgmrl/autodiff/random";
import type { Evaluation, UnitResult } from "../unit.ts";

/** Which task, and which noise. */
export interface TaskKeys {
  readonly task: Key;
  readonly noise: Key;
}

export interface Engine {
  /** The number of units that may run at once. */
  readonly workers: number;
  /** What each task contributes to the meta-gradient at θ. */
  contribute(theta: Float64Array, tasks: readonly TaskKeys[]): Promise<readonly UnitResult[]>;
  /** Each task's mean return after 0 .. steps adaptations from θ. */
  evaluate(theta: Float64Array, tasks: readonly TaskKeys[], steps: number): Promise<readonly Evaluation[]>;
  close(): Promise<void>;
}
