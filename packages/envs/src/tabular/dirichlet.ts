import { exp, log, log1p } from "@sgmrl/autodiff/elementary";
import { type Key, normalAt, split, uniformAt } from "@sgmrl/autodiff/random";

/**
 * One draw from the symmetric Dirichlet distribution on n categories, concentration alpha > 0.  [eq:dirichlet]
 *
 *   p = softmax(log g),   g_1, ..., g_n independent Gamma(alpha, 1)
 *
 * Numerics  logarithms throughout: with alpha = 0.001 every g_i may be below the smallest double
 * Shapes    → [n], sums to 1
 * Errors    RangeError unless alpha > 0
 */
export function dirichlet(key: Key, alpha: number, n: number): number[] {
  if (!(alpha > 0)) throw new RangeError(`dirichlet: alpha must be positive; got ${alpha}`);
  const logs = split(key, n).map((k) => logGamma(k, alpha));
  const top = Math.max(...logs);
  const weights = logs.map((logWeight) => exp(logWeight - top));
  const total = weights.reduce((sum, w) => sum + w, 0);
  return weights.map((w) => w / total);
}

/**
 * log g for g ~ Gamma(alpha, 1), by rejection from the cube of a normal; for alpha < 1, times a power of a
 * uniform:
 *
 *   g = d v,   d = alpha - 1/3,   v = (1 + z / sqrt(9 d))^3,   z ~ N(0, 1)            alpha >= 1
 *   accepted   if log u < z^2 / 2 + d (1 - v + log v),   u ~ U(0, 1)
 *   g = g' u^(1/alpha),   g' ~ Gamma(alpha + 1, 1)                                    alpha < 1
 *
 * Source  Marsaglia & Tsang, ACM Trans. Math. Software 26(3), 2000, doi:10.1145/358407.358414
 */
function logGamma(key: Key, alpha: number): number {
  if (alpha < 1) return logGamma(key, alpha + 1) + log1p(-uniformAt(key, 0)) / alpha; // 1 - u is never 0
  const d = alpha - 1 / 3;
  for (let trial = 1; ; trial++) {
    const z = normalAt(key, 2 * trial);
    const u = uniformAt(key, 2 * trial + 1);
    const root = 1 + z / Math.sqrt(9 * d);
    const v = root * root * root;
    if (v > 0 && log(u) < 0.5 * z * z + d * (1 - v + log(v))) return log(d * v);
  }
}
