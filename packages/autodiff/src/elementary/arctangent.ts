/**
 * atan2(y, x): the angle of the point (x, y), from −π to π.
 *
 *   q = min(|x|, |y|) / max(|x|, |y|) = n / d,   atan q = base + atan t:
 *     q < 7/16           t = n / d                  base = 0
 *     7/16 ≤ q < 11/16   t = (2 n − d) / (2 d + n)  base = atan 1/2
 *     11/16 ≤ q          t = (n − d) / (n + d)      base = π/4
 *   atan t = t − t³ A(t²)
 *   then π/2 − atan q where |y| > |x|, π − that where x < 0, and the sign of y
 *
 * t, the base and all that follows are sums of two doubles. The numerators are exact.
 *
 * Numerics  at most 1 unit in the last place (test/elementary/accuracy.test.ts); the edges are those that the language fixes
 * Source    A: FDLIBM s_atan.c, Sun Microsystems 1993 (by Remez' algorithm), to 2^−58
 */
import { isNegative } from "./binary.ts";
import { add, divide, fastSum, negate, type Pair } from "./pairs.ts";
import { halfPi } from "./trigonometric-large.ts";

/** A, from the lowest term. */
export const atanTerms: readonly number[] = [
  3.33333333333329318027e-1, -1.99999999998764832476e-1, 1.42857142725034663711e-1, -1.1111110405462355788e-1,
  9.09088713343650656196e-2, -7.69187620504482999495e-2, 6.66107313738753120669e-2,
  -5.83357013379057348645e-2, 4.97687799461593236017e-2, -3.6531572744216915527e-2, 1.62858201153657823623e-2,
];

/** atan 1/2 */
export const atanHalf: Pair = { high: 4.63647609000806093515e-1, low: 2.26987774529616870924e-17 };
export const quarterPi: Pair = { high: Math.PI / 4, low: 3.06161699786838301793e-17 };
export const pi: Pair = { high: Math.PI, low: 1.2246467991473532072e-16 };

export function atan2(y: number, x: number): number {
  const [ax, ay] = [Math.abs(x), Math.abs(y)];
  if (x > 0 && ay < ax * 2 ** -30) return y / x; // atan t = t
  const angle = ofMagnitudes(ay, ax);
  const { high } = isNegative(x) ? add(pi, negate(angle)) : angle;
  return isNegative(y) ? -high : high;
}

/** The angle of (x, y), for x, y ≥ 0. */
function ofMagnitudes(y: number, x: number): Pair {
  if (x === 0 && y === 0) return { high: 0, low: 0 };
  const larger = Math.max(x, y); // NaN if either is
  if (larger === Number.POSITIVE_INFINITY) return ofMagnitudes(y === larger ? 1 : 0, x === larger ? 1 : 0);
  // Far from both ends of the range, so that nothing over- or underflows.
  const scale = larger > 2 ** 900 ? 2 ** -200 : larger < 2 ** -900 ? 2 ** 200 : 1;
  const n = Math.min(x, y) * scale;
  const d = larger * scale;
  return y > x ? add(halfPi, negate(arctangentOfRatio(n, d))) : arctangentOfRatio(n, d);
}

/** atan(n / d), for 0 ≤ n ≤ d. */
function arctangentOfRatio(n: number, d: number): Pair {
  if (n < (7 / 16) * d) return arctangent(divide({ high: n, low: 0 }, { high: d, low: 0 }));
  if (n < (11 / 16) * d)
    return add(atanHalf, arctangent(divide({ high: n + n - d, low: 0 }, fastSum(d + d, n))));
  return add(quarterPi, arctangent(divide({ high: n - d, low: 0 }, fastSum(d, n))));
}

/** atan t, for |t| < 7/16. */
function arctangent({ high, low }: Pair): Pair {
  const z = high * high;
  let sum = 0;
  for (let i = atanTerms.length - 1; i >= 0; i--) sum = sum * z + atanTerms[i]!;
  return fastSum(high, low * (1 - z) - high * (z * sum));
}
