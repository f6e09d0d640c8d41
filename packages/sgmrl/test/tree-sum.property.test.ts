// [eq:tree-sum]
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { treeMean, treeSum } from "../src/tree-sum.ts";

const real = fc.double({ min: -1e6, max: 1e6, noNaN: true });

describe("treeSum", () => {
  it("adds as the tree says: five numbers as ((0 1) (2 3)) 4", () => {
    fc.assert(
      fc.property(fc.tuple(real, real, real, real, real), ([a, b, c, d, e]) => {
        const sum = treeSum([a, b, c, d, e].map((x) => Float64Array.of(x)))[0];
        expect(sum).toBe(a + b + (c + d) + e);
      }),
    );
  });

  it("lets aligned blocks of a power of two be summed first, with the same bits", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(real, real).map((pair) => Float64Array.from(pair)),
          { minLength: 1, maxLength: 40 },
        ),
        fc.integer({ min: 0, max: 4 }),
        (vectors, log2) => {
          const size = 2 ** log2;
          const blocks = Array.from({ length: Math.ceil(vectors.length / size) }, (_, block) =>
            treeSum(vectors.slice(block * size, (block + 1) * size)),
          );
          expect(treeSum(blocks)).toEqual(treeSum(vectors));
        },
      ),
    );
  });

  it("leaves its arguments alone, and refuses an empty sum", () => {
    const vectors = [Float64Array.of(1), Float64Array.of(2), Float64Array.of(4)];
    expect(treeSum(vectors)).toEqual(Float64Array.of(7));
    expect(vectors).toEqual([Float64Array.of(1), Float64Array.of(2), Float64Array.of(4)]);
    expect(treeMean([1, 2, 6])).toBe(3);
    expect(() => treeSum([])).toThrow("at least one vector");
  });
});
