/** Arithmetic on numbers and on vectors: parameters and gradients, each a Float64Array of one length. */

export function dot(x: Float64Array, y: Float64Array): number {
  let total = 0;
  for (let i = 0; i < x.length; i++) total += x[i]! * y[i]!;
  return total;
}

export function norm(x: Float64Array): number {
  return Math.sqrt(dot(x, x));
}

/** x + scale · y. */
export function addScaled(x: Float64Array, scale: number, y: Float64Array): Float64Array {
  const sum = new Float64Array(x.length);
  for (let i = 0; i < x.length; i++) sum[i] = x[i]! + scale * y[i]!;
  return sum;
}

export function sub(x: Float64Array, y: Float64Array): Float64Array {
  return addScaled(x, -1, y);
}

export function mean(x: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < x.length; i++) total += x[i]!;
  return total / x.length;
}

/** The middle one of them by size, or the mean of the middle two; NaN if there are none. */
export function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2;
}

/** Vectors one after another in one array; of one length, they are the rows of a matrix. */
export function concatenated(vectors: readonly ArrayLike<number>[]): Float64Array {
  const all = new Float64Array(vectors.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  for (const vector of vectors) {
    all.set(vector, end);
    end += vector.length;
  }
  return all;
}

/**
 * base^n for n = 0, 1, 2, …, by repeated squaring. Multiplication rounds the same way everywhere; `**` does not: V8 has
 * computed it by different algorithms, so that Node 20 and 24 disagree in the last bits of 0.99^6.
 *
 * Numerics  relative error at most about n units in the last place
 * Errors    RangeError if n is not a whole number from 0
 */
export function power(base: number, n: number): number {
  if (!Number.isSafeInteger(n) || n < 0) throw new RangeError(`power: expected n = 0, 1, 2, …, got ${n}`);
  let result = 1;
  for (let square = base, rest = n; rest > 0; square *= square, rest = Math.floor(rest / 2))
    if (rest % 2 === 1) result *= square;
  return result;
}
