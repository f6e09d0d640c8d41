/**
 * tanh x, odd, computed on a = |x|.
 *
 *   float32   a = n (ln 2)/2 + r,  n >= 0;   t = tanh r = r + r^3 R(r^2),  R of degree 2, error of the fit below 2^-27
 *
 *             tanh a = ((2^n + 1) t + (2^n - 1)) / ((2^n - 1) t + (2^n + 1))       addition theorem
 *                    = p / (p + (1 - t)),   p = (h + 1/2) t + (h - 1/2),  h = 2^(n-1)
 *
 *             r lies in [-0.2, 0.8] (ln 2)/2: for n > 0 the two terms of p then hardly cancel. As t <= 1, no result is
 *             above 1, and from 9.02 on all are 1. float32(ln 2 / 2) is so close that a needs no second part of it
 *
 *   float64   a < 0.625    a + a^3 R(a^2), R = P/Q of degrees 2 and 3, error of the fit below 2^-56
 *             otherwise    1 - 2 / (e^(2a) + 1);  2 / (e^(2a) + 1) <= 1/2, so its relative error counts half or less.
 *             Both are evaluated
 *
 * Numerics  <= 2 ulp in both types (float32: 1.69 over all arguments); saturates at exactly 1; -0, Inf and NaN are right
 * Source    float64: Moshier, Cephes tanh.c, 1989 (the coefficients); float32: own minimax fit (Lawson's weighted least
 *           squares), rounded to float32
 */

import type { V } from "../assembler/expression.ts";
import { expFraction64, powerOfTwo, reduceArgument } from "./exponential.ts";
import { type Lanes, polynomial, roundToInteger, select, signOf, xor } from "./lanes.ts";

export function tanh(L: Lanes, x: V): V {
  const a = L.abs(x);
  return xor(L.dtype === "float32" ? tanhOfMagnitude32(L, a) : tanhOfMagnitude64(L, a), signOf(L, x));
}

/** R, relative to tanh r / r^3. */
const cubicTerms32 = [-0.3333316147327423, 0.13319657742977142, -0.05086420848965645];

function tanhOfMagnitude32(L: Lanes, a: V): V {
  const clamped = L.pmin(a, L.constant(10)); // tanh 10 rounds to 1
  const turns = L.sub(L.mul(clamped, L.constant(2 * Math.LOG2E)), L.constant(0.3));
  const { n, exponent } = roundToInteger(L, turns);
  const r = L.sub(clamped, L.mul(n, L.constant(Math.LN2 / 2)));
  const z = L.mul(r, r);
  const t = L.add(r, L.mul(L.mul(r, z), polynomial(L, z, cubicTerms32)));

  const half = L.constant(0.5);
  const h = L.addBits(exponent, half);
  const p = L.add(L.mul(L.add(h, half), t), L.sub(h, half));
  return L.div(p, L.add(p, L.sub(L.constant(1), t)));
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
