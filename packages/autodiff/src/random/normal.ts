import { assertNatural, assertRange } from "./errors.ts";
import type { Key } from "./key.ts";
import { normalQuantile } from "./normal-quantile.ts";
import { drawBlock } from "./uniform.ts";

/**
 * n independent draws from the standard normal distribution, by inversion:   [eq:normal]
 *
 *   z_i = Phi^-1(u_i)
 *   u_i = 2^-52 (j_i + 1/2),   j_i = 2^26 floor(w / 2^6) + floor(w' / 2^6)     w, w' = words 2i, 2i + 1
 *
 * One u for one z, and z increasing in u: common random numbers and u -> 1 - u couple runs as one expects.
 * Only +, -, *, / and sqrt are used (normal-quantile.ts), each of which IEEE 754 rounds in one way, so the bits
 * do not depend on the machine or on the JavaScript engine; Math.log, cos and sin, which Box-Muller needs, may.
 *
 * Numerics  u is symmetric about 1/2 and never 0 or 1; |z| <= 8.21 (an exact normal passes that once in 10^15)
 */
export function normal(key: Key, n: number): Float64Array {
  assertNatural("normal", "n", n);
  const out = new Float64Array(n);
  fillNormal(key, out);
  return out;
}

/** Writes the first `length` draws of `normal` at out[offset]. */
export function fillNormal(
  key: Key,
  out: Float64Array,
  offset: number = 0,
  length: number = out.length - offset,
): void {
  assertRange("fillNormal", out.length, offset, length);
  for (let i = 0; i < length; i += 2) {
    const { w0, w1, w2, w3 } = drawBlock(key, i / 2);
    out[offset + i] = normalQuantile(openUnitInterval(w0, w1));
    if (i + 1 < length) out[offset + i + 1] = normalQuantile(openUnitInterval(w2, w3));
  }
}

/** Draw `index` of `normal`, alone. */
export function normalAt(key: Key, index: number): number {
  assertNatural("normalAt", "index", index);
  const { w0, w1, w2, w3 } = drawBlock(key, Math.floor(index / 2));
  return normalQuantile(index % 2 === 0 ? openUnitInterval(w0, w1) : openUnitInterval(w2, w3));
}

/** 2^-52 (j + 1/2) from the words that make j. @internal */
export function openUnitInterval(high: number, low: number): number {
  return ((high >>> 6) * 0x4000000 + (low >>> 6) + 0.5) * 2 ** -52; // exact: j + 1/2 has 53 bits
}
