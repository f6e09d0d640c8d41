/**
 * exp and expm1.
 *
 *   n = round(x / ln 2),   r = x − n ln 2 = hi − lo,   |r| ≤ 0.347
 *   e^r = 1 + r + r c / (2 − c),   c = r − r² P(r²)
 *   e^x = 2^n e^r
 *   e^x − 1 = 2^n ((1 − 2^−n) + hi + (r c / (2 − c) − lo)),   the two leading terms added exactly
 *
 * hi = x − n ln2.high is exact.
 *
 * Numerics  at most 1 unit in the last place (test/elementary/accuracy.test.ts); a subnormal e^x is rounded twice.
 *           exp has the operations, and so the bits, of the wasm backend's in float64
 * Source    reduction: Cody & Waite, Software Manual for the Elementary Functions, 1980, chapter 6;
 *           P: FDLIBM e_exp.c, Sun Microsystems 1993 (by Remez' algorithm), to 2^−59
 */
import { nearest, powerOfTwo } from "./binary.ts";
import { fastSum, ln2, type Pair } from "./pairs.ts";

const [P0, P1, P2] = [1.66666666666666019037e-1, -2.77777777770155933842e-3, 6.61375632143793436117e-5];
const [P3, P4] = [-1.6533902205465251539e-6, 4.13813679705723846039e-8];
/** P, from the lowest term. */
export const expTerms: readonly number[] = [P0, P1, P2, P3, P4];

/** r c / (2 − c) = e^r − 1 − r */
function curvedPart(r: number): number {
  const z = r * r;
  const c = r - z * ((((P4 * z + P3) * z + P2) * z + P1) * z + P0);
  return (r * c) / (2 - c);
}

/** e^x; 0 at −∞. */
export function exp(x: number): number {
  if (x > 710) return Number.POSITIVE_INFINITY;
  if (x < -746) return 0;
  const n = nearest(x * Math.LOG2E);
  const hi = x - n * ln2.high;
  const lo = n * ln2.low;
  const y = 1 + (hi + (curvedPart(hi - lo) - lo));
  if (n > -1021 && n < 1024) return y * powerOfTwo(n);
  if (Number.isNaN(n)) return n;
  const k = nearest(n / 2); // 2^n itself is no double, or no normal one
  return y * powerOfTwo(k) * powerOfTwo(n - k);
}

/** e^x − 1, without the loss of it near x = 0, where it is x; −1 at −∞. */
export function expm1(x: number): number {
  if (x > 40) return exp(x);
  if (x < -50) return -1;
  if (Math.abs(x) < 2 ** -54) return x; // keeps −0 and what is subnormal
  const n = nearest(x * Math.LOG2E);
  const hi = x - n * ln2.high;
  const lo = n * ln2.low;
  if (Number.isNaN(n)) return n;
  const inverse = powerOfTwo(-n);
  const first = 1 - inverse;
  const sum = fastSum(first, hi);
  return (sum.high + (sum.low + (1 - first - inverse) + (curvedPart(hi - lo) - lo))) * powerOfTwo(n);
}

/** e^x as a sum of two doubles, to about 2^−57, for |x| ≤ 700. */
export function expPair(x: number): Pair {
  const n = nearest(x * Math.LOG2E);
  const hi = x - n * ln2.high;
  const lo = n * ln2.low;
  const sum = fastSum(1, hi);
  const { high, low } = fastSum(sum.high, sum.low + (curvedPart(hi - lo) - lo));
  const scale = powerOfTwo(n);
  return { high: scale * high, low: scale * low };
}
