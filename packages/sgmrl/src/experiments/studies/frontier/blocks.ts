/** Squared means and variances of random vectors from samples, with intervals. */

import { addScaled, dot, mean } from "../../../arithmetic.ts";
import { type Estimate, studentQuantile } from "../../../statistics/confidence.ts";

/** Per-block sums of x and |x|² over blocks of independent draws x_i. */
export class Blocks {
  readonly #sums: readonly Float64Array[];
  readonly #squares: readonly number[];
  readonly #count: number;

  constructor(rows: readonly Float64Array[], blocks: number) {
    const size = Math.floor(rows.length / blocks);
    if (size < 1) throw new RangeError(`Blocks: ${rows.length} draws do not fill ${blocks} blocks`);
    const parts = Array.from({ length: blocks }, (_, b) => rows.slice(b * size, (b + 1) * size));
    this.#sums = parts.map((part) => part.reduce((sum, x) => addScaled(sum, 1, x)));
    this.#squares = parts.map((part) => part.reduce((sum, x) => sum + dot(x, x), 0));
    this.#count = size;
  }

  /**
   * Moments over all blocks, or all but one:                                            [eq:squared-mean]
   *
   *   |E x|²:     Σ_{i≠k} x_i·x_k / (n(n−1)) = (|Σx|² − Σ|x|²) / (n(n−1))
   *   tr cov(x):  (Σ|x|² − |Σx|²/n) / (n−1)
   *
   * Both are unbiased; the first may be negative.
   */
  moments(without?: number): { readonly squaredMean: number; readonly variance: number } {
    const kept = this.#sums.flatMap((_, b) => (b === without ? [] : [b]));
    const n = kept.length * this.#count;
    const sum = kept.map((b) => this.#sums[b]!).reduce((total, x) => addScaled(total, 1, x));
    const squares = kept.reduce((total, b) => total + this.#squares[b]!, 0);
    const squaredSum = dot(sum, sum);
    return {
      squaredMean: (squaredSum - squares) / (n * (n - 1)),
      variance: (squares - squaredSum / n) / (n - 1),
    };
  }
}

/**
 * A function f of sums over K blocks of draws, with the block-jackknife interval.        [eq:block-jackknife]
 *
 *   f ± t₀.₉₇₅(K−1) √((K−1)/K Σ_b (f_{−b} − mean f_{−b})²),   f_{−b} without block b
 *
 * Source  Efron & Stein, Ann. Statist. 9(3), 1981, doi:10.1214/aos/1176345462
 */
export function overBlocks(blocks: number, f: (without?: number) => number): Estimate {
  const parts = Array.from({ length: blocks }, (_, b) => f(b));
  const centre = mean(parts);
  const spread = parts.reduce((total, x) => total + (x - centre) * (x - centre), 0);
  const t = studentQuantile(0.975, blocks - 1);
  return { mean: f(), margin: t * Math.sqrt(((blocks - 1) / blocks) * spread) };
}

/** The share of Σ|x|² carried by the largest rows: `fraction` of them, at least one. A check for outliers. */
export function shareOfTop(rows: readonly Float64Array[], fraction: number): number {
  const squares = rows.map((x) => dot(x, x)).sort((a, b) => b - a);
  const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
  return total(squares.slice(0, Math.max(1, Math.floor(fraction * rows.length)))) / total(squares);
}
