import { arange, array, scalar } from "../array/creation.ts";
import type { ArrayType, NdArray } from "../array/ndarray.ts";
import { DomainError, DTypeError, describe, ShapeError } from "../errors.ts";
import { add, mul } from "../primitives/arithmetic.ts";
import { bitXor, multiplyHigh } from "../primitives/bits.ts";
import { asArray, reshape } from "../primitives/broadcasting.ts";
import { stack } from "../primitives/joining.ts";
import { use } from "../random/key.ts";
import { M0, M1, rounds, W0, W1 } from "../random/philox.ts";
import { part } from "./along-axis.ts";

/**
 * Philox on arrays of words: the same bits as random/philox.ts, for every counter (c0, c1, 0, use) and key.
 * [eq:philox]
 *
 * Shapes  key: [...b, 2], c0: [n] or [...b, n] → four of [...b, n], int32
 */
export function philoxBlocks(
  key: NdArray,
  c0: NdArray,
  c1: number,
  use: number,
): readonly [NdArray, NdArray, NdArray, NdArray] {
  const [k0, k1] = [part(key, key.shape.length - 1, 0, 1), part(key, key.shape.length - 1, 1, 2)];
  let words = [c0, scalar(c1, "int32"), scalar(0, "int32"), scalar(use, "int32")] as const;
  for (let round = 0; round < rounds; round++) {
    const [w0, w1, w2, w3] = words;
    words = [
      bitXor(bitXor(multiplyHigh(M1 | 0, w2), w1), add(k0, Math.imul(round, W0))),
      mul(M1 | 0, w2),
      bitXor(bitXor(multiplyHigh(M0 | 0, w0), w3), add(k1, Math.imul(round, W1))),
      mul(M0 | 0, w0),
    ];
  }
  return words;
}

/**
 * The key derived from (key, word) in a program, as by `fold` of @sgmrl/autodiff/random.            [eq:fold]
 *
 * Shapes  key: [...b, 2], int32; word: an integer from 0 to 2^53 − 1, or an int32 scalar (or [...b]) read as
 *         unsigned → [...b, 2]
 * Errors  ShapeError and DTypeError for an invalid key; DomainError for a number outside its range
 */
export function foldIn(key: NdArray, word: NdArray | number): NdArray {
  requireKey("foldIn", asArray(key, "foldIn", "key"));
  if (typeof word === "number" && !(Number.isSafeInteger(word) && word >= 0)) {
    throw new DomainError(
      "foldIn",
      `the word must be a whole number from 0 to 2^53 − 1; got ${word}`,
      "Correct it.",
    );
  }
  if (typeof word !== "number" && asArray(word, "foldIn", "the word").dtype !== "int32") {
    throw new DTypeError(
      "foldIn",
      `the word must be int32; got ${word.dtype}`,
      'Use convert(word, "int32").',
    );
  }
  const low = typeof word === "number" ? array([word | 0], [1], "int32") : reshape(word, [...word.shape, 1]);
  const high = typeof word === "number" ? (word / 2 ** 32) | 0 : 0;
  const [w0, w1] = philoxBlocks(key, low, high, use.fold);
  return reshape(stack([w0, w1], -1), [...w0.shape.slice(0, -1), 2]);
}

/**
 * `count` keys, independent of each other and of the key's folds and draws, as by `split` of
 * @sgmrl/autodiff/random.
 *
 * Shapes  key: [...b, 2], int32 → [...b, count, 2]
 * Errors  ShapeError and DTypeError for an invalid key; DomainError for a count outside its range
 */
export function splitKey(key: NdArray, count: number): NdArray {
  requireKey("splitKey", asArray(key, "splitKey", "key"));
  if (!(Number.isInteger(count) && count >= 0)) {
    throw new DomainError(
      "splitKey",
      `the count must be a whole number of at least 0; got ${describe(count)}`,
      "Correct it.",
    );
  }
  const [w0, w1] = philoxBlocks(key, arange(count, "int32"), 0, use.split);
  return stack([w0, w1], -1);
}

/** Refuses an array that does not hold keys: two int32 words along the last axis. */
export function requireKey(op: string, { shape, dtype }: ArrayType): void {
  if (dtype !== "int32") {
    throw new DTypeError(op, `a key is two words of int32; got ${dtype}`, "Make it with randomKey(seed).");
  }
  if (shape.at(-1) !== 2) {
    throw new ShapeError(
      op,
      "a key has two words along its last axis",
      { key: shape },
      "Make it with randomKey(seed).",
    );
  }
}
