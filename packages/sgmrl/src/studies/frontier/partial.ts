import { addScaled, dot } from "../../vector.ts";

/** One task: its pathwise term P, its score term S, and another estimate S' of the same mean up to S's own bias. */
export interface Terms {
  readonly pathwise: Float64Array;
  readonly score: Float64Array;
  readonly reference: Float64Array;
}

/** Unbiased estimates from n tasks; products of means by Σ_{i≠k} x_i·y_k / (n(n−1)).        [eq:score-statistics] */
export interface ScoreStatistics {
  /** |E S|², E S·E S', |E S'|². */
  readonly squaredMean: number;
  readonly meanProduct: number;
  readonly squaredReference: number;
  /** Traces of cov(P), cov(S) and cov(P, S), of one task. */
  readonly pathwiseVariance: number;
  readonly variance: number;
  readonly covariance: number;
}

export function scoreStatistics(tasks: readonly Terms[]): ScoreStatistics {
  const n = tasks.length;
  if (n < 2) throw new RangeError(`scoreStatistics: expected at least 2 tasks, got ${n}`);
  const sums = (["pathwise", "score", "reference"] as const).map((term) =>
    tasks.map((task) => task[term]).reduce((sum, x) => addScaled(sum, 1, x)),
  ) as [Float64Array, Float64Array, Float64Array]; // one for each term
  const [P, S, R] = sums;
  const products = (x: keyof Terms, y: keyof Terms): number =>
    tasks.reduce((sum, task) => sum + dot(task[x], task[y]), 0);
  const ofMeans = (x: Float64Array, y: Float64Array, xy: number): number => (dot(x, y) - xy) / (n * (n - 1));
  const covariance = (x: Float64Array, y: Float64Array, xy: number): number => (xy - dot(x, y) / n) / (n - 1);
  const [PP, SS, PS] = [
    products("pathwise", "pathwise"),
    products("score", "score"),
    products("pathwise", "score"),
  ];
  return {
    squaredMean: ofMeans(S, S, SS),
    meanProduct: ofMeans(S, R, products("score", "reference")),
    squaredReference: ofMeans(R, R, products("reference", "reference")),
    pathwiseVariance: covariance(P, P, PP),
    variance: covariance(S, S, SS),
    covariance: covariance(P, S, PS),
  };
}

/** Processor time of a task without its score term, and what that term costs in addition. */
export interface Cost {
  readonly pathwise: number;
  readonly score: number;
}

/** λ, the coefficient on the score term, and p, the share of the tasks that compute it. */
export interface Plan {
  readonly coefficient: number;
  readonly share: number;
}

/** Shares that a plan chooses from; never none, or the score term would not be watched. */
const shares = Array.from({ length: 6 }, (_, i) => 2 ** -i);

/**
 * Partial debiasing: P + (λ/p) S on a share p of the tasks and P on the others, as many as the time allows, with the
 * least mean squared error that the statistics foresee.                                [eq:partial-debiasing]
 *
 *   MSE(λ, p) = (1−λ)² μ² + [tr cov(P) + 2λ tr cov(P,S) + λ² v_p]/B,   v_p = (tr cov(S) + μ²)/p − μ²,   μ = |E S|
 *   λ*(p)     = (μ² − tr cov(P,S)/B) / (μ² + v_p/B) into [0, 1],       B = time/(cost of P + p · cost of S)
 */
export function planFor(found: ScoreStatistics, cost: Cost, time: number): Plan {
  const squaredMean = Math.max(0, found.squaredMean);
  const optimal = (share: number): Plan => {
    const B = tasksIn(time, cost, share);
    const gain = squaredMean - found.covariance / B;
    const whole = squaredMean + scoreVariance(found, share) / B;
    return { share, coefficient: gain <= 0 || whole <= 0 ? 0 : Math.min(1, gain / whole) };
  };
  const foreseen = { ...found, meanProduct: squaredMean, squaredReference: squaredMean, squaredMean };
  return shares
    .map(optimal)
    .map((plan) => ({ plan, error: squaredError(foreseen, plan, cost, time).total }))
    .reduce((best, candidate) => (candidate.error < best.error ? candidate : best)).plan;
}

/** The mean squared error of a plan: |E(λS − S')|² + the variance of P + λS̃ over the tasks that fit into the time. */
export function squaredError(
  found: ScoreStatistics,
  { coefficient: c, share }: Plan,
  cost: Cost,
  time: number,
): { readonly squaredBias: number; readonly variance: number; readonly total: number } {
  const squaredBias = c ** 2 * found.squaredMean - 2 * c * found.meanProduct + found.squaredReference;
  const variance = found.pathwiseVariance + 2 * c * found.covariance + c ** 2 * scoreVariance(found, share);
  return {
    squaredBias,
    variance,
    total: Math.max(0, squaredBias) + variance / tasksIn(time, cost, share),
  };
}

/** B, not rounded. */
export function tasksIn(time: number, cost: Cost, share: number): number {
  return time / (cost.pathwise + share * cost.score);
}

/** v_p. */
function scoreVariance({ variance, squaredMean }: ScoreStatistics, share: number): number {
  const mu2 = Math.max(0, squaredMean);
  return (variance + mu2) / share - mu2;
}
