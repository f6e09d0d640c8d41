/** Weighted results of consecutive tasks, summed where they were computed, as far as the estimator allows. */
import { type Combination, comparesTasks, sumOfTerms, weighed } from "../meta-gradient/combine.ts";
import type { UnitResult } from "../meta-gradient/contribution.ts";
import { treeSum } from "../tree-sum.ts";
import type { Block, TaskKeys } from "./engine.ts";

/** The results of one group of tasks as one block, or as one block each if the estimator compares tasks. */
export function blocksOf(
  combination: Combination,
  tasks: readonly TaskKeys[],
  results: readonly UnitResult[],
): Block[] {
  const terms = results.map((result, i) => weighed(combination, tasks[i]!.task, result));
  if (terms.length === 1 || comparesTasks(combination)) return terms.map((sum) => ({ tasks: 1, sum }));
  return [{ tasks: terms.length, sum: sumOf(terms) }];
}

function sumOf(results: readonly UnitResult[]): UnitResult {
  const total = (values: readonly number[]): number =>
    treeSum(values.map((value) => Float64Array.of(value)))[0]!;
  const totals = <Name extends string>(of: (result: UnitResult) => Readonly<Record<Name, number>>) =>
    Object.fromEntries(
      Object.keys(of(results[0]!)).map((name) => [name, total(results.map((r) => of(r)[name as Name]))]),
    ) as Record<Name, number>; // the names are those of the first result, and all have the same
  return {
    ...sumOfTerms(results),
    meanReturn: total(results.map(({ meanReturn }) => meanReturn)),
    statistics: totals(({ statistics }) => statistics),
    seconds: totals(({ seconds }) => seconds),
  };
}
