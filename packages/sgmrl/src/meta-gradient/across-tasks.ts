import { addScaled } from "../vector.ts";

/** One task's share of a meta-gradient, its two terms kept apart. */
export interface TaskTerms {
  /** λ_0 with all m_j = 0, and what the scores add to it: [d] each. */
  readonly pathwise: Float64Array;
  readonly score: Float64Array;
  /** Ĵ_i. */
  readonly meanReturn: number;
}

/** Puts the terms of all tasks of a batch together, with what each task can learn from the others. */
export type TaskCombination = (tasks: readonly TaskTerms[]) => Float64Array[];

/**
 * For scores taken with m = 1:                                                          [eq:multiplier-other-tasks]
 *
 *   λ_i = pathwise_i + (Ĵ_i − b_i) S_i,   b_i = mean of Ĵ_k over the other tasks k
 *
 * b_i is independent of task i and its data, so the mean of λ_i is that of SG-MRL. A single task has b = 0.
 */
export const baselineOfOtherTasks: TaskCombination = (tasks) => {
  const total = tasks.reduce((sum, { meanReturn }) => sum + meanReturn, 0);
  return tasks.map(({ pathwise, score, meanReturn }) => {
    const baseline = tasks.length > 1 ? (total - meanReturn) / (tasks.length - 1) : 0;
    return addScaled(pathwise, meanReturn - baseline, score);
  });
};
