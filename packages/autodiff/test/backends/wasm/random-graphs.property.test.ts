import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "../../../../../vitest.fuzz.ts";
import { wasm } from "../../../src/backends/wasm/index.ts";
import { compile, type NdArray, reference } from "../../../src/index.ts";
import { distance } from "../support/distance.ts";
import { build, derived, matrix, recipe } from "../support/random-graphs.ts";

// A derivative of second order of nine composed steps amplifies rounding by a few powers of ten at worst.
const tolerance = { float64: 1e-10, float32: 5e-3 } as const;

describe.each(["float64", "float32"] as const)(
  "%s: random graphs agree with the float64 reference",
  (dtype) => {
    it.each(Object.keys(derived))("%s", (name) => {
      fc.assert(
        fc.property(recipe, fc.nat(1000), (program, seed) => {
          const f = derived[name]!(build(program));
          const args = [matrix(seed), matrix(seed + 1), matrix(seed + 2)] as const;
          const expected = compile(f, { backend: reference })(...args) as NdArray[];
          const computed = compile(f, { backend: wasm, dtype })(...args) as NdArray[];
          expected.forEach((y, i) => {
            expect(distance(computed[i]!, y)).toBeLessThanOrEqual(tolerance[dtype]);
          });
        }),
        { numRuns: runs(60) },
      );
    });
  },
);
