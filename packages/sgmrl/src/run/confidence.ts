import { normalQuantile } from "@sgmrl/autodiff/random";
import { treeMean } from "../engine/tree-sum.ts";

export interface Estimate {
  readonly mean: number;
  /** Half the width of the 95% confidence interval around the mean. */
  readonly margin: number;
}

const z: number = normalQuantile(0.975);

/**
 * Mean of independent values, with a 95% confidence interval for many of them.      [eq:confidence-interval]
 *
 *   x̄ ± z₀.₉₇₅ s / √n,    s² = Σ_i (x_i − x̄)² / (n − 1)
 *
 * Source  Wasserman, All of Statistics, Springer 2004, section 6.3.2, doi:10.1007/978-0-387-21736-9
 */
export function meanWithConfidence(values: readonly number[]): Estimate {
  const n = values.length;
  if (n < 2) throw new RangeError(`meanWithConfidence: expected at least 2 values, got ${n}`);
  const mean = treeMean(values);
  const variance = (treeMean(values.map((x) => (x - mean) ** 2)) * n) / (n - 1);
  return { mean, margin: z * Math.sqrt(variance / n) };
}
