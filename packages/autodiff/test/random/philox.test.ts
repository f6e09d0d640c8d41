import { describe, expect, it } from "vitest";
import { type Block, philox } from "../../src/random/index.ts";

// Random123 1.14, tests/kat_vectors, the lines "philox4x32 10": counter, key, block.
const knownAnswers = [
  {
    name: "zeros",
    counter: [0, 0, 0, 0],
    key: [0, 0],
    block: "6627e8d5 e169c58d bc57ac4c 9b00dbd8",
  },
  {
    name: "ones",
    counter: [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    key: [0xffffffff, 0xffffffff],
    block: "408f276d 41c83b0e a20bc7c6 6d5451fd",
  },
  {
    name: "digits of pi",
    counter: [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    key: [0xa4093822, 0x299f31d0],
    block: "d16cfe09 94fdcceb 5001e420 24126ea1",
  },
] as const;

// [eq:philox]
describe("philox", () => {
  it.each(knownAnswers)(
    "gives the published block for $name",
    ({ counter: [c0, c1, c2, c3], key, block }) => {
      expect(hex(philox(c0, c1, c2, c3, key[0], key[1]))).toBe(block);
    },
  );

  it("does not mind whether words are signed", () => {
    const words = knownAnswers[2].counter.map((word) => word | 0) as [number, number, number, number]; // four in, four out
    const [k0, k1] = knownAnswers[2].key;
    expect(hex(philox(...words, k0 | 0, k1 | 0))).toBe(knownAnswers[2].block);
  });
});

function hex({ w0, w1, w2, w3 }: Block): string {
  return [w0, w1, w2, w3].map((word) => (word >>> 0).toString(16).padStart(8, "0")).join(" ");
}
