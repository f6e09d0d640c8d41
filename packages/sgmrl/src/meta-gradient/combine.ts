/**
 * Combines the two terms of each task of a batch into one meta-gradient. No other file decides how they are combined.
 *
 *   g = (1/B) Σ_{i < B} (P_i + c k_i m_i S_i)
 *
 *   P_i, S_i  pathwise and score term of task i                                          [eq:recursion]
 *   c         coefficient on the score term; "auto": estimated from earlier batches              [eq:score-coefficient]
 *   k_i       B/⌈B/K⌉ if task i is one of every K-th that compute their score term, else 0 [eq:score-share]
 *   m_i       Ĵ_i − b_i where the estimator compares tasks, else 1                        [eq:multiplier-other-tasks]
 */
import type { TaskKey } from "@sgmrl/envs";
import { addScaled } from "../arithmetic.ts";
import { treeSum } from "../tree-sum.ts";
import type { Estimator, TaskFigures } from "./estimator.ts";
import { scoreCoefficient as leastErrorSoFar, remember, type ScoreMemory } from "./score-coefficient.ts";

/** The terms of one task, or their sum over several. */
export interface Terms {
  readonly pathwise: Float64Array;
  /** null: the task has no score term, or it has been added to the pathwise term already. */
  readonly score: Float64Array | null;
  /** Ĵ_i. */
  readonly meanReturn: number;
  /** The task's figures, among them those that the estimator's `taskMultipliers` asks for. */
  readonly statistics?: TaskFigures;
}

/** The settings that decide how the terms are combined. */
export interface Combination {
  readonly estimator: Estimator;
  /** c (default 1). */
  readonly scoreCoefficient?: number | "auto";
  /** K (default 1). */
  readonly scoreEvery?: number;
}

/**
 * m_i = Ĵ_i − (mean of Ĵ_k over the other tasks k), for scores taken with m = 1.         [eq:multiplier-other-tasks]
 *
 * Given all tasks, b_i is independent of the data of task i, whose score term with m = 1 has mean zero: the mean stays
 * that of SG-MRL, on a lattice, too. A single task has b = 0.
 */
export const returnLessOtherTasks = (meanReturns: readonly number[]): readonly number[] => {
  const total = meanReturns.reduce((sum, J) => sum + J, 0);
  const others = meanReturns.length - 1;
  return meanReturns.map((J) => J - (others > 0 ? (total - J) / others : 0));
};

/** Whether a task has to compute its score term. */
export function computesScore(
  { estimator, scoreCoefficient, scoreEvery }: Combination,
  task: TaskKey,
): boolean {
  return estimator.score !== null && scoreCoefficient !== 0 && share(task, scoreEvery) > 0;
}

/** Whether the terms of each task are needed, rather than sums over several. */
export function comparesTasks({ estimator }: Combination): boolean {
  return estimator.taskMultipliers !== undefined;
}

/** The terms of a task as they enter the sum: P + c k S if c is known and tasks are not compared, else P and k S. */
export function weighed<T extends Terms>(combination: Combination, task: TaskKey, terms: T): T {
  const k = share(task, combination.scoreEvery);
  const own = times(scaled(terms, k), { ...scoreFigures(k), effectiveSampleSize: k });
  return comparesTasks(combination) ? own : joined(combination, own);
}

/** Sums of a batch as they enter the mean. Estimators that compare tasks do so here. */
export function compared<T extends Terms>(combination: Combination, sums: readonly T[]): readonly T[] {
  const { taskMultipliers } = combination.estimator;
  if (taskMultipliers === undefined) return sums;
  const m = taskMultipliers(
    sums.map(({ meanReturn }) => meanReturn),
    sums.map(({ statistics = {} }) => statistics),
  );
  return sums.map((terms, i) => joined(combination, times(scaled(terms, m[i]!), scoreFigures(m[i]!))));
}

/** The sums of both terms, by [eq:tree-sum]. */
export function sumOfTerms(terms: readonly Terms[]): Pick<Terms, "pathwise" | "score"> {
  const scored = terms.some(({ score }) => score !== null);
  return {
    pathwise: treeSum(terms.map(({ pathwise }) => pathwise)),
    score: scored
      ? treeSum(terms.map(({ pathwise, score }) => score ?? new Float64Array(pathwise.length)))
      : null,
  };
}

export interface MeanGradient {
  /** g: [d]. */
  readonly gradient: Float64Array;
  /** c, and the statistics of this batch if c is estimated during training. */
  readonly chosen?: { readonly scoreCoefficient: number; readonly scoreMemory: ScoreMemory };
}

/**
 * g of B tasks from their compared sums. `memory` holds statistics of earlier batches; W is the optimizer's
 * [eq:momentum-averaging].
 */
export function meanGradient(
  { scoreCoefficient }: Combination,
  sums: readonly Terms[],
  B: number,
  memory: ScoreMemory | undefined,
  W: number,
): MeanGradient {
  const mean = (total: Float64Array): Float64Array => total.map((x) => x / B);
  const total = sumOfTerms(sums);
  const pathwise = mean(total.pathwise);
  if (scoreCoefficient !== "auto" || total.score === null) return { gradient: pathwise };
  const score = mean(total.score);
  const c = leastErrorSoFar(memory, W);
  return {
    gradient: addScaled(pathwise, c, score),
    chosen: { scoreCoefficient: c, scoreMemory: remember(memory, pathwise, score) },
  };
}

/**
 * k_i: every K-th task of a lattice is up-weighted to represent those skipped.                         [eq:score-share]
 *
 *   S̄ = (1/B) Σ_{i ≡ 0 mod K} k S_i,   k = B/⌈B/K⌉
 */
function share({ place }: TaskKey, K: number = 1): number {
  if (place === undefined || K === 1) return 1;
  const [i, B] = place;
  return i % K === 0 ? B / Math.ceil(B / K) : 0;
}

function scaled<T extends Terms>(terms: T, factor: number): T {
  return terms.score === null ? terms : { ...terms, score: terms.score.map((x) => factor * x) };
}

/** The factors of the figures of a score term that is multiplied by `factor`. */
function scoreFigures(factor: number): TaskFigures {
  const size = Math.abs(factor);
  return { scoreNorm: size, multiplierMean: factor, multiplierStd: size };
}

/** The terms with their statistics multiplied, so that those of the score terms average as these do. */
function times<T extends Terms>(terms: T, factors: TaskFigures): T {
  if (terms.statistics === undefined) return terms;
  const multiplied = Object.entries(terms.statistics).map(([name, x]) => [name, x * (factors[name] ?? 1)]);
  return { ...terms, statistics: Object.fromEntries(multiplied) };
}

/** P + c S instead of P, if c is known. */
function joined<T extends Terms>({ scoreCoefficient: c = 1 }: Combination, terms: T): T {
  if (c === "auto" || terms.score === null) return terms;
  return { ...terms, pathwise: addScaled(terms.pathwise, c, terms.score), score: null };
}
