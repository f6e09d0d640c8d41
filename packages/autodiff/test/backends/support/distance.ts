import type { NdArray } from "../../../src/index.ts";

/** Largest |a - b| relative to 1 + the largest finite |b|; 0 where both are NaN or the same infinity. */
export function distance(a: NdArray, b: NdArray): number {
  if (a.shape.join() !== b.shape.join()) return Number.POSITIVE_INFINITY;
  const [x, y] = [Array.from(a.data), Array.from(b.data)];
  const scale = y.reduce((largest, v) => (Number.isFinite(v) ? Math.max(largest, Math.abs(v)) : largest), 0);
  return x.reduce((worst, v, i) => {
    if (Object.is(v, y[i]) || v === y[i]) return worst;
    const off = Math.abs(v - y[i]!) / (1 + scale);
    return Number.isNaN(off) ? Number.POSITIVE_INFINITY : Math.max(worst, off);
  }, 0);
}

/** Numbers for an array: multiples of 1/8 in [-2, 2], in no obvious order. */
export function eighths(size: number, seed: number): number[] {
  return Array.from(
    { length: size },
    (_, i) => (((Math.imul(i + 1, 0x9e3779b1) ^ Math.imul(seed + 1, 0x85ebca6b)) >>> 16) % 33) / 8 - 2,
  );
}
