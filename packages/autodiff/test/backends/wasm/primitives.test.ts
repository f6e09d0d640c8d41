import { describe, expect, it } from "vitest";
import { wasm } from "../../../src/backends/wasm/index.ts";
import { array, cholesky, compile, gather, type NdArray, reference } from "../../../src/index.ts";
import { distance, eighths } from "../support/distance.ts";
import { cases, index, sizeOf } from "../support/primitive-cases.ts";

// Linear and comparing primitives match to the last bit; reductions add in another order, and elementary functions
// differ from the host's Math by the error bounds of both. float32 runs against float32 inputs in float64 arithmetic.
const tolerance = { float64: 1e-14, float32: 2e-6 } as const;

describe.each(["float64", "float32"] as const)("%s, every primitive agrees with the reference", (dtype) => {
  const FloatArray = dtype === "float64" ? Float64Array : Float32Array;
  it.each(Object.entries(cases))("%s", (_name, list) => {
    expect(list.length).toBeGreaterThan(0);
    list.forEach(({ f, inputs, prepare = (x) => x }, seed) => {
      const xs = inputs.map((shape, k) =>
        array(new FloatArray(eighths(sizeOf(shape), 31 * seed + k).map(prepare)), shape),
      );
      const expected = compile(f, { backend: reference })(...xs);
      const computed = compile(f, { backend: wasm })(...xs);
      expect(computed.dtype).toBe(expected.dtype);
      expect(
        distance(computed, expected),
        `case ${seed}, inputs ${JSON.stringify(inputs)}`,
      ).toBeLessThanOrEqual(tolerance[dtype]);
    });
  });
});

describe("faults are reported as by the reference", () => {
  it("an index outside its axis", () => {
    const f = compile((x: NdArray, i: NdArray) => gather(x, i), { backend: wasm });
    const x = array([1, 2, 3]);
    expect(() => f(x, index([0, 5], [2]))).toThrow(
      /gather: indices must be from 0 to 2; got 5 at position 1/,
    );
    expect(Array.from(f(x, index([2, 1], [2])).data)).toEqual([3, 2]); // and the next run is unharmed
  });

  it("a matrix that is not positive definite", () => {
    const f = compile((a: NdArray) => cholesky(a), { backend: wasm });
    expect(() =>
      f(
        array([
          [1, 2],
          [2, 1],
        ]),
      ),
    ).toThrow(/cholesky: the matrix must be positive definite; pivot 1/);
  });
});
