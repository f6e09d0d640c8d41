/**
 * exp, expm1, sigmoid.
 *
 *   n = round(x / ln 2),  r = hi - lo,  hi = x - n ln2High (exact),  lo = n ln2Low,  |r| <= 0.347
 *   e^x = 2^n (1 + p),    p = e^r - 1
 *
 *   float64   p = r + r c / (2 - c),  c = r - r^2 P(r^2),  P of degree 4; the fit's error is below 2^-59
 *   float32   p = r + r^2 P(r),       P of degree 5; the fit's error is below 2^-27
 *
 * Numerics  hi and lo are kept apart to the last addition, so p is good to about 0.8 ulp
 * Source    float64: FDLIBM e_exp.c, Sun Microsystems 1993 (coefficients by Remez' algorithm)
 *           float32: Moshier, Cephes expf.c, 1989; reduction: Cody & Waite, Software Manual for the Elementary
 *           Functions, Prentice-Hall 1980, chapter 6
 */

import type { V } from "../assembler/expression.ts";
import { type Lanes, polynomial, roundToInteger, select } from "./lanes.ts";

interface ExpConstants {
  /** ln 2 = high + low; high has so few bits that n high is exact. */
  readonly ln2High: number;
  readonly ln2Low: number;
  /** Arguments are clamped to this interval: beyond it the result is 0 or Inf whatever the argument. */
  readonly lowest: number;
  readonly highest: number;
  readonly coefficients: readonly number[];
}

const expConstants: Readonly<Record<Lanes["dtype"], ExpConstants>> = {
  float64: {
    ln2High: 6.9314718036912381649e-1,
    ln2Low: 1.90821492927058770002e-10,
    lowest: -746,
    highest: 710,
    coefficients: [
      1.66666666666666019037e-1, -2.77777777770155933842e-3, 6.61375632143793436117e-5,
      -1.6533902205465251539e-6, 4.13813679705723846039e-8,
    ],
  },
  float32: {
    ln2High: 0.693359375,
    ln2Low: -2.1219444e-4,
    lowest: -104,
    highest: 89,
    coefficients: [
      5.0000001201e-1, 1.6666665459e-1, 4.1665795894e-2, 8.3334519073e-3, 1.3981999507e-3, 1.98756915e-4,
    ],
  },
};

export interface ReducedExp {
  /** p = e^r - 1 */
  readonly p: V;
  readonly n: V;
  /** n in the place of the exponent bits. */
  readonly exponent: V;
}

/** e^(x + xLow) = 2^n (1 + p), for |x| below 2^10 or so and xLow far below the last bit of r. */
export function reduceExp(L: Lanes, x: V, xLow?: V): ReducedExp {
  const { ln2High, ln2Low, coefficients } = expConstants[L.dtype];
  const { n, exponent } = roundToInteger(L, L.mul(x, L.constant(Math.LOG2E)));
  const hi = L.sub(x, L.mul(n, L.constant(ln2High)));
  const lowProduct = L.mul(n, L.constant(ln2Low));
  const lo = xLow === undefined ? lowProduct : L.sub(lowProduct, xLow);
  const r = L.sub(hi, lo);
  const z = L.mul(r, r);
  if (L.dtype === "float32")
    return { p: L.add(hi, L.sub(L.mul(z, polynomial(L, r, coefficients)), lo)), n, exponent };
  const c = L.sub(r, L.mul(z, polynomial(L, z, coefficients)));
  const quotient = L.div(L.mul(r, c), L.sub(L.constant(2), c));
  return { p: L.add(hi, L.sub(quotient, lo)), n, exponent };
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
  const { p, n, exponent } = reduceExp(L, clamped, xLow);
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
  const { p, exponent } = reduceExp(L, clamped);
  const scale = L.addBits(exponent, L.constant(0.5));
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
