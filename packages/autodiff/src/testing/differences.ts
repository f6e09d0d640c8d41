/** A derivative computed from values alone, with an error estimate for each element. */
export interface DifferenceQuotient {
  readonly derivative: Float64Array;
  /** Error estimate: the last change made by the extrapolation, and at least `rounding`. */
  readonly error: Float64Array;
  /** The part of the error due to rounding of the values. */
  readonly rounding: Float64Array;
}

export interface DifferenceOptions {
  /** Step of the first row (default 2^−6: kinks and domain boundaries are usually further away). */
  readonly firstStep?: number;
  /** Error of each element of f, if larger than its rounding. */
  readonly noise?: Float64Array;
}

const rows = 7;

/**
 * f'(0) for a function of one number, by central differences extrapolated to step zero.
 *
 *   D_k,0 = (f(h_k) − f(−h_k)) / (2 h_k)      h_k = 2^−k h_0
 *   D_k,m = D_k,m−1 + (D_k,m−1 − D_k−1,m−1) / (4^m − 1)
 *
 * For smooth f the error of column m is O(h^(2m+2)), so large steps suffice and rounding stays small. For
 * each element the entry that differs least from its two predecessors is kept; its error is that difference,
 * or the rounding error ε / h_k if that is larger, with ε = 2^−52 max |f(±h_k)| or the given noise. Where f
 * is constant in floating point, as tanh is at 20, the quotient is 0 and `rounding` bounds what it may have
 * missed. At a kink the quotient is the mean of the one-sided derivatives.
 *
 * Source  Ridders, Advances in Engineering Software 4(2), 1982, doi:10.1016/S0141-1195(82)80057-0
 */
export function differentiateByDifferences(
  f: (t: number) => Float64Array,
  { firstStep = 2 ** -6, noise }: DifferenceOptions = {},
): DifferenceQuotient {
  let previous: Float64Array[] = [];
  let derivative = new Float64Array(0);
  let error = new Float64Array(0);
  let rounding = new Float64Array(0);
  for (let k = 0; k < rows; k++) {
    const h = firstStep / 2 ** k;
    const [ahead, behind] = [f(h), f(-h)];
    const row = [ahead.map((value, i) => (value - behind[i]!) / (2 * h))];
    if (k === 0) {
      derivative = row[0]!.slice();
      error = new Float64Array(derivative.length).fill(Number.POSITIVE_INFINITY);
      rounding = error.slice();
    }
    for (let m = 1; m <= k; m++) {
      const [better, worse] = [row[m - 1]!, previous[m - 1]!];
      const entry = better.map((value, i) => value + (value - worse[i]!) / (2 ** (2 * m) - 1));
      row.push(entry);
      entry.forEach((value, i) => {
        const lastDigit = 2 ** -52 * Math.max(Math.abs(ahead[i]!), Math.abs(behind[i]!));
        const digit = Math.max(noise?.[i] ?? 0, lastDigit);
        const spread = Math.max(Math.abs(value - better[i]!), Math.abs(value - worse[i]!), digit / h);
        if (spread < error[i]!) {
          error[i] = spread;
          rounding[i] = digit / h;
          derivative[i] = value;
        }
      });
    }
    previous = row;
  }
  return { derivative, error, rounding };
}

/**
 * The rounding noise in each element of f(0), from values so close together that a smooth f is a straight
 * line:
 *
 *   ε = 4 σ + 2^−52 |f(0)|     σ² = (4!)²/8! mean (Δ⁴ f)²
 *
 * Source  Moré & Wild, Estimating computational noise, SIAM Journal on Scientific Computing 33(3), 2011, doi:10.1137/100786125
 */
export function noiseOf(f: (t: number) => Float64Array): Float64Array {
  const values = Array.from({ length: 9 }, (_, j) => f((j - 4) * 2 ** -26));
  return values[4]!.map((center, i) => {
    let differences = values.map((value) => value[i]!);
    for (let k = 0; k < 4; k++) differences = differences.slice(1).map((y, j) => y - differences[j]!);
    const meanSquare = differences.reduce((total, d) => total + d * d, 0) / differences.length;
    return 4 * Math.sqrt(meanSquare / 70) + 2 ** -52 * Math.abs(center);
  });
}
