/**
 * log, log1p and softplus in float64.
 *
 *   x = 2^k m,  sqrt(1/2) <= m < sqrt(2),  f = m - 1,  s = f / (2 + f)
 *   log(1 + f) = f - (f^2/2 - s (f^2/2 + R)),   R(s^2) = 2 artanh(s)/s - 2, degree 7; the fit's error is below 2^-58
 *   log x = k ln2High - ((f^2/2 - (s (f^2/2 + R) + k ln2Low)) - f)
 *
 * Numerics  < 1 ulp
 * Source    FDLIBM e_log.c and s_log1p.c, Sun Microsystems 1993 (coefficients by Remez' algorithm)
 */

import { logTerms } from "../../../elementary/logarithm.ts";
import { ln2 } from "../../../elementary/pairs.ts";
import type { V } from "../assembler/expression.ts";
import { exp } from "./exponential.ts";
import { and, type Lanes, polynomial, select } from "./lanes.ts";

const smallestNormal = 2 ** -1022;

/** x = 2^k m with sqrt(1/2) <= m < sqrt(2), for a positive normal x. */
export function splitExponent(L: Lanes, x: V): { readonly k: V; readonly m: V } {
  // Adding the distance from sqrt(1/2) to 1 in bits carries into the exponent exactly when x's fraction is above sqrt(2).
  const offset = L.constantBits(0x3ff0000000000000n - 0x3fe6a09e667f3bcdn);
  const biased = L.shiftRight(L.addBits(x, offset), 52);
  // The integer in the low bits of 2^52 makes the number 2^52 + biased.
  const k = L.sub(L.addBits(biased, L.constant(2 ** 52)), L.constant(2 ** 52 + 1023));
  const m = L.subBits(x, L.shiftLeft(L.subBits(biased, L.constantBits(1023n)), 52));
  return { k, m };
}

/** log(2^k (1 + f)) + correction. */
function logOfParts(L: Lanes, k: V, f: V, correction?: V): V {
  const s = L.div(f, L.add(L.constant(2), f));
  const z = L.mul(s, s);
  const w = L.mul(z, z);
  const R = L.add(L.mul(w, polynomial(L, w, logTerms.even)), L.mul(z, polynomial(L, w, logTerms.odd)));
  const halfSquare = L.mul(L.constant(0.5), L.mul(f, f));
  const low = L.mul(k, L.constant(ln2.low));
  const tail = L.add(L.mul(s, L.add(halfSquare, R)), correction === undefined ? low : L.add(low, correction));
  return L.sub(L.mul(k, L.constant(ln2.high)), L.sub(L.sub(halfSquare, tail), f));
}

/**
 * Natural logarithm. log 0 = -Inf, log of a negative number is NaN, log Inf = Inf.
 *
 * Numerics  subnormal arguments are scaled by 2^54 first, and k lowered by 54
 */
export function log(L: Lanes, x: V): V {
  const isSubnormal = L.lt(x, L.constant(smallestNormal));
  const scaled = select(isSubnormal, L.mul(x, L.constant(2 ** 54)), x);
  const { k, m } = splitExponent(L, scaled);
  const adjusted = L.sub(k, and(isSubnormal, L.constant(54)));
  const finite = logOfParts(L, adjusted, L.sub(m, L.constant(1)));
  return atEdges(L, x, finite);
}

/** -Inf at zero, NaN below, x itself at Inf and NaN. */
function atEdges(L: Lanes, x: V, finite: V): V {
  const zero = L.constant(0);
  const positive = select(L.lt(x, L.constant(Number.POSITIVE_INFINITY)), finite, x);
  const orPole = select(L.eq(x, zero), L.constant(Number.NEGATIVE_INFINITY), positive);
  return select(L.lt(x, zero), L.constant(Number.NaN), orPole);
}

/**
 * log(1 + x).
 *
 *   u = fl(1 + x) = 2^k m;   k = 0: f = x, exact;   otherwise f = m - 1 and the correction (x - (u - 1)) / u
 *
 * Numerics  the correction restores what the rounding of 1 + x lost; below 2^-54 the result is x, which keeps -0
 */
export function log1p(L: Lanes, x: V): V {
  const one = L.constant(1);
  const u = L.add(one, x);
  const { k, m } = splitExponent(L, u);
  const inPlace = L.eq(k, L.constant(0));
  // Subtracting the larger of 1 and x from u first makes the rounding error of 1 + x exact.
  const lost = select(L.ge(x, one), L.sub(one, L.sub(u, x)), L.sub(x, L.sub(u, one)));
  const f = select(inPlace, x, L.sub(m, one));
  const correction = select(inPlace, L.constant(0), L.div(lost, u));
  const finite = atEdges(L, u, logOfParts(L, k, f, correction));
  return select(L.lt(L.abs(x), L.constant(2 ** -54)), x, finite);
}

/**
 * softplus(x) = log(1 + e^x) = max(x, 0) + log1p(e^-|x|).
 *
 * Numerics  <= 2 ulp; no overflow on the right, no loss on the left
 */
export function softplus(L: Lanes, x: V): V {
  return L.add(L.pmax(x, L.constant(0)), log1p(L, exp(L, L.neg(L.abs(x)))));
}
