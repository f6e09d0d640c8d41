/**
 * Philox 4x32-10: a keyed bijection of 128-bit counters. Word i of a stream is a function of (key, i) alone,
 * so streams need no state, and any part of one can be computed anywhere, in any order.
 *
 * One round, on counter words c0..c3 and key words k0, k1:                [eq:philox]
 *
 *   c0' = hi(M1 c2) ^ c1 ^ k0
 *   c1' = lo(M1 c2)
 *   c2' = hi(M0 c0) ^ c3 ^ k1
 *   c3' = lo(M0 c0)
 *   k0' = k0 + W0,   k1' = k1 + W1           (mod 2^32: a Weyl sequence of round keys)
 *
 * hi and lo are the halves of the 64-bit product. Ten rounds pass BigCrush with a margin of three.
 *
 * Source  Salmon, Moraes, Dror & Shaw, Parallel random numbers: as easy as 1, 2, 3, SC 2011,
 *         doi:10.1145/2063384.2063405; known answers of its Random123 library in test/random/philox.test.ts
 */
export const rounds = 10;

/** Multipliers and increments of the round keys. @internal */
export const M0 = 0xd2511f53;
export const M1 = 0xcd9e8d57;
export const W0 = 0x9e3779b9; // golden ratio
export const W1 = 0xbb67ae85; // sqrt(3) - 1

/** The four words of one block, each a *signed* 32-bit integer (`>>> 0` gives the unsigned word). */
export interface Block {
  readonly w0: number;
  readonly w1: number;
  readonly w2: number;
  readonly w3: number;
}

/** Encrypts the counter (c0, c1, c2, c3) under the key (k0, k1). Words may be signed or unsigned. */
export function philox(c0: number, c1: number, c2: number, c3: number, k0: number, k1: number): Block {
  for (let round = 0; round < rounds; round++) {
    const hi0 = multiplyHigh(M0, c0);
    const lo0 = Math.imul(M0, c0);
    const hi1 = multiplyHigh(M1, c2);
    const lo1 = Math.imul(M1, c2);
    c0 = hi1 ^ c1 ^ k0;
    c1 = lo1;
    c2 = hi0 ^ c3 ^ k1;
    c3 = lo0;
    k0 = (k0 + W0) | 0;
    k1 = (k1 + W1) | 0;
  }
  return { w0: c0, w1: c1, w2: c2, w3: c3 };
}

/**
 * The high word of the unsigned product a b, from 16-bit halves a = 2^16 aH + aL, b = 2^16 bH + bL:
 *
 *   a b = 2^32 aH bH + 2^16 (aH bL + aL bH) + aL bL
 *
 * No partial sum below passes 2^32 - 1, so each one is exact as a 32-bit word.
 */
function multiplyHigh(a: number, b: number): number {
  const aL = a & 0xffff;
  const aH = a >>> 16;
  const bL = b & 0xffff;
  const bH = b >>> 16;
  const middle = (Math.imul(aH, bL) + (Math.imul(aL, bL) >>> 16)) | 0;
  const carry = (Math.imul(aL, bH) + (middle & 0xffff)) | 0;
  return (Math.imul(aH, bH) + (middle >>> 16) + (carry >>> 16)) | 0;
}
