import { addScaled } from "../vector.ts";

/** The estimator whose baseline is only known once all tasks of the batch are. */
export const otherTasks = "sgmrl-other-tasks";

/** One task's share of that estimator: its two terms kept apart. */
export interface TaskTerms {
  /** λ_0 with all m_j = 0, and what m_j = 1 adds to it: [d] each. */
  readonly pathwise: Float64Array;
  readonly unitScore: Float64Array;
  /** Ĵ_i. */
  readonly meanReturn: number;
}

/**
 *   λ_i = pathwise_i + (Ĵ_i − b_i) S_i,   b_i = mean of Ĵ_k over the other tasks k        [eq:multiplier-other-tasks]
 *
 * b_i is independent of task i and its data, so the mean of λ_i is that of SG-MRL. 0 is subtracted if there is one task.
 */
export function combineWithOtherTasks(tasks: readonly TaskTerms[]): Float64Array[] {
  const total = tasks.reduce((sum, { meanReturn }) => sum + meanReturn, 0);
  return tasks.map(({ pathwise, unitScore, meanReturn }) => {
    const baseline = tasks.length > 1 ? (total - meanReturn) / (tasks.length - 1) : 0;
    return addScaled(pathwise, meanReturn - baseline, unitScore);
  });
}
