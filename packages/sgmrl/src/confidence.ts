import { normalQuantile } from "@sgmrl/autodiff/random";
import { treeMean } from "./tree-sum.ts";

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
  return interval(values, z);
}

/**
 * The same for few values, such as one per seed, if they are about normal: Student's t with n − 1 degrees of freedom
 * in place of z.                                                                      [eq:t-interval]
 *
 *   x̄ ± t₀.₉₇₅(n − 1) s / √n
 *
 * Source  Student, Biometrika 6(1), 1908, doi:10.1093/biomet/6.1.1
 */
export function meanOfFew(values: readonly number[]): Estimate {
  return interval(values, tQuantiles[values.length - 2] ?? z);
}

/** t₀.₉₇₅(ν) for ν = 1 … 30, to the digits of the usual tables; z beyond. */
export const tQuantiles: readonly number[] = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131,
  2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
];

function interval(values: readonly number[], quantile: number): Estimate {
  const n = values.length;
  if (n < 2) throw new RangeError(`confidence interval: expected at least 2 values, got ${n}`);
  const mean = treeMean(values);
  const variance = (treeMean(values.map((x) => (x - mean) ** 2)) * n) / (n - 1);
  return { mean, margin: quantile * Math.sqrt(variance / n) };
}
