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
