/**
 * tanh x, odd, computed on a = |x| in two branches, both evaluated:
 *
 *   a < T       a + a^3 R(a^2)            float64: T = 0.625, R = P/Q of degrees 2 and 3, error of the fit below 2^-56
 *                                         float32: T = 0.55, R of degree 3, error of the fit below 2^-24.6
 *   otherwise   1 - 2 / (e^(2a) + 1)      2 / (e^(2a) + 1) <= 1/2, so its relative error counts half or less
 *
 * Numerics  <= 2 ulp in both types; saturates at exactly 1; -0, Inf and NaN are right
 * Source    float64: Moshier, Cephes tanh.c, 1989 (the coefficients); float32: own minimax fit (Lawson's weighted least
 *           squares), rounded to float32
 */

import type { V } from "../assembler/expression.ts";
import { expFraction64, expTail32, powerOfTwo, reduceArgument } from "./exponential.ts";
import { type Lanes, polynomial, polynomialByPairs, select, signOf, xor } from "./lanes.ts";

export function tanh(L: Lanes, x: V): V {
  const a = L.abs(x);
  return xor(L.dtype === "float32" ? tanhOfMagnitude32(L, a) : tanhOfMagnitude64(L, a), signOf(L, x));
}

const smallTerms32 = [-0.3333294689655304, 0.13320724666118622, -0.052671805024147034, 0.01643756404519081];

function tanhOfMagnitude32(L: Lanes, a: V): V {
  const z = L.mul(a, a);
  const small = L.add(a, L.mul(L.mul(a, z), polynomialByPairs(L, z, smallTerms32)));

  const clamped = L.pmin(a, L.constant(10)); // tanh 10 rounds to 1
  const { r, exponent } = reduceArgument(L, L.add(clamped, clamped));
  const p = L.add(r, L.mul(L.mul(r, r), polynomialByPairs(L, r, expTail32)));
  const scale = powerOfTwo(L, exponent);
  const denominator = L.add(L.mul(scale, p), L.add(scale, L.constant(1))); // e^(2a) + 1 = 2^n p + (2^n + 1)
  const large = L.sub(L.constant(1), L.div(L.constant(2), denominator));
  return select(L.lt(a, L.constant(0.55)), small, large);
}

const numerator64 = [-1.61468768441708447952e3, -9.92877231001918586564e1, -9.64399179425052238628e-1];
const denominator64 = [4.84406305325125486048e3, 2.2354883906010044858e3, 1.12811678491632931402e2, 1];

/**
 * Both branches as base + numerator / denominator, so that they share one division:
 *
 *   p = r + f / d;   e^(2a) + 1 = ((2^n (1 + r) + 1) d + 2^n f) / d
 */
function tanhOfMagnitude64(L: Lanes, a: V): V {
  const isSmall = L.lt(a, L.constant(0.625));
  const z = L.mul(a, a);

  const clamped = L.pmin(a, L.constant(22)); // tanh 22 rounds to 1
  const { hi, lo, r, exponent } = reduceArgument(L, L.add(clamped, clamped));
  const { f, d } = expFraction64(L, r);
  const scale = powerOfTwo(L, exponent);
  const ofR = L.add(L.sub(L.mul(scale, hi), L.mul(scale, lo)), L.add(scale, L.constant(1)));
  const large = L.add(L.mul(ofR, d), L.mul(scale, f));

  const quotient = L.div(
    select(isSmall, L.mul(L.mul(a, z), polynomial(L, z, numerator64)), L.mul(L.constant(-2), d)),
    select(isSmall, polynomial(L, z, denominator64), large),
  );
  return L.add(select(isSmall, a, L.constant(1)), quotient);
}
