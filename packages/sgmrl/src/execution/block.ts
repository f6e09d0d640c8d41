/** Results of neighbouring tasks, added up where they were computed as far as the estimator allows. */
import type { Experiment } from "../meta-gradient/experiment.ts";
import { estimatorOf } from "../meta-gradient/parts.ts";
import type { UnitResult } from "../meta-gradient/unit.ts";
import { treeSum } from "../tree-sum.ts";

/** What consecutive tasks add up to by [eq:tree-sum]; of one task, its result. */
export interface Block {
  readonly tasks: number;
  readonly sum: UnitResult;
}

export function single(result: UnitResult): Block {
  return { tasks: 1, sum: result };
}

/** Whether the estimator needs each task's result by itself, to put tasks together (meta-gradient/across-tasks.ts). */
export function keepsTasksApart(experiment: Experiment): boolean {
  return estimatorOf(experiment).acrossTasks !== undefined;
}

/** The results of one group of tasks as one block, or as one block each where the estimator needs them apart. */
export function blocksOf(experiment: Experiment, results: readonly UnitResult[]): Block[] {
  if (results.length === 1 || keepsTasksApart(experiment)) return results.map(single);
  return [{ tasks: results.length, sum: sumOf(results) }];
}

function sumOf(results: readonly UnitResult[]): UnitResult {
  const total = (values: readonly number[]): number =>
    treeSum(values.map((value) => Float64Array.of(value)))[0]!;
  const totals = <Name extends string>(of: (result: UnitResult) => Readonly<Record<Name, number>>) =>
    Object.fromEntries(
      Object.keys(of(results[0]!)).map((name) => [name, total(results.map((r) => of(r)[name as Name]))]),
    ) as Record<Name, number>; // the names are those of the first result, and all have the same
  const scores = results.flatMap(({ score }) => (score === undefined ? [] : [score]));
  return {
    gradient: treeSum(results.map(({ gradient }) => gradient)),
    ...(scores.length === 0 ? {} : { score: treeSum(scores) }),
    meanReturn: total(results.map(({ meanReturn }) => meanReturn)),
    statistics: totals(({ statistics }) => statistics),
    seconds: totals(({ seconds }) => seconds),
  };
}
