/**
 * Statistics of a few runs of a learning algorithm, after Agarwal, Schwarzer, Castro, Courville & Bellemare, Deep
 * Reinforcement Learning at the Edge of the Statistical Precipice, NeurIPS 2021 (arXiv:2108.13264).
 *
 * `Scores` hold x_{m,n}, the score of run n on problem m: a row per problem m = 1 … M, N_m ≥ 1 runs each. Scores of
 * problems on different scales are normalised by the caller first; higher is better.
 */
import { fold, type Key, uniform } from "@sgmrl/autodiff/random";
import { treeMean } from "../tree-sum.ts";

export type Scores = readonly (readonly number[])[];

export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Mean of the middle half of all scores.                                                  [eq:interquartile-mean]
 *
 *   IQM = 1/(K − 2c) Σ_{k=c+1}^{K−c} x_(k),    K = Σ_m N_m,   c = ⌊K/4⌋,   x_(1) ≤ … ≤ x_(K)
 *
 * Less sensitive to an outlying run than the mean, and less wasteful than the median.
 *
 * Errors  RangeError for no score, or one that is not finite
 */
export function interquartileMean(scores: Scores): number {
  const sorted = checked("interquartileMean", scores)
    .flat()
    .sort((a, b) => a - b);
  const cut = Math.floor(sorted.length / 4);
  return treeMean(sorted.slice(cut, sorted.length - cut));
}

/**
 * Share of runs that score more than τ, averaged over problems.                         [eq:performance-profile]
 *
 *   F̂(τ) = 1/M Σ_m 1/N_m Σ_n 1{x_{m,n} > τ}
 *
 * Errors  RangeError for no score, or one that is not finite
 */
export function performanceProfile(scores: Scores, tau: number): number {
  return treeMean(
    checked("performanceProfile", scores).map((runs) => runs.filter((x) => x > tau).length / runs.length),
  );
}

/**
 * The probability that a run of X scores more than one of Y on the same problem.  [eq:probability-of-improvement]
 *
 *   P(X > Y) = 1/M Σ_m 1/(N_m K_m) Σ_{i,j} s(x_{m,i}, y_{m,j}),    s(x, y) = 1 if x > y, 1/2 if x = y, 0 if x < y
 *
 * The inner sum is the Mann–Whitney U statistic.
 *
 * Errors  RangeError for another number of problems, no score, or one that is not finite
 */
export function probabilityOfImprovement(x: Scores, y: Scores): number {
  checked("probabilityOfImprovement", x);
  checked("probabilityOfImprovement", y);
  if (x.length !== y.length)
    throw new RangeError(
      `probabilityOfImprovement: expected equal numbers of problems, got ${x.length} and ${y.length}`,
    );
  return treeMean(
    x.map((runs, m) =>
      treeMean(runs.flatMap((a) => y[m]!.map((b) => (a > b ? 1 : a === b ? 0.5 : 0) as number))),
    ),
  );
}

/**
 * A statistic of one or more algorithms' scores with its stratified percentile bootstrap interval.
 *                                                                                      [eq:stratified-bootstrap]
 *   N_m runs are drawn from the N_m of each problem m, with replacement, `resamples` times; the interval runs from
 *   the (1 − c)/2 to the (1 + c)/2 quantile of the statistic, for confidence c.
 *
 * With few runs such an interval is too narrow (of 5 normal scores, a "95%" interval of the mean covers it in about
 * 83% of cases): `meanWithConfidence` [eq:t-interval] covers the mean better, this serves statistics without a
 * formula. Quantiles are interpolated linearly between order statistics.
 *
 * `drawing` keys the draws: the same key gives the same interval.
 */
export function bootstrapInterval<const S extends readonly Scores[]>(
  algorithms: S,
  statistic: (...resampled: { readonly [I in keyof S]: Scores }) => number,
  drawing: Key,
  { confidence = 0.95, resamples = 2000 }: { readonly confidence?: number; readonly resamples?: number } = {},
): Interval {
  for (const scores of algorithms) checked("bootstrapInterval", scores);
  const apply = statistic as (...resampled: readonly Scores[]) => number;
  const values = Array.from({ length: resamples }, (_, b) => {
    const draw = fold(drawing, b);
    return apply(...algorithms.map((scores, a) => resample(scores, fold(draw, a))));
  }).sort((p, q) => p - q);
  return {
    value: apply(...algorithms),
    low: quantile(values, (1 - confidence) / 2),
    high: quantile(values, (1 + confidence) / 2),
  };
}

function resample(scores: Scores, drawing: Key): Scores {
  const draws = uniform(
    drawing,
    scores.reduce((count, runs) => count + runs.length, 0),
  );
  let drawn = 0;
  return scores.map((runs) => runs.map(() => runs[Math.floor(draws[drawn++]! * runs.length)]!));
}

/** Linear between the order statistics: position p (n − 1) among them, counted from 0. */
function quantile(sorted: readonly number[], p: number): number {
  const position = p * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (position - below) * (sorted[above]! - sorted[below]!);
}

function checked(caller: string, scores: Scores): Scores {
  if (scores.length === 0) throw new RangeError(`${caller}: expected at least 1 problem, got none`);
  for (const [m, runs] of scores.entries()) {
    if (runs.length === 0) throw new RangeError(`${caller}: problem ${m} has no run`);
    const bad = runs.findIndex((x) => !Number.isFinite(x));
    if (bad >= 0)
      throw new RangeError(
        `${caller}: run ${bad} of problem ${m} has the score ${runs[bad]}, expected a finite number`,
      );
  }
  return scores;
}
