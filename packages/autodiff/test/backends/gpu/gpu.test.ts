import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { runs } from "../../../../../vitest.fuzz.ts";
import { openGpu } from "../../../src/backends/gpu/index.ts";
import {
  array,
  type Backend,
  compile,
  cumsum,
  exp,
  gather,
  log,
  logSumExp,
  mul,
  type NdArray,
  reference,
  sum,
  tanh,
  UnsupportedError,
} from "../../../src/index.ts";
import { distance, eighths } from "../support/distance.ts";
import { cases, index, sizeOf } from "../support/primitive-cases.ts";
import { build, derived, matrix, recipe } from "../support/random-graphs.ts";

// gpu.js's modes without a graphics card. WebGL2 has the same kernels and needs a browser.
describe.each(["cpu", "webasm"] as const)("gpu.js, mode %s", (mode) => {
  let gpu: Backend;
  beforeAll(async () => {
    gpu = await openGpu({ mode });
  });

  // float32 arithmetic, elementary functions good to about 1e-6.
  it.each(Object.entries(cases))("%s agrees with the reference", (_name, list) => {
    list.forEach(({ f, inputs, prepare = (x) => x, needsFloat64 = false, needsWords = false }, seed) => {
      if (needsFloat64) return;
      const xs = inputs.map((shape, k) =>
        array(new Float32Array(eighths(sizeOf(shape), 31 * seed + k).map(prepare)), shape),
      );
      if (needsWords) {
        expect(() => compile(f, { backend: gpu })(...xs)).toThrow(UnsupportedError);
        return;
      }
      const expected = compile(f, { backend: reference })(...xs);
      const computed = compile(f, { backend: gpu })(...xs);
      expect(computed.dtype).toBe(expected.dtype);
      expect(
        distance(computed, expected),
        `case ${seed}, inputs ${JSON.stringify(inputs)}`,
      ).toBeLessThanOrEqual(1e-5);
    });
  });

  it.each(Object.keys(derived))("random graphs, %s", (name) => {
    fc.assert(
      fc.property(recipe, fc.nat(1000), (program, seed) => {
        const f = derived[name]!(build(program));
        const args = [matrix(seed), matrix(seed + 1), matrix(seed + 2)] as const;
        const expected = compile(f)(...args) as NdArray[];
        const computed = compile(f, { backend: gpu, dtype: "float32" })(...args) as NdArray[];
        expected.forEach((y, i) => {
          expect(distance(computed[i]!, y)).toBeLessThanOrEqual(5e-3);
        });
      }),
      { numRuns: runs(mode === "cpu" ? 25 : 8) },
    );
  });

  describe("keeps clear of the traps", () => {
    const on = (f: (x: NdArray) => NdArray, xs: number[]): number[] =>
      Array.from(compile(f, { backend: gpu })(array(Float32Array.from(xs))).data);

    it("loops of more than 1,000 turns", () => {
      const xs = new Array<number>(3000).fill(1);
      expect(on((x) => sum(x), xs)).toEqual([3000]);
      expect(on((x) => cumsum(x), xs).at(-1)).toBe(3000);
    });

    it("tanh is accurate near 0 and does not overflow", () => {
      const xs = [1e-6, -1e-4, 0.01, 0.6, 0.65, 9, 90, -200, 1e30];
      on((x) => tanh(x), xs).forEach((y, i) => {
        expect(Math.abs(y / Math.tanh(xs[i]!) - 1)).toBeLessThan(1e-6);
      });
    });

    it("log, exp and logSumExp at the edges of their domains", () => {
      expect(on((x) => log(x), [0, -1, 1])).toEqual([Number.NEGATIVE_INFINITY, Number.NaN, 0]);
      expect(on((x) => exp(x), [-200, 200, 0])).toEqual([0, Number.POSITIVE_INFINITY, 1]);
      expect(on((x) => logSumExp(x), [1000, 1000])[0]).toBeCloseTo(1000 + Math.LN2, 3);
    });
  });

  it("refuses float64, whole numbers beyond 2^24 and indices outside their axis", () => {
    expect(() => compile((x: NdArray) => mul(x, 2), { backend: gpu })(array([1]))).toThrow(/float32/);
    const big = array(Int32Array.of(2 ** 25), [1], "int32");
    expect(() => compile((x: NdArray) => mul(x, x), { backend: gpu })(big)).toThrow(/exact up to 16777216/);
    const f = compile((x: NdArray) => gather(x, index([0, 5], [2])), { backend: gpu });
    expect(() => f(array(Float32Array.of(1, 2, 3)))).toThrow(
      /gather: indices must be from 0 to 2; got 5 at position 1/,
    );
  });
});

it("mode webgpu says that no adapter answers in Node, and what to do", async () => {
  await expect(openGpu({ mode: "webgpu" })).rejects.toThrow(
    /mode webgpu needs a WebGPU adapter, and none answers here. Use a browser with WebGPU, or mode webgl2/,
  );
});
