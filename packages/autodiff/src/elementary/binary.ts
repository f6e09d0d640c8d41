/** Doubles taken apart and put together: x = 2^k m. All of it is exact. */

const double = Float64Array.of(1);
const words = new Uint32Array(double.buffer);
/** The index of the word that holds the exponent. */
const top = words[0] === 0 ? 1 : 0;

/** x = 2^k m with √½ ≤ m < √2, for a positive finite x. */
export function splitExponent(x: number): { readonly k: number; readonly m: number } {
  const lift = x < 2 ** -1022 ? 54 : 0; // a subnormal number is made a normal one
  const normal = lift > 0 ? x * 2 ** 54 : x;
  double[0] = normal;
  const k = (words[top]! >>> 20) - 1023;
  const m = normal * powerOfTwo(-k); // from 1 to 2
  return m < Math.SQRT2 ? { k: k - lift, m } : { k: k - lift + 1, m: m / 2 };
}

/** 2^−1023 to 2^1023 */
const powersOfTwo = new Float64Array(2047);
for (let i = 0, power = 2 ** -1023; i < powersOfTwo.length; i++, power *= 2) powersOfTwo[i] = power;

/** 2^n for an integer n from −1023 to 1023. */
export function powerOfTwo(n: number): number {
  return powersOfTwo[n + 1023]!;
}

/** The nearest integer, with ties to even, for |x| < 2^51. */
export function nearest(x: number): number {
  return x + 1.5 * 2 ** 52 - 1.5 * 2 ** 52; // the last place of the sum has weight 1
}

/** Also for −0. */
export function isNegative(x: number): boolean {
  return x < 0 || Object.is(x, -0);
}
