/**
 * |x| modulo π/2 for any double: the relevant bits of 2/π, times x as an integer (Payne and Hanek's method).
 *
 *   x = m 2^e,  m whole;   2/π = Σ_i b_i 2^−i
 *   x (2/π) mod 4 = (m W mod 2^192) 2^−190,   W = the 192 bits b_i from i = e − 1 on
 *
 * since the bits before them contribute multiples of 4. The two top bits of the product, rounded, are the quadrant; what is
 * left is a fraction g in [−1/2, 1/2), and y + e = g π/2.
 *
 * Numerics  no double comes nearer to a multiple of π/2 than about 2^−61, so that more than 120 of the 190 bits are good
 * Source    Payne & Hanek, ACM SIGNUM Newsletter 18(1), 1983, doi:10.1145/1057600.1057602
 */
import { powerOfTwo } from "./binary.ts";
import { multiply, type Pair } from "./pairs.ts";

/** ⌊2/π 2^bits⌋, by Machin's formula π = 16 arctan(1/5) − 4 arctan(1/239). */
export function twoOverPi(bits: number): bigint {
  const one = 1n << BigInt(bits + 64);
  const arctanOfInverse = (k: bigint): bigint => {
    let sum = 0n;
    let power = one / k;
    for (let i = 1n, sign = 1n; power !== 0n; i += 2n, sign = -sign, power /= k * k)
      sum += (sign * power) / i;
    return sum;
  };
  const pi = 16n * arctanOfInverse(5n) - 4n * arctanOfInverse(239n);
  return ((2n * one * one) / pi) >> 64n;
}

/** The exponent of the largest double is 971; the window for it ends 190 bits beyond. */
const bits = 1200;
let known: bigint | undefined;

export const halfPi: Pair = { high: Math.PI / 2, low: 6.123233995736766e-17 };

const word = new DataView(new ArrayBuffer(8));

/** y + e and the quadrant of a > 1; NaN for ∞. */
export function reduceLarge(a: number): {
  readonly y: number;
  readonly e: number;
  readonly quadrant: number;
} {
  if (a === Number.POSITIVE_INFINITY) return { y: Number.NaN, e: 0, quadrant: 0 };
  known ??= twoOverPi(bits);
  word.setFloat64(0, a);
  const pattern = word.getBigUint64(0);
  const m = (pattern & 0xfffffffffffffn) | (1n << 52n);
  const exponent = Number(pattern >> 52n) - 1075;
  const product = BigInt.asUintN(192, m * (known >> BigInt(bits - 190 - exponent)));
  const quadrant = Number((product + (1n << 189n)) >> 190n);

  const fraction = BigInt.asIntN(128, product >> 62n); // g 2^128
  const magnitude = fraction < 0n ? ~fraction : fraction; // off by 2^−128 at most
  const length = magnitude.toString(2).length;
  // The leading 53 bits, and the 64 that follow.
  const leading = (magnitude << BigInt(128 - length)) >> 11n;
  const high = Number(leading >> 64n);
  const low = Number(BigInt.asUintN(64, leading));
  const scale = powerOfTwo(length - 128 - 53);
  const { high: y, low: e } = multiply({ high: high * scale, low: low * 2 ** -64 * scale }, halfPi);
  return fraction < 0n ? { y: -y, e: -e, quadrant } : { y, e, quadrant };
}
