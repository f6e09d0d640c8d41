import { addScaled, dot } from "../vector.ts";

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

/**
 * Partial debiasing: the score term shrunk as far as its noise asks for, task i by what the others show.
 *                                                                                       [eq:shrinkage]
 *   λ_i = pathwise_i + c_i S_i
 *   c_i = max(0, 1 − v/|S̄|²),   S̄ = mean of S_k, v = estimated variance of that mean, over tasks k ≠ i
 *
 * For S̄ of mean s and variance v, c = |s|²/(|s|² + v) minimises E|c S̄ − s|², and |S̄|² − v estimates |s|². Since c_i
 * is independent of task i, E λ_i = ∇V − (1 − E c_i) s exactly: the bias is at most MAML's, |s|, and goes to 0 as
 * v → 0, with more tasks or more data. Fewer than three tasks leave v unknown: c = 0.
 *
 * Source  James & Stein, Proc. Fourth Berkeley Symposium 1, 1961 (positive part)
 */
export const shrunkScores: TaskCombination = (tasks) => {
  const scores = tasks.map(({ score }) => score);
  const total = scores.reduce(
    (sum, score) => addScaled(sum, 1, score),
    new Float64Array(scores[0]?.length ?? 0),
  );
  const squares = scores.map((score) => dot(score, score));
  const allSquares = squares.reduce((sum, square) => sum + square, 0);
  return tasks.map(({ pathwise, score }, i) => {
    const n = tasks.length - 1;
    if (n < 2) return pathwise;
    const mean = addScaled(total, -1, score).map((x) => x / n);
    const squaredNorm = dot(mean, mean);
    // Σ_k |S_k − S̄|² = Σ_k |S_k|² − n |S̄|²
    const varianceOfMean = (allSquares - squares[i]! - n * squaredNorm) / (n * (n - 1));
    return addScaled(pathwise, squaredNorm > 0 ? Math.max(0, 1 - varianceOfMean / squaredNorm) : 0, score);
  });
};
