import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  assertKey,
  fold,
  type Key,
  key,
  philox,
  RandomArgumentError,
  split,
  uniform,
} from "../../src/random/index.ts";

const seeds = fc.maxSafeNat();
const name = ({ k0, k1 }: Key): string => `${k0},${k1}`;

describe("keys", () => {
  it("fold words one after another", () => {
    fc.assert(
      fc.property(seeds, fc.array(seeds), fc.array(seeds), (seed, a, b) => {
        expect(fold(key(seed), ...a, ...b)).toEqual(fold(fold(key(seed), ...a), ...b));
      }),
    );
  });

  // [eq:fold]
  it("fold a word by encrypting it, with the last counter word that marks folds", () => {
    fc.assert(
      fc.property(seeds, seeds, (seed, word) => {
        const { k0, k1 } = key(seed);
        const { w0, w1 } = philox(word % 2 ** 32, Math.floor(word / 2 ** 32), 0, 1, k0, k1);
        expect(fold({ k0, k1 }, word)).toEqual({ k0: w0, k1: w1 });
      }),
    );
  });

  it("are values: nothing drawn or derived changes them", () => {
    const k = Object.freeze(key(7));
    const before = uniform(k, 3);
    split(k, 2);
    fold(k, 1);
    expect(uniform(k, 3)).toEqual(before);
  });

  // 3 x 20,000 keys of 64 bits: a chance collision has probability below 60,000^2 / 2^65 = 1e-10.
  it("do not collide, whether they are seeded, folded or split", () => {
    const n = 20_000;
    const seeded = Array.from({ length: n }, (_, seed) => key(seed));
    const root = key(n);
    const folded = Array.from({ length: n }, (_, word) => fold(root, word));
    expect(new Set([...seeded, ...folded, ...split(root, n)].map(name)).size).toBe(3 * n);
  });

  it("tell words apart that agree in their low 32 bits, and word orders", () => {
    expect(fold(key(0), 5)).not.toEqual(fold(key(0), 5 + 2 ** 32));
    expect(key(5)).not.toEqual(key(5 + 2 ** 32));
    expect(fold(key(0), 1, 2)).not.toEqual(fold(key(0), 2, 1));
  });

  it("survive JSON", () => {
    const k: unknown = JSON.parse(JSON.stringify(key(123)));
    assertKey("test", k);
    expect(k).toEqual(key(123));
  });

  it.each([-1, 0.5, Number.NaN, 2 ** 53])("refuse %s as a seed or a word, by name", (bad) => {
    expect(() => key(bad)).toThrow(/key: seed must be a whole number from 0 to 2\^53 - 1; got/);
    expect(() => fold(key(0), bad)).toThrow(/fold: word must be/);
    expect(() => split(key(0), bad)).toThrow(RandomArgumentError);
  });

  it("refuse a seed in place of a key", () => {
    const seed = 5 as unknown as Key; // what a caller without types may pass
    expect(() => uniform(seed, 1)).toThrow(/drawing: key must be .* as key\(seed\) makes it; got 5/);
    expect(() => fold(seed, 1)).toThrow(/deriving a key: key must be/);
    expect(() => split(seed, 1)).toThrow(RandomArgumentError);
  });

  it.each([undefined, null, {}, { k0: 1 }, { k0: 1.5, k1: 0 }, { k0: 2 ** 40, k1: 0 }])(
    "refuse %o as a key",
    (bad) => {
      expect(() => assertKey("resume", bad)).toThrow(/resume: key must be \{ k0, k1 \}/);
    },
  );
});
