/**
 * tanh x, odd, and its slope sech² x, even, computed on a = |x|.
 *
 *   float32   a = n (ln 2)/2 + r,  n >= 0;   t = tanh r = r + r^3 R(r^2),  R of degree 2, error of the fit below 2^-27
 *
 *             tanh a = ((2^n + 1) t + (2^n - 1)) / ((2^n - 1) t + (2^n + 1))       addition theorem
 *                    = p / (p + (1 - t)),   p = (h + 1/2) t + (h - 1/2),  h = 2^(n-1)
 *
 *             r lies in [-0.2, 0.8] (ln 2)/2: for n > 0 the two terms of p then hardly cancel. As t <= 1, no result is
 *             above 1, and from 9.02 on all are 1. float32(ln 2 / 2) is so close that a needs no second part of it
 *
 *             sech² a = (1 + y) (1 - y),   y = tanh a,   1 - y = 2 e (1 - t) / d,
 *                       d = (1 + e) t + (1 - e) + 2 e (1 - t),   e = 2^-n
 *
 *             n (ln 2)/2 is rounded in r; rho = round(n (ln 2)/2) - n (ln 2)/2, with the constant in two parts, is what
 *             that loses: e^(-2a) is off by the factor 1 - 2 rho. Where rho counts, 1 + y is 2, so 4 rho is subtracted
 *             from it. The power of two is applied last, so that subnormal results round once
 *
 *   float64   a < 0.625    a + a^3 R(a^2), R = P/Q of degrees 2 and 3, error of the fit below 2^-56
 *             otherwise    1 - 2 / (e^(2a) + 1);  2 / (e^(2a) + 1) <= 1/2, so its relative error counts half or less.
 *             Both are evaluated
 *
 *             sech² a = u (2 / (1 + u))²,  u = e^(-2a)
 *
 * Numerics  <= 2 ulp in both types (float32: 1.69 over all arguments); saturates at exactly 1; -0, Inf and NaN are right.
 *           sech²: float32 <= 4.2 ulp (of every 97th argument), 1.4 units of the last place where subnormal; float64 <= 5 ulp
 * Source    float64: Moshier, Cephes tanh.c, 1989 (the coefficients); float32: own minimax fit (Lawson's weighted least
 *           squares), rounded to float32
 */

import { tanhTerms } from "../../../elementary/hyperbolic.ts";
import type { V } from "../assembler/expression.ts";
import { exp, expConstants, expFraction64, powerOfTwo, reduceArgument } from "./exponential.ts";
import { type Lanes, polynomial, roundToInteger, select, signOf, xor } from "./lanes.ts";

export function tanh(L: Lanes, x: V): V {
  const a = L.abs(x);
  return xor(L.dtype === "float32" ? tanhOfMagnitude32(L, a) : tanhOfMagnitude64(L, a), signOf(L, x));
}

export function sechSquared(L: Lanes, x: V): V {
  if (L.dtype === "float32") return tanhAndSlope32(L, x).slope;
  const u = exp(L, L.mul(L.constant(-2), L.abs(x)));
  const q = L.div(L.constant(2), L.add(L.constant(1), u));
  return L.mul(u, L.mul(q, q));
}

/** tanh x and sech² x in float32: the same bits as each alone, cheaper than both. */
export function tanhAndSlope32(L: Lanes, x: V): { readonly tanh: V; readonly slope: V } {
  const a = L.pmin(L.abs(x), L.constant(53)); // sech² 53 rounds to 0
  const { n, exponent, product, t } = reduced32(L, a);
  const one = L.constant(1);
  const scaled = L.subBits(L.constant(2 ** 27), exponent); // 2^27 e: a normal number for all n
  const e = L.mul(scaled, L.constant(2 ** -27));
  const p = L.add(L.mul(L.add(one, e), t), L.sub(one, e));
  const s = L.sub(one, t);
  const f = L.mul(e, s);
  const d = L.add(p, L.add(f, f));
  const y = L.div(p, d);

  const { ln2High, ln2Low } = expConstants.float32;
  const rho = L.sub(L.sub(product, L.mul(n, L.constant(ln2High / 2))), L.mul(n, L.constant(ln2Low / 2)));
  const sum = L.sub(L.add(one, y), L.mul(rho, L.constant(4)));
  const difference = L.div(L.mul(s, scaled), d);
  return { tanh: xor(y, signOf(L, x)), slope: L.mul(L.mul(sum, difference), L.constant(2 ** -26)) };
}

/** R, relative to tanh r / r^3. */
const cubicTerms32 = [-0.3333316147327423, 0.13319657742977142, -0.05086420848965645];

function tanhOfMagnitude32(L: Lanes, a: V): V {
  const { exponent, t } = reduced32(L, L.pmin(a, L.constant(10))); // tanh 10 rounds to 1
  const half = L.constant(0.5);
  const h = L.addBits(exponent, half);
  const p = L.add(L.mul(L.add(h, half), t), L.sub(h, half));
  return L.div(p, L.add(p, L.sub(L.constant(1), t)));
}

interface Reduced32 {
  readonly n: V;
  /** n shifted into the exponent bits. */
  readonly exponent: V;
  /** n (ln 2)/2, rounded. */
  readonly product: V;
  readonly t: V;
}

function reduced32(L: Lanes, a: V): Reduced32 {
  const turns = L.sub(L.mul(a, L.constant(2 * Math.LOG2E)), L.constant(0.3));
  const { n, exponent } = roundToInteger(L, turns);
  const product = L.mul(n, L.constant(Math.LN2 / 2));
  const r = L.sub(a, product);
  const z = L.mul(r, r);
  return { n, exponent, product, t: L.add(r, L.mul(L.mul(r, z), polynomial(L, z, cubicTerms32))) };
}

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
    select(isSmall, L.mul(L.mul(a, z), polynomial(L, z, tanhTerms.numerator)), L.mul(L.constant(-2), d)),
    select(isSmall, polynomial(L, z, tanhTerms.denominator), large),
  );
  return L.add(select(isSmall, a, L.constant(1)), quotient);
}
