/**
 * 1 - Phi(z) for z >= 0, by the convergent series near 0 and Laplace's continued fraction in the tail.
 *
 *   z < 3    Phi(z) - 1/2 = phi(z) (z + z^3/3 + z^5/(3 5) + ...)
 *   z >= 3   1 - Phi(z)   = phi(z) / (z + 1/(z + 2/(z + 3/(z + ...))))
 *
 * Source  Abramowitz & Stegun, Handbook of Mathematical Functions, 1964, 26.2.11 and 26.2.14
 */
export function upperTail(z: number): number {
  const density = Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);
  if (z >= 3) {
    let fraction = z;
    for (let k = 200; k >= 1; k--) fraction = z + k / fraction;
    return density / fraction;
  }
  let term = z;
  let sum = z;
  for (let k = 3; k < 200; k += 2) {
    term *= (z * z) / k;
    sum += term;
  }
  return 0.5 - density * sum;
}

/** Phi(z). */
export function normalCdf(z: number): number {
  return z < 0 ? upperTail(-z) : 1 - upperTail(z);
}
