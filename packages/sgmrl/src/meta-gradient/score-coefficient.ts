import { addScaled, dot } from "../arithmetic.ts";

/** Statistics of the two terms of the meta-gradient over earlier batches: exponentially decayed sums. */
export interface ScoreMemory {
  /** Σ w and Σ w P̄, Σ w S̄: [d] each. */
  readonly weight: number;
  readonly pathwise: Float64Array;
  readonly score: Float64Array;
  /** Σ w over all batches but the first, and Σ w times the products below. */
  readonly pairs: number;
  readonly squaredMean: number;
  readonly square: number;
  readonly covariance: number;
}

/** Each batch counts 0.9 times as much as the one after it, so about ten batches are remembered. */
const decay = 0.9;

/**
 * Adds a batch, with P̄ and S̄ the means of pathwise and score term over its tasks.            [eq:score-memory]
 *
 *   |E S|²        ≈ ⟨S̄_k · s_k⟩
 *   E |S̄|²        ≈ ⟨|S̄_k|²⟩
 *   tr cov(P̄, S̄)  ≈ ⟨P̄_k·S̄_k − ½ (P̄_k·s_k + S̄_k·p_k)⟩
 *
 * ⟨·⟩ decayed means over batches; p_k, s_k those of P̄ and S̄ *before* batch k, which are independent of it: at a fixed
 * θ each is unbiased, even if the tasks of one batch depend on one another.
 */
export function remember(
  memory: ScoreMemory | undefined,
  pathwise: Float64Array,
  score: Float64Array,
): ScoreMemory {
  if (memory === undefined)
    return { weight: 1, pathwise, score, pairs: 0, squaredMean: 0, square: 0, covariance: 0 };
  const [p, s] = [memory.pathwise, memory.score];
  const w = memory.weight;
  const meanProduct = (dot(pathwise, s) + dot(score, p)) / (2 * w);
  return {
    weight: decay * w + 1,
    pathwise: addScaled(pathwise, decay, p),
    score: addScaled(score, decay, s),
    pairs: decay * memory.pairs + 1,
    squaredMean: decay * memory.squaredMean + dot(score, s) / w,
    square: decay * memory.square + dot(score, score),
    covariance: decay * memory.covariance + dot(pathwise, score) - meanProduct,
  };
}

/**
 * The coefficient c that minimises the mean squared error of P̄ + c S̄ as an estimate of E P̄ +  [eq:score-coefficient]
 * E S̄ = ∇V:
 *
 *   E |P̄ + c S̄ − ∇V|² = (1−c)² |E S|² + tr cov(P̄) + 2c tr cov(P̄, S̄) + c² tr cov(S̄)
 *   c* = (|E S|² − tr cov(P̄, S̄)) / (|E S|² + tr cov(S̄)), clipped to [0, 1]
 *
 * As the batch grows the covariances vanish and c* → 1.
 */
export function leastErrorCoefficient(squaredMean: number, variance: number, covariance: number): number {
  const whole = squaredMean + variance;
  return whole > 0 ? Math.min(1, Math.max(0, (squaredMean - covariance) / whole)) : 0;
}

/**
 * c* from earlier batches only, so that it is independent of this one, for a mean over W batches like that of an
 * optimizer's momentum [eq:momentum-averaging]; 0 before there are any statistics.
 */
export function scoreCoefficient(memory: ScoreMemory | undefined, W: number): number {
  if (memory === undefined || memory.pairs === 0) return 0;
  const [squaredMean, square, covariance] = [memory.squaredMean, memory.square, memory.covariance].map(
    (sum) => sum / memory.pairs,
  ) as [number, number, number]; // one for each
  const positive = Math.max(0, squaredMean);
  return leastErrorCoefficient(positive, Math.max(0, square - positive) / W, covariance / W);
}
