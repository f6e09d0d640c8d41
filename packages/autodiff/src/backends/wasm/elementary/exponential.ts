/**
 * exp, expm1, sigmoid.
 *
 *   n = round(x / ln 2),  r = hi - lo,  hi = x - n ln2High (exact),  lo = n ln2Low,  |r| <= 0.347
 *   e^x = 2^n (1 + p),    p = e^r - 1
 *
 *   float64   p = r + r c / (2 - c),  c = r - r^2 P(r^2),  P of degree 4; the fit's error is below 2^-59
 *   float32   p = r + r^2 P(r),       P of degree 4; the fit's error is below 2^-28
 *
 * Numerics  hi and lo are kept apart to the last addition, so p is good to about 0.8 ulp
 * Source    float64: FDLIBM e_exp.c, Sun Microsystems 1993 (coefficients by Remez' algorithm)
 *           float32: own minimax fit (Lawson's weighted least squares), rounded to float32
 *           reduction: Cody & Waite, Software Manual for the Elementary Functions, Prentice-Hall 1980, chapter 6
 */

import { expTerms } from "../../../elementary/exponential.ts";
import { ln2 } from "../../../elementary/pairs.ts";
import type { V } from "../assembler/expression.ts";
import { type Lanes, polynomial, polynomialByPairs, roundToInteger, select } from "./lanes.ts";

interface ExpConstants {
  /** ln 2 = high + low; high has so few bits that n high is exact. */
  readonly ln2High: number;
  readonly ln2Low: number;
  /** Arguments are clamped to this interval: beyond it the result is 0 or Inf whatever the argument. */
  readonly lowest: number;
  readonly highest: number;
  readonly coefficients: readonly number[];
}

/** (e^r - 1 - r) / r^2 for |r| <= (ln 2) / 2, relative to e^r. */
const expTail32: readonly number[] = [
  0.4999999403953552, 0.1666652113199234, 0.04166838899254799, 0.00836874544620514, 0.0013814539415761828,
];

export const expConstants: Readonly<Record<Lanes["dtype"], ExpConstants>> = {
  float64: {
    ln2High: ln2.high,
    ln2Low: ln2.low,
    lowest: -746,
    highest: 710,
    coefficients: expTerms,
  },
  float32: {
    ln2High: 0.693359375,
    ln2Low: -2.1219444e-4,
    lowest: -104,
    highest: 89,
    coefficients: expTail32,
  },
};

export interface ReducedArgument {
  readonly hi: V;
  readonly lo: V;
  /** r = hi - lo */
  readonly r: V;
  readonly n: V;
  /** n shifted into the exponent bits. */
  readonly exponent: V;
}

/** x + xLow = n ln 2 + r, for |x| below 2^10 or so and xLow far below the last bit of r. */
export function reduceArgument(L: Lanes, x: V, xLow?: V): ReducedArgument {
  const { ln2High, ln2Low } = expConstants[L.dtype];
  const { n, exponent } = roundToInteger(L, L.mul(x, L.constant(Math.LOG2E)));
  const hi = L.sub(x, L.mul(n, L.constant(ln2High)));
  const product = L.mul(n, L.constant(ln2Low));
  const lo = xLow === undefined ? product : L.sub(product, xLow);
  return { hi, lo, r: L.sub(hi, lo), n, exponent };
}

/** e^r - 1 = r + f / d in float64:  f = r c,  d = 2 - c. */
export function expFraction64(L: Lanes, r: V): { readonly f: V; readonly d: V } {
  const z = L.mul(r, r);
  const c = L.sub(r, L.mul(z, polynomial(L, z, expConstants.float64.coefficients)));
  return { f: L.mul(r, c), d: L.sub(L.constant(2), c) };
}

/** p = e^r - 1 for a reduced argument. */
function expm1OfReduced(L: Lanes, { hi, lo, r }: ReducedArgument): V {
  if (L.dtype === "float32") {
    return L.add(hi, L.sub(L.mul(L.mul(r, r), polynomialByPairs(L, r, expTail32)), lo));
  }
  const { f, d } = expFraction64(L, r);
  return L.add(hi, L.sub(L.div(f, d), lo));
}

/** 2^n, from n in the exponent bits, while it is a normal number. */
export function powerOfTwo(L: Lanes, exponent: V): V {
  return L.addBits(exponent, L.constant(1));
}

/**
 * e^x.
 *
 *   2^n y = (2^k y) 2^(n-k),  k = round(n / 2): both factors are normal, the first product is exact,
 *                             so a result below the normal range rounds once
 *
 * Numerics  <= 1 ulp in both types; e^-Inf = 0, e^Inf = Inf, NaN passes
 */
export function exp(L: Lanes, x: V): V {
  return expOfSum(L, x);
}

/** e^(x + xLow). */
export function expOfSum(L: Lanes, x: V, xLow?: V): V {
  const { lowest, highest } = expConstants[L.dtype];
  const clamped = L.pmax(L.pmin(x, L.constant(highest)), L.constant(lowest));
  const reduced = reduceArgument(L, clamped, xLow);
  const { n, exponent } = reduced;
  const p = expm1OfReduced(L, reduced);
  const half = roundToInteger(L, L.mul(n, L.constant(0.5))).exponent;
  const y = L.mul(L.add(L.constant(1), p), powerOfTwo(L, half));
  return L.mul(y, powerOfTwo(L, L.subBits(exponent, half)));
}

/**
 * e^x - 1.
 *
 *   e^x - 1 = 2 (2^(n-1) p + (2^(n-1) - 1/2))      the halves keep n = 1024 finite
 *
 * Numerics  <= 2 ulp; below 2^-54 (2^-25 in float32) the result is x itself, which keeps -0 and the subnormals
 */
export function expm1(L: Lanes, x: V): V {
  const { highest } = expConstants[L.dtype];
  const clamped = L.pmax(L.pmin(x, L.constant(highest)), L.constant(-50));
  const reduced = reduceArgument(L, clamped);
  const p = expm1OfReduced(L, reduced);
  const scale = L.addBits(reduced.exponent, L.constant(0.5));
  const halfResult = L.add(L.mul(scale, p), L.sub(scale, L.constant(0.5)));
  const tiny = L.lt(L.abs(x), L.constant(2 ** -(L.fractionBits + 2)));
  return select(tiny, x, L.add(halfResult, halfResult));
}

/**
 * sigmoid(x) = 1 / (1 + e^-x).
 *
 *   u = e^-|x|;   x >= 0: 1 / (1 + u),   x < 0: u / (1 + u)        no overflow, and no loss in the left tail
 *
 * Numerics  <= 2 ulp
 */
export function sigmoid(L: Lanes, x: V): V {
  const u = exp(L, L.neg(L.abs(x)));
  return L.div(select(L.lt(x, L.constant(0)), u, L.constant(1)), L.add(L.constant(1), u));
}
