/**
 * Sums and products with their rounding errors: a value as high + low, |low| <= ulp(high) / 2.
 *
 * Source  Dekker, Numerische Mathematik 18, 1971, doi:10.1007/BF01397083
 */

import type { V } from "../assembler/expression.ts";
import { float64Lanes as L } from "./lanes.ts";

export interface DoubleDouble {
  readonly high: V;
  readonly low: V;
}

/** a + b, for |a| >= |b|. */
export function fastSum(a: V, b: V): DoubleDouble {
  const high = L.add(a, b);
  return { high, low: L.add(L.sub(a, high), b) };
}

/** x as two numbers of 26 bits, for |x| < 2^996. */
function split(x: V): readonly [V, V] {
  const scaled = L.mul(x, L.constant(2 ** 27 + 1));
  const upper = L.sub(scaled, L.sub(scaled, x));
  return [upper, L.sub(x, upper)];
}

/** a b, exactly, while nothing over- or underflows. */
export function product(a: V, b: V): DoubleDouble {
  const high = L.mul(a, b);
  const [a1, a2] = split(a);
  const [b1, b2] = split(b);
  const low = L.add(L.add(L.add(L.sub(L.mul(a1, b1), high), L.mul(a1, b2)), L.mul(a2, b1)), L.mul(a2, b2));
  return { high, low };
}

/** a b to about 2^-104. */
export function multiply(a: DoubleDouble, b: DoubleDouble): DoubleDouble {
  const { high, low } = product(a.high, b.high);
  return fastSum(high, L.add(low, L.add(L.mul(a.high, b.low), L.mul(a.low, b.high))));
}

/** a + b to about 2^-104, for |a| >= |b|. */
export function addOrdered(a: DoubleDouble, b: DoubleDouble): DoubleDouble {
  const { high, low } = fastSum(a.high, b.high);
  return fastSum(high, L.add(low, L.add(a.low, b.low)));
}
