/**
 * An engine decides where units run, and nothing else: in this thread, in worker threads, or on other machines. The
 * unit is a pure function, results come back in the order of the requests, and sums over them, wherever they are taken,
 * follow one tree (tree-sum.ts), so every engine gives the same bits.
 */
import type { Key } from "@sgmrl/autodiff/random";
import type { TaskKey } from "@sgmrl/envs";
import type { UnitResult } from "../meta-gradient/contribution.ts";
import type { Evaluation } from "../meta-gradient/evaluation.ts";

/** Which task, and which noise. */
export interface TaskKeys {
  readonly task: TaskKey;
  readonly noise: Key;
}

/** The sum of consecutive tasks by [eq:tree-sum]; for a single task, its weighted result. */
export interface Block {
  readonly tasks: number;
  readonly sum: UnitResult;
}

/** Where the units of a run are computed. Errors of a unit reject the promise; θ is not modified. */
export interface Engine {
  /**
   * What the tasks contribute to the meta-gradient at θ. A block is 2^k tasks that begin at a multiple of 2^k, the same
   * k throughout; the last block may be shorter. Blocks are of one task if the estimator compares tasks.
   */
  contribute(theta: Float64Array, tasks: readonly TaskKeys[]): Promise<readonly Block[]>;
  /** Each task's mean return after 0 .. steps adaptations from θ. Errors count the tasks from `first`. */
  evaluate(
    theta: Float64Array,
    tasks: readonly TaskKeys[],
    steps: number,
    first?: number,
  ): Promise<readonly Evaluation[]>;
  close(): Promise<void>;
}
