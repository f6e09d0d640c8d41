/** Statistics of P + c S, the pathwise and the score term, from draws of both. */

import { addScaled, dot } from "../../../arithmetic.ts";
import { leastErrorCoefficient } from "../../../meta-gradient/score-coefficient.ts";

/**
 * One task: its pathwise term P, its score term S, and another estimate S' of the same mean, except for the
 * bias of S.
 */
export interface DrawnTerms {
  readonly pathwise: Float64Array;
  readonly score: Float64Array;
  readonly reference: Float64Array;
}

/** |E S|², E S·E S', |E S'|², of n tasks by Σ_{i≠k} x_i·y_k / (n(n−1)): unbiased.          [eq:score-statistics] */
export interface ScoreMeans {
  readonly squaredMean: number;
  readonly meanProduct: number;
  readonly squaredReference: number;
}

/** Traces of cov(P), cov(S) and cov(P, S), for one task or for means over a batch. */
export interface Noise {
  readonly pathwise: number;
  readonly score: number;
  readonly covariance: number;
}

export function scoreMeans(tasks: readonly DrawnTerms[]): ScoreMeans {
  const n = atLeastTwo(tasks.length);
  const [S, R] = [sumOf(tasks.map(({ score }) => score)), sumOf(tasks.map(({ reference }) => reference))];
  const ofMeans = (x: keyof DrawnTerms, y: keyof DrawnTerms, X: Float64Array, Y: Float64Array): number =>
    (dot(X, Y) - tasks.reduce((sum, task) => sum + dot(task[x], task[y]), 0)) / (n * (n - 1));
  return {
    squaredMean: ofMeans("score", "score", S, S),
    meanProduct: ofMeans("score", "reference", S, R),
    squaredReference: ofMeans("reference", "reference", R, R),
  };
}

export function noiseOf(draws: readonly Pick<DrawnTerms, "pathwise" | "score">[]): Noise {
  const n = atLeastTwo(draws.length);
  const [P, S] = [sumOf(draws.map(({ pathwise }) => pathwise)), sumOf(draws.map(({ score }) => score))];
  const covariance = (x: "pathwise" | "score", y: "pathwise" | "score", X: Float64Array, Y: Float64Array) =>
    (draws.reduce((sum, draw) => sum + dot(draw[x], draw[y]), 0) - dot(X, Y) / n) / (n - 1);
  return {
    pathwise: covariance("pathwise", "pathwise", P, P),
    score: covariance("score", "score", S, S),
    covariance: covariance("pathwise", "score", P, S),
  };
}

/** The noise of a mean over B independent draws. */
export function over(B: number, { pathwise, score, covariance }: Noise): Noise {
  return { pathwise: pathwise / B, score: score / B, covariance: covariance / B };
}

export function bestCoefficient({ squaredMean }: Pick<ScoreMeans, "squaredMean">, noise: Noise): number {
  return leastErrorCoefficient(Math.max(0, squaredMean), noise.score, noise.covariance);
}

/** |E (c S − S')|² and the trace of cov(P + c S). An estimated square below 0 counts as 0 in the total. */
export function squaredError(
  { squaredMean, meanProduct, squaredReference }: ScoreMeans,
  { pathwise, score, covariance }: Noise,
  c: number,
): { readonly squaredBias: number; readonly variance: number; readonly total: number } {
  const squaredBias = c ** 2 * squaredMean - 2 * c * meanProduct + squaredReference;
  const variance = pathwise + 2 * c * covariance + c ** 2 * score;
  return { squaredBias, variance, total: Math.max(0, squaredBias) + variance };
}

function sumOf(vectors: readonly Float64Array[]): Float64Array {
  return vectors.reduce((sum, x) => addScaled(sum, 1, x));
}

function atLeastTwo(n: number): number {
  if (n >= 2) return n;
  throw new RangeError(`statistics of the score term: expected at least 2 draws, got ${n}`);
}
