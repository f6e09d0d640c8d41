/**
 * atan2(y, x) in float64: the angle of the point (x, y), from -pi to pi.
 *
 *   q = min(|x|, |y|) / max(|x|, |y|),  atan q = base + atan t:
 *     q < 7/16           t = q                        base = 0
 *     7/16 <= q < 11/16  t = (q - 1/2) / (1 + q/2)    base = atan(1/2)
 *     q >= 11/16         t = (q - 1) / (q + 1)        base = pi/4
 *   atan t = t - t z A(z),  z = t^2, A of degree 10; the fit's error is below 2^-58
 *   then pi/2 - atan q where |y| > |x|, pi - that where x < 0, and the sign of y
 *
 * Numerics  <= 2 ulp; t is formed from x and y with one division. Zeros and infinities as in JavaScript's Math.atan2
 * Source    FDLIBM s_atan.c and e_atan2.c, Sun Microsystems 1993 (coefficients by Remez' algorithm)
 */

import { atanHalf, atanTerms, pi, quarterPi } from "../../../elementary/arctangent.ts";
import { halfPi } from "../../../elementary/trigonometric-large.ts";
import type { V } from "../assembler/expression.ts";
import { and, float64Lanes as L, or, polynomial, select, signOf, xor } from "./lanes.ts";

export function atan2(y: V, x: V): V {
  const [ax, ay] = [L.abs(x), L.abs(y)];
  const isSteep = L.gt(ay, ax);
  const larger = select(isSteep, ay, ax);
  const smaller = select(isSteep, ax, ay);
  const infinity = L.constant(Number.POSITIVE_INFINITY);
  // Far from both ends of the range, so that nothing below over- or underflows; equal infinities count as equal numbers.
  const huge = L.gt(larger, L.constant(2 ** 1000));
  const minute = L.lt(larger, L.constant(2 ** -960));
  const scale = select(huge, L.constant(2 ** -60), select(minute, L.constant(2 ** 60), L.constant(1)));
  const bothInfinite = L.eq(smaller, infinity);
  const d = select(or(bothInfinite, L.eq(larger, L.constant(0))), L.constant(1), L.mul(larger, scale));
  const n = select(bothInfinite, L.constant(1), L.mul(smaller, scale));

  const isMiddle = L.ge(n, L.mul(d, L.constant(7 / 16)));
  const isHigh = L.ge(n, L.mul(d, L.constant(11 / 16)));
  const numerator = select(isHigh, L.sub(n, d), select(isMiddle, L.sub(L.add(n, n), d), n));
  const denominator = select(isHigh, L.add(n, d), select(isMiddle, L.add(L.add(d, d), n), d));
  const t = L.div(numerator, denominator);
  const base = (part: "high" | "low"): V =>
    select(isHigh, L.constant(quarterPi[part]), and(isMiddle, L.constant(atanHalf[part])));

  const z = L.mul(t, t);
  const correction = L.mul(t, L.mul(z, polynomial(L, z, atanTerms)));
  const angle = L.sub(base("high"), L.sub(L.sub(correction, base("low")), t));
  const fromAxis = select(
    isSteep,
    L.sub(L.constant(halfPi.high), L.sub(angle, L.constant(halfPi.low))),
    angle,
  );
  const isLeft = L.lt(xor(L.constant(1), signOf(L, x)), L.constant(0)); // also for x = -0
  const reflected = select(isLeft, L.sub(L.constant(pi.high), L.sub(fromAxis, L.constant(pi.low))), fromAxis);
  const isUndefined = or(L.ne(x, x), L.ne(y, y));
  return select(isUndefined, L.constant(Number.NaN), xor(reflected, signOf(L, y)));
}
