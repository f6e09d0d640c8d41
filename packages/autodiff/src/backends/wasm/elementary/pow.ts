/**
 * x^y in float64, as JavaScript's ** defines it.
 *
 *   |x| = 2^k m,  s = (m - 1) / (m + 1),  z = s^2
 *   log |x| = k ln 2 + 2 s + s z (2/3 + z (2/5 + z (2/7 + ...)))          to about 2^-64, as high + low
 *   |x|^y = exp(y log |x|)
 *
 * The first terms are double-double numbers; the tail of the series, below 2^-6 of the sum, is a single
 * double.
 *
 * Numerics  <= 2 ulp. y is clamped to 2^64, beyond which every |x| != 1 has left the range
 * Source    the series of artanh; its tail is FDLIBM's e_log.c polynomial, Sun Microsystems 1993
 */

import { ln2 } from "../../../elementary/pairs.ts";
import type { V } from "../assembler/expression.ts";
import { addOrdered, type DoubleDouble, fastSum, multiply, product } from "./double-double.ts";
import { expOfSum } from "./exponential.ts";
import { and, float64Lanes as L, not, or, polynomial, select, signOf, xor } from "./lanes.ts";
import { splitExponent } from "./logarithm.ts";

const twoThirds: DoubleDouble = { high: L.constant(2 / 3), low: L.constant(3.700743415417188e-17) };
/** 2/5 + z (2/7 + z (...)): the terms after 2/3 of log((1 + s)/(1 - s)) / s - 2. */
const tailTerms = [2 / 5, 2 / 7, 2 / 9, 2 / 11, 2 / 13, 2 / 15, 2 / 17, 2 / 19, 2 / 21];

/** log x for a positive finite x. */
function logDoubleDouble(x: V): DoubleDouble {
  const isSubnormal = L.lt(x, L.constant(2 ** -1022));
  const { k: scaledK, m } = splitExponent(L, select(isSubnormal, L.mul(x, L.constant(2 ** 54)), x));
  const k = L.sub(scaledK, and(isSubnormal, L.constant(54)));

  const f = L.sub(m, L.constant(1));
  const divisor = fastSum(L.constant(2), f);
  const s = quotient(f, divisor);
  const z = multiply(s, s);
  const tail = L.mul(z.high, polynomial(L, z.high, tailTerms));
  const factor = addOrdered(twoThirds, { high: tail, low: L.constant(0) });
  const twice = { high: L.add(s.high, s.high), low: L.add(s.low, s.low) };
  const ofFraction = addOrdered(twice, multiply(multiply(s, z), factor));

  const ofExponent = fastSum(L.mul(k, L.constant(ln2.high)), L.mul(k, L.constant(ln2.low)));
  // For k = 0 the exponent's part is 0, and 0 + b is exact in either order.
  return addOrdered(ofExponent, ofFraction);
}

/** f / (d.high + d.low): one division, and one for its remainder. */
function quotient(f: V, d: DoubleDouble): DoubleDouble {
  const high = L.div(f, d.high);
  const back = product(high, d.high);
  const remainder = L.sub(L.sub(L.sub(f, back.high), back.low), L.mul(high, d.low));
  return fastSum(high, L.div(remainder, d.high));
}

export function pow(x: V, y: V): V {
  const [zero, one, infinity] = [0, 1, Number.POSITIVE_INFINITY].map((value) => L.constant(value)) as [
    V,
    V,
    V,
  ]; // three constants
  const magnitude = L.abs(x);
  const power = L.pmax(L.pmin(y, L.constant(2 ** 64)), L.constant(-(2 ** 64)));
  const log = logDoubleDouble(magnitude);
  const { high, low } = product(power, log.high);
  const isRegular = L.lt(L.abs(high), L.constant(1000));
  const general = expOfSum(L, high, and(isRegular, L.add(low, L.mul(power, log.low))));

  // Zeros and infinities are limits of the general case.
  const grows = xor(L.lt(magnitude, one), L.gt(y, zero)); // |x|^y towards infinity, for |x| or |y| at a limit
  const limit = and(grows, infinity);
  const isLimit = or(or(L.eq(magnitude, zero), L.eq(magnitude, infinity)), L.eq(L.abs(y), infinity));
  const positive = select(isLimit, limit, general);

  // A negative base gives a real result only for integer exponents, negative for odd ones.
  const isWhole = L.eq(L.floor(y), y);
  const half = L.mul(y, L.constant(0.5));
  const isOdd = and(and(isWhole, L.ne(L.floor(half), half)), L.lt(L.abs(y), L.constant(2 ** 53)));
  const signed = xor(positive, and(isOdd, signOf(L, x)));

  const isFiniteNegative = and(L.lt(x, zero), L.lt(magnitude, infinity));
  const oneToInfinity = and(L.eq(magnitude, one), L.eq(L.abs(y), infinity));
  const undefinedHere = or(
    or(and(and(isFiniteNegative, not(isWhole)), L.lt(L.abs(y), infinity)), oneToInfinity),
    or(L.ne(x, x), L.ne(y, y)),
  );
  return select(L.eq(y, zero), one, select(undefinedHere, L.constant(Number.NaN), signed));
}
