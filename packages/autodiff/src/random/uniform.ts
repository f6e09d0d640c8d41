import { assertNatural, assertRange } from "./errors.ts";
import { assertKey, type Key, use } from "./key.ts";
import { type Block, philox } from "./philox.ts";

const twoTo32 = 2 ** 32;

/**
 * n independent draws from the uniform distribution on [0, 1), each a multiple of 2^-53.   [eq:uniform]
 *
 *   u_i = 2^-53 (2^26 floor(w / 2^5) + floor(w' / 2^6))       w, w' = words 2i, 2i + 1 of the key's stream
 */
export function uniform(key: Key, n: number): Float64Array {
  assertNatural("uniform", "n", n);
  const out = new Float64Array(n);
  fillUniform(key, out);
  return out;
}

/** Writes the first `length` draws of `uniform` at out[offset]. */
export function fillUniform(
  key: Key,
  out: Float64Array,
  offset: number = 0,
  length: number = out.length - offset,
): void {
  assertRange("fillUniform", out.length, offset, length);
  for (let i = 0; i < length; i += 2) {
    const { w0, w1, w2, w3 } = drawBlock(key, i / 2);
    out[offset + i] = unitInterval(w0, w1);
    if (i + 1 < length) out[offset + i + 1] = unitInterval(w2, w3);
  }
}

/** Draw `index` of `uniform`, alone. */
export function uniformAt(key: Key, index: number): number {
  assertNatural("uniformAt", "index", index);
  const { w0, w1, w2, w3 } = drawBlock(key, Math.floor(index / 2));
  return index % 2 === 0 ? unitInterval(w0, w1) : unitInterval(w2, w3);
}

/** Block `index` of the key's stream of draws. @internal */
export function drawBlock(key: Key, index: number): Block {
  assertKey("drawing", key);
  return philox(index | 0, (index / twoTo32) | 0, 0, use.draw, key.k0, key.k1);
}

function unitInterval(high: number, low: number): number {
  return ((high >>> 5) * 0x4000000 + (low >>> 6)) * 2 ** -53;
}
