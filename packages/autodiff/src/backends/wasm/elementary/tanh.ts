/**
 * tanh x, odd, computed on a = |x|:
 *
 *   a < 0.625    a + a z R(z),  z = a^2       R = P/Q of degrees 2 and 3 (float64), P of degree 4 (float32)
 *   otherwise    1 - 2 / (e^(2a) + 1)         2 / (e^(2a) + 1) <= 0.45, so its error counts less than half
 *
 * Both branches end in one shared division and one addition: result = base + numerator / denominator.
 *
 * Numerics  <= 2 ulp in both types; saturates at exactly 1; -0, Inf and NaN are right
 * Source    Moshier, Cephes tanh.c and tanhf.c, 1989 (the coefficients)
 */

import type { V } from "../assembler/expression.ts";
import { powerOfTwo, reduceExp } from "./exponential.ts";
import { type Lanes, polynomial, select, signOf, xor } from "./lanes.ts";

const numerator64 = [-1.61468768441708447952e3, -9.92877231001918586564e1, -9.64399179425052238628e-1];
const denominator64 = [4.84406305325125486048e3, 2.2354883906010044858e3, 1.12811678491632931402e2, 1];
const polynomial32 = [
  -3.33332819422e-1, 1.33314422036e-1, -5.37397155531e-2, 2.06390887954e-2, -5.70498872745e-3,
];

/** tanh is 1 to working precision from here on (e^-2a below a quarter ulp of 1). */
const saturation = { float32: 10, float64: 22 };

export function tanh(L: Lanes, x: V): V {
  const sign = signOf(L, x);
  const a = L.abs(x);
  const small = L.lt(a, L.constant(0.625));

  const z = L.mul(a, a);
  const az = L.mul(a, z);

  const clamped = L.pmin(a, L.constant(saturation[L.dtype]));
  const { p, exponent } = reduceExp(L, L.add(clamped, clamped));
  const scale = powerOfTwo(L, exponent);
  // e^(2a) + 1 = 2^n p + (2^n + 1)
  const denominator = L.add(L.mul(scale, p), L.add(scale, L.constant(1)));

  if (L.dtype === "float32") {
    const large = L.sub(L.constant(1), L.div(L.constant(2), denominator));
    return xor(select(small, L.add(a, L.mul(az, polynomial(L, z, polynomial32))), large), sign);
  }
  const quotient = L.div(
    select(small, L.mul(az, polynomial(L, z, numerator64)), L.constant(-2)),
    select(small, polynomial(L, z, denominator64), denominator),
  );
  return xor(L.add(select(small, a, L.constant(1)), quotient), sign);
}
