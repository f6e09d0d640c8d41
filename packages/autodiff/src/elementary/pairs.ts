/**
 * Numbers of about 106 bits: the sum high + low of two doubles, low at most half a unit in the last place of high.
 *
 * Source  Dekker, Numerische Mathematik 18, 1971, doi:10.1007/BF01397083
 */
export interface Pair {
  readonly high: number;
  readonly low: number;
}

/** a + b exactly, for |a| ≥ |b| or a = 0. */
export function fastSum(a: number, b: number): Pair {
  const high = a + b;
  return { high, low: b - (high - a) };
}

/** a b exactly, while nothing over- or underflows. */
export function product(a: number, b: number): Pair {
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

export function add(a: Pair, b: Pair): Pair {
  const sum = Math.abs(a.high) >= Math.abs(b.high) ? fastSum(a.high, b.high) : fastSum(b.high, a.high);
  return fastSum(sum.high, sum.low + (a.low + b.low));
}

export function multiply(a: Pair, b: Pair): Pair {
  const p = product(a.high, b.high);
  return fastSum(p.high, p.low + (a.high * b.low + a.low * b.high));
}

export function divide(a: Pair, b: Pair): Pair {
  const high = a.high / b.high;
  const back = multiply({ high, low: 0 }, b);
  return fastSum(high, (a.high - back.high - back.low + a.low) / b.high);
}

export function half(a: Pair): Pair {
  return { high: a.high / 2, low: a.low / 2 };
}

export function negate(a: Pair): Pair {
  return { high: -a.high, low: -a.low };
}

/** ln 2, high with 33 bits, so that a whole number of at most 20 bits times it is exact. */
export const ln2: Pair = { high: 6.9314718036912381649e-1, low: 1.90821492927058770002e-10 };
