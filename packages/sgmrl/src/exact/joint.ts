/** The first task's share in the estimate of a batch, for estimators that compare its tasks. */
import { key } from "@sgmrl/autodiff/random";
import { compared, returnLessOtherTasks, type Terms, weighed } from "../meta-gradient/combine.ts";
import type { Estimator, TaskRun } from "../meta-gradient/estimator.ts";
import { metaGradient } from "../meta-gradient/recursion.ts";

/** The number of tasks in a batch where none is given. */
export function batchOf({ taskMultipliers }: Estimator): number {
  if (taskMultipliers === undefined) return 1;
  return taskMultipliers === returnLessOtherTasks ? 2 : 3;
}

/** The word from which the keys of a batch's other tasks are folded, beyond those of a task's own noise. */
export const otherTasks = 1_000_000;

/** Without a lattice, all tasks have the same weight. */
const anyTask = key(0);

/** The terms of a task as they enter a batch. */
export function enteredTerms(estimator: Estimator, run: TaskRun, scoreCoefficient = 1): Terms {
  const { meanReturn } = run.outer;
  const statistics = estimator.taskFigures?.(run.outer) ?? {};
  const terms = { ...metaGradient(estimator, run), meanReturn, statistics };
  return weighed({ estimator, scoreCoefficient }, anyTask, terms);
}

/** g of the first task in a batch, times the number of tasks. */
export function shareOfFirst(
  estimator: Estimator,
  batch: readonly Terms[],
  scoreCoefficient = 1,
): Float64Array {
  return compared({ estimator, scoreCoefficient }, batch)[0]!.pathwise;
}

/** The share of a sampled task among as many others as its estimator compares it with. */
export function shareAmong(estimator: Estimator, run: TaskRun, others: readonly TaskRun[]): Float64Array {
  // Of the others only the return and the figures matter.
  const figures = others.slice(0, batchOf(estimator) - 1).map(
    ({ outer }): Terms => ({
      pathwise: new Float64Array(0),
      score: null,
      meanReturn: outer.meanReturn,
      statistics: estimator.taskFigures?.(outer) ?? {},
    }),
  );
  return shareOfFirst(estimator, [enteredTerms(estimator, run), ...figures]);
}
