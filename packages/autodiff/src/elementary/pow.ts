/**
 * x^y.
 *
 *   |x| = 2^k m,  √½ ≤ m < √2,   s = (m − 1)/(m + 1)
 *   ln m = 2 s + 2/3 s³ + 2/5 s⁵ + …
 *   |x|^y = exp(y (k ln 2 + ln m)) = 2^n exp(r),   exp(r) = 1 + r + r²/2 + r³ (1/6 + r/24 + …)
 *
 * The leading terms are pairs high + low of doubles; the rest, below 2^−6 of the sum, is one double.
 *
 * Numerics  within 0.6 units of the last place (test/elementary/pow.test.ts), exact where x^y is a double;
 *           below 2^−1022 half a unit more
 * Source    the series of artanh and exp
 */

import { splitExponent } from "./binary.ts";
import { factorial } from "./factorial.ts";
import { add, divide, fastSum, half, ln2, multiply, type Pair, product } from "./pairs.ts";

/** c_0 + x (c_1 + x (c_2 + …)) */
function polynomial(x: number, coefficients: readonly number[]): number {
  let sum = 0;
  for (let i = coefficients.length - 1; i >= 0; i--) sum = sum * x + coefficients[i]!;
  return sum;
}

const twoThirds: Pair = { high: 2 / 3, low: 3.700743415417188e-17 };
/** 2/5, 2/7, … */
const logarithmTail = Array.from({ length: 12 }, (_, i) => 2 / (2 * i + 5));
/** 1/3!, 1/4!, … */
const exponentialTail = Array.from({ length: 15 }, (_, i) => 1 / factorial(i + 3));

function logarithm(x: number): Pair {
  const { k, m } = splitExponent(x);
  const s = divide({ high: m - 1, low: 0 }, m > 1 ? fastSum(m, 1) : fastSum(1, m));
  const z = multiply(s, s);
  const factor = add(twoThirds, product(z.high, polynomial(z.high, logarithmTail)));
  const ofFraction = add(add(s, s), multiply(multiply(s, z), factor));
  return add(fastSum(k * ln2.high, k * ln2.low), ofFraction);
}

/** exp(high + low) */
function exponential({ high, low }: Pair): number {
  if (high > 710) return Number.POSITIVE_INFINITY;
  if (high < -746) return 0;
  const n = Math.round(high / Math.LN2);
  const r = add(fastSum(high - n * ln2.high, -n * ln2.low), { high: low, low: 0 });
  const cubed = r.high * r.high * r.high * polynomial(r.high, exponentialTail);
  const rest = add(add(r, half(multiply(r, r))), { high: cubed, low: 0 });
  const sum = fastSum(1, rest.high);
  const firstPower = Math.trunc(n / 2); // 2^n itself may be out of range
  return (sum.high + (sum.low + rest.low)) * 2 ** firstPower * 2 ** (n - firstPower);
}

/** x^y with the edge cases of JavaScript's **, which the language specifies. */
export function pow(x: number, y: number): number {
  const isRegular = x !== 0 && y !== 0 && Number.isFinite(x) && Number.isFinite(y);
  // biome-ignore lint/plugin: every edge has one value, which the language fixes
  if (!isRegular) return x ** y;
  if (x < 0 && !Number.isInteger(y)) return Number.NaN;
  const log = logarithm(Math.abs(x));
  // Beyond 2^64 every |x| but 1 has left the range.
  const exponent = multiply({ high: Math.max(Math.min(y, 2 ** 64), -(2 ** 64)), low: 0 }, log);
  const magnitude = exponential(exponent);
  return x < 0 && y % 2 !== 0 ? -magnitude : magnitude;
}
