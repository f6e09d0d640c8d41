import { exp, log1p } from "@sgmrl/autodiff/elementary";
import { type Key, uniformAt } from "@sgmrl/autodiff/random";

/**
 * Point i of B of a randomly shifted rank-1 lattice on the unit cube:                   [eq:task-lattice]
 *
 *   u_i = frac(Δ + (i/B, i a_1, …, i a_{d−1})),   Δ uniform on [0, 1)^d, one for the whole batch
 *   a_k = g^{−k},   g the root of g^d = g + 1 above 1
 *
 * Each u_i alone is uniform, so the mean over a batch is unbiased, as with independent tasks. Together the
 * points fill the cube evenly, which removes most of the variance between tasks; the variance within tasks is
 * unchanged.
 *
 * Source  the shift: Cranley & Patterson, SIAM J. Numer. Anal. 13(6), 1976, doi:10.1137/0713071;
 *         a_1 for d = 2 is the golden ratio's: Owen, Monte Carlo theory, methods and examples, 2013, chapter 16
 */
export function latticePoint(key: Key, i: number, B: number, dimensions: number): Float64Array {
  const g = root(dimensions);
  let a = 1; // a_k
  return Float64Array.from({ length: dimensions }, (_, k) => {
    if (k > 0) a /= g;
    const u = uniformAt(key, k) + (k === 0 ? i / B : (i * a) % 1);
    return u - Math.floor(u);
  });
}

/** g > 1 with g^d = g + 1, by the iteration g ← (1 + g)^{1/d}; d = 1 has none and needs none. */
function root(d: number): number {
  let g = 1.5;
  for (let n = 0; n < 64; n++) g = exp(log1p(g) / d);
  return g;
}
