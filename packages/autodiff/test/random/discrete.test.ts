import { describe, expect, it } from "vitest";
import { categorical, fillCategorical, key, permutation, split, uniformAt } from "../../src/random/index.ts";

// [eq:categorical]
describe("categorical", () => {
  it("inverts the cumulative weights at the key's first uniform", () => {
    for (const k of split(key(3), 5000)) {
      const u = uniformAt(k, 0);
      const expected = u * 8 < 1 ? 0 : u * 8 < 4 ? 2 : 3; // weights 1, 0, 3, 4: cumulative 1, 1, 4, 8
      expect(categorical(k, [1, 0, 3, 4])).toBe(expected);
    }
  });

  it("never draws a category of weight 0, not even when u W rounds up to W", () => {
    for (const k of split(key(4), 1000)) expect(categorical(k, [0, 5e-324, 0])).toBe(1);
  });

  it("draws row by row", () => {
    const out = new Int32Array(3);
    fillCategorical(key(0), [1, 0, 0, 1, 1, 0], 2, out);
    expect([...out]).toEqual([0, 1, 0]);
  });

  it.each([
    { weights: [1, -1], message: /weights\[1\] must be at least 0; got -1/ },
    { weights: [Number.NaN], message: /weights\[0\] must be at least 0; got NaN/ },
    { weights: [0, 0], message: /the sum of the weights must be positive and finite; got 0/ },
    { weights: [], message: /the sum of the weights must be positive/ },
    { weights: [1, Number.POSITIVE_INFINITY], message: /must be positive and finite; got Infinity/ },
  ])("refuses $weights", ({ weights, message }) => {
    expect(() => categorical(key(0), weights)).toThrow(message);
  });

  it("refuses weights that do not fill the rows", () => {
    expect(() => fillCategorical(key(0), [1, 1, 1], 2, new Int32Array(2))).toThrow(/2 x 2 = 4; got 3/);
  });
});

describe("permutation", () => {
  it.each([0, 1, 2, 100])("of %i holds each index once", (n) => {
    expect([...permutation(key(n), n)].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
  });

  it("refuses a length that is not one", () => {
    expect(() => permutation(key(0), 1.5)).toThrow(/permutation: n must be a whole number/);
  });
});
