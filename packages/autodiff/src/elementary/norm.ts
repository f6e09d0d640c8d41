import { powerOfTwo } from "./binary.ts";
import { add, type Pair, product } from "./pairs.ts";

/**
 * √(Σ x²), which neither over- nor underflows on the way; ∞ if any x is infinite.
 *
 *   s = Σ x² as a sum of two doubles,   h = √s.high,   √s = h + (s − h²) / (2 h)
 *
 * Numerics  at most 1 unit in the last place (test/elementary/accuracy.test.ts)
 * Source    one step of Newton's method for √s, on the sum of Dekker (pairs.ts)
 */
export function hypot(...xs: readonly number[]): number {
  if (xs.some((x) => Math.abs(x) === Number.POSITIVE_INFINITY)) return Number.POSITIVE_INFINITY;
  const largest = xs.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  if (!(largest > 0)) return largest;
  const up = largest > 2 ** 500 ? -600 : largest < 2 ** -400 ? 600 : 0;
  const scale = powerOfTwo(up);
  const s = xs.reduce<Pair>((sum, x) => add(sum, product(x * scale, x * scale)), { high: 0, low: 0 });
  const h = Math.sqrt(s.high);
  const square = product(h, h);
  return (h + (s.high - square.high - square.low + s.low) / (2 * h)) * powerOfTwo(-up);
}
