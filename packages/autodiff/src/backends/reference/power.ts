/**
 * x^y in float64, of the same bits on every host: JavaScript leaves the last ones of x ** y open, and versions of V8 differ.
 *
 *   |x| = 2^k m,  √½ ≤ m < √2,   s = (m − 1)/(m + 1)
 *   ln m = 2 s + 2/3 s³ + 2/5 s⁵ + …
 *   |x|^y = exp(y (k ln 2 + ln m)) = 2^n exp(r),   exp(r) = 1 + r + r²/2 + r³ (1/6 + r/24 + …)
 *
 * The leading terms are pairs high + low of doubles, the rest, below 2^−6 of the whole, one double.
 *
 * Numerics  within 0.6 units of the last place (test/backends/reference/power.test.ts), exact where x^y is a double;
 *           below 2^−1022 half a unit more
 * Source    the series of artanh and exp; pairs: Dekker, Numerische Mathematik 18, 1971, doi:10.1007/BF01397083
 */

/** The number high + low, low below the last place of high. */
interface Pair {
  readonly high: number;
  readonly low: number;
}

/** a + b, for |a| ≥ |b| or a = 0. */
function fastSum(a: number, b: number): Pair {
  const high = a + b;
  return { high, low: b - (high - a) };
}

/** a b exactly. */
function product(a: number, b: number): Pair {
  const high = a * b;
  const x = halves(a);
  const y = halves(b);
  return { high, low: x.low * y.low - (high - x.high * y.high - x.low * y.high - x.high * y.low) };
}

/** a as a sum of two numbers of 26 bits. */
function halves(a: number): Pair {
  const shifted = a * (2 ** 27 + 1);
  const high = shifted - (shifted - a);
  return { high, low: a - high };
}

function add(a: Pair, b: Pair): Pair {
  const sum = Math.abs(a.high) >= Math.abs(b.high) ? fastSum(a.high, b.high) : fastSum(b.high, a.high);
  return fastSum(sum.high, sum.low + (a.low + b.low));
}

function multiply(a: Pair, b: Pair): Pair {
  const p = product(a.high, b.high);
  return fastSum(p.high, p.low + (a.high * b.low + a.low * b.high));
}

function divide(a: Pair, b: Pair): Pair {
  const high = a.high / b.high;
  const back = multiply({ high, low: 0 }, b);
  return fastSum(high, (a.high - back.high - back.low + a.low) / b.high);
}

function half(a: Pair): Pair {
  return { high: a.high / 2, low: a.low / 2 };
}

/** c_0 + x (c_1 + x (c_2 + …)) */
function polynomial(x: number, coefficients: readonly number[]): number {
  let sum = 0;
  for (let i = coefficients.length - 1; i >= 0; i--) sum = sum * x + coefficients[i]!;
  return sum;
}

/** ln 2, high with 33 bits, so that k times it is exact. */
const ln2: Pair = { high: 6.9314718036912381649e-1, low: 1.90821492927058770002e-10 };
const twoThirds: Pair = { high: 2 / 3, low: 3.700743415417188e-17 };
/** 2/5, 2/7, … */
const logarithmTail = Array.from({ length: 12 }, (_, i) => 2 / (2 * i + 5));
/** 1/3!, 1/4!, … */
const exponentialTail = Array.from({ length: 15 }, (_, i) => 1 / factorial(i + 3));

function factorial(n: number): number {
  return n < 2 ? 1 : n * factorial(n - 1);
}

const word = new DataView(new ArrayBuffer(8));

/** x = 2^k m with √½ ≤ m < √2, for a positive finite x. */
function splitExponent(x: number): { readonly k: number; readonly m: number } {
  const isSubnormal = x < 2 ** -1022;
  word.setFloat64(0, isSubnormal ? x * 2 ** 54 : x);
  const top = word.getUint32(0);
  word.setUint32(0, (top & 0x000fffff) | 0x3ff00000);
  const m = word.getFloat64(0); // from 1 to 2
  const k = (top >>> 20) - 1023 - (isSubnormal ? 54 : 0);
  return m < Math.SQRT2 ? { k, m } : { k: k + 1, m: m / 2 };
}

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

/** x^y with the edges of JavaScript's **, which are not left open. */
export function power(x: number, y: number): number {
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
