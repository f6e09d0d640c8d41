/** Arithmetic on parameter vectors and gradients, each a Float64Array of one length. */

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
