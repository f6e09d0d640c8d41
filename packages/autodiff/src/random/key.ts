/**
 * Keys identify streams of random words. A key is a value: it is never advanced, and every draw takes its key
 * explicitly. Draw from a key only once; for more draws, `fold` in their purpose, or `split`.
 *
 *   const perStep = fold(key(seed), iteration, task, step, trajectory, time);
 *
 * Philox itself derives new keys: the words folded in are the counter, the first half of the block is the new
 * key. The last counter word keeps the three uses of a key apart, so that no folded key is also a draw.
 */
import { assertNatural, RandomArgumentError } from "./errors.ts";
import { philox } from "./philox.ts";

/** Two 32-bit words, signed. Plain data: it survives JSON and structuredClone. */
export interface Key {
  readonly k0: number;
  readonly k1: number;
}

/** The last counter word, by use. */
export const use = { draw: 0, fold: 1, split: 2 } as const;

const twoTo32 = 2 ** 32;

/** The key of a seed, a whole number from 0 to 2^53 - 1. */
export function key(seed: number): Key {
  assertNatural("key", "seed", seed);
  return derive({ k0: 0, k1: 0 }, seed, use.fold);
}

/**
 * A key for (key, words...), one Philox block per word, so that           [eq:fold]
 *
 *   fold(k, a, b) = fold(fold(k, a), b)
 *
 * Each word is a whole number from 0 to 2^53 - 1. Different words under one key give different blocks; their
 * first halves coincide with probability 2^-64 per pair.
 */
export function fold(key: Key, ...words: readonly number[]): Key {
  let folded = key;
  for (const word of words) {
    assertNatural("fold", "word", word);
    folded = derive(folded, word, use.fold);
  }
  return folded;
}

/** `count` keys, independent of each other and of the key's folds and draws. */
export function split(key: Key, count: number): Key[] {
  assertNatural("split", "count", count);
  return Array.from({ length: count }, (_, index) => derive(key, index, use.split));
}

function derive(key: Key, word: number, use: number): Key {
  assertKey("deriving a key", key);
  const block = philox(word | 0, (word / twoTo32) | 0, 0, use, key.k0, key.k1);
  return { k0: block.w0, k1: block.w1 };
}

/** Refuses anything but two 32-bit words, such as a seed in place of a key, or a key misread from a file. */
export function assertKey(op: string, got: unknown): asserts got is Key {
  const { k0, k1 } = (got ?? {}) as Partial<Key>; // only read, and checked on the next line
  if (isWord(k0) && isWord(k1)) return;
  throw new RandomArgumentError(
    op,
    "key",
    JSON.stringify(got),
    "{ k0, k1 } of 32-bit words, as key(seed) makes it",
  );
}

function isWord(word: number | undefined): boolean {
  return word !== undefined && (word | 0) === word;
}
