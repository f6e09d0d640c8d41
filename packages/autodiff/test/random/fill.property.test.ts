import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as random from "../../src/random/index.ts";
import { openUnitInterval } from "../../src/random/normal.ts";

const { key, philox, uniform, uniformAt, fillUniform, normal, normalAt, fillNormal } = random;

// One stream, three ways to read it: all of it, one element, into a part of a buffer.
describe.each([
  { name: "uniform", draw: uniform, at: uniformAt, fill: fillUniform },
  { name: "normal", draw: normal, at: normalAt, fill: fillNormal },
])("$name", ({ draw, at, fill }) => {
  it("gives the same stream by element, by array and by buffer", () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(20), fc.nat(5), fc.nat(5), (seed, n, before, after) => {
        const k = key(seed);
        const stream = draw(k, n + 3).slice(0, n); // a longer draw begins alike
        expect(Float64Array.from({ length: n }, (_, i) => at(k, i))).toEqual(stream);
        const buffer = new Float64Array(before + n + after).fill(9);
        fill(k, buffer, before, n);
        expect(buffer.subarray(before, before + n)).toEqual(stream);
        expect([...buffer.subarray(0, before), ...buffer.subarray(before + n)]).toEqual(
          Array<number>(before + after).fill(9), // and nothing beside it is touched
        );
      }),
    );
  });

  it("reaches past 2^32 blocks without coming round again", () => {
    expect(at(key(1), 2 ** 33)).not.toBe(at(key(1), 0));
  });

  it("refuses a range outside the buffer, and counts that are not counts", () => {
    expect(() => fill(key(0), new Float64Array(3), 2, 2)).toThrow(
      /offset \+ length must be at most the buffer's 3/,
    );
    expect(() => fill(key(0), new Float64Array(3), -1)).toThrow(/offset must be a whole number/);
    expect(() => draw(key(0), -1)).toThrow(/n must be a whole number/);
    expect(() => at(key(0), 0.5)).toThrow(/index must be a whole number/);
  });
});

describe("the stream", () => {
  it("is the blocks whose last counter word marks draws, so that no folded key is a draw", () => {
    const { k0, k1 } = key(5);
    for (const index of [0, 1, 2 ** 32 + 3]) {
      const { w0, w1 } = philox(index % 2 ** 32, Math.floor(index / 2 ** 32), 0, 0, k0, k1);
      const expected = Math.floor((w0 >>> 0) / 32) / 2 ** 27 + Math.floor((w1 >>> 0) / 64) / 2 ** 53;
      expect(uniformAt({ k0, k1 }, 2 * index)).toBe(expected);
    }
  });

  it("of normals comes from uniforms inside (0, 1), symmetric about 1/2", () => {
    const least = openUnitInterval(0, 0);
    expect(least).toBe(2 ** -53);
    expect(openUnitInterval(-1, -1)).toBe(1 - least); // all ones
    expect(openUnitInterval(0x80000000, 0) - 0.5).toBe(least);
    expect(0.5 - openUnitInterval(0x7fffffff, -1)).toBe(least);
  });
});
