/** A derivative from values alone, with an estimate of its error, element by element. */
export interface DifferenceQuotient {
  readonly derivative: Float64Array;
  readonly error: Float64Array;
}

const firstStep = 2 ** -6;
const rows = 7;

/**
 * f'(0) for a function of one number, by central differences extrapolated to step zero.
 *
 *   D_k,0 = (f(h_k) − f(−h_k)) / (2 h_k)      h_k = 2^−k h_0
 *   D_k,m = D_k,m−1 + (D_k,m−1 − D_k−1,m−1) / (4^m − 1)
 *
 * For smooth f the error of column m is O(h^(2m+2)), so that large steps suffice and rounding stays small. For
 * each element the entry that differs least from its two ancestors is kept; that difference is its error.
 * At a kink the quotient is the mean of the one-sided derivatives.
 *
 * Source  Ridders, Advances in Engineering Software 4(2), 1982, doi:10.1016/S0141-1195(82)80057-0
 */
export function differentiateByDifferences(f: (t: number) => Float64Array): DifferenceQuotient {
  let previous: Float64Array[] = [];
  let derivative = new Float64Array(0);
  let error = new Float64Array(0);
  for (let k = 0; k < rows; k++) {
    const row = [centralDifference(f, firstStep / 2 ** k)];
    if (k === 0) {
      derivative = row[0]!.slice();
      error = new Float64Array(derivative.length).fill(Number.POSITIVE_INFINITY);
    }
    for (let m = 1; m <= k; m++) {
      const [better, worse] = [row[m - 1]!, previous[m - 1]!];
      const entry = better.map((value, i) => value + (value - worse[i]!) / (4 ** m - 1));
      row.push(entry);
      entry.forEach((value, i) => {
        const spread = Math.max(Math.abs(value - better[i]!), Math.abs(value - worse[i]!));
        if (spread < error[i]!) {
          error[i] = spread;
          derivative[i] = value;
        }
      });
    }
    previous = row;
  }
  return { derivative, error };
}

function centralDifference(f: (t: number) => Float64Array, h: number): Float64Array {
  const [ahead, behind] = [f(h), f(-h)];
  return ahead.map((value, i) => (value - behind[i]!) / (2 * h));
}
