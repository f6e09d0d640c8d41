import fc from "fast-check";
import { expect, it } from "vitest";
import { elementary } from "../../../../src/backends/wasm/elementary/elementary.ts";
import { tanhAndSlope32 } from "../../../../src/backends/wasm/elementary/tanh.ts";
import { createWasmBackend } from "../../../../src/backends/wasm/index.ts";
import { array, compile, mul, type NdArray, sum, tanh, valueAndGrad } from "../../../../src/index.ts";
import { sechSquared } from "../../../../src/primitives/transcendental.ts";
import { vectorFunction } from "../support/vector-function.ts";

const tanhBesideSlope = vectorFunction("float32", (_, L, x) => tanhAndSlope32(L, x).tanh);
const tanh32 = vectorFunction("float32", elementary.tanh);

/** Every `step`-th float32 from `low` to `high`, both positive. */
function floats(low: number, high: number, step: number): Float32Array {
  const [first, last] = new Int32Array(Float32Array.of(low, high).buffer) as unknown as [number, number]; // two words
  const bits = Int32Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, i) => first + i * step);
  return new Float32Array(bits.buffer);
}

/** Distance from the exact value in units of the last place that a float32 of its size has. */
function ulps(y: number, exact: number): number {
  return Math.abs(y - exact) / 2 ** (Math.floor(Math.log2(exact)) - 23);
}

// A sample of all: with a step of 1 the largest error is 1.683.
it("float32: within 1.7 ulp, and never above 1", () => {
  const xs = floats(2 ** -14, 12, 97);
  const ys = tanh32([...xs]);
  let worst = { x: 0, error: 0 };
  let largest = 0;
  for (const [i, x] of xs.entries()) {
    const error = ulps(ys[i]!, Math.min(Math.tanh(x), 1 - 2 ** -53)); // in ulp of the numbers below 1
    if (error > worst.error) worst = { x, error };
    largest = Math.max(largest, ys[i]!);
  }
  expect(worst).toSatisfy(({ error }: { error: number }) => error > 1 && error <= 1.7);
  expect(largest).toBe(1);
});

it("float32: odd to the last bit, x itself where x is tiny, 1 from 9.02 on", () => {
  const xs = [...floats(2 ** -14, 12, 9973)];
  expect(tanh32(xs.map((x) => -x))).toEqual(tanh32(xs).map((y) => -y));
  const tiny = [...floats(2 ** -149, 2 ** -13, 99991)];
  expect([...tanh32(tiny)]).toEqual(tiny);
  const large = [...floats(9.02, 3e38, 9973)];
  expect(new Set(tanh32(large))).toEqual(new Set([1]));
});

const slope32 = vectorFunction("float32", elementary.sechSquared);

/** sech² x in float64: 1e-16 relative. */
function sech2(x: number): number {
  const u = Math.exp(-2 * x);
  return (4 * u) / (1 + u) ** 2;
}

// A sample of all: with a step of 97 over all magnitudes the largest errors are 4.13 and 1.31.
it("sech² in float32: within 4.2 ulp until the result is no longer a normal number, then to 1.4 units of the last place", () => {
  const xs = floats(2 ** -30, 44.3, 997);
  const ys = slope32([...xs]);
  const worst = xs.reduce((most, x, i) => Math.max(most, ulps(ys[i]!, sech2(x))), 0);
  expect(worst).toBeGreaterThan(1.5);
  expect(worst).toBeLessThan(4.2);
  const far = floats(44.3, 60, 997);
  const tails = slope32([...far]);
  const off = far.reduce((most, x, i) => Math.max(most, Math.abs(tails[i]! - sech2(x))), 0);
  expect(off).toBeLessThan(1.4 * 2 ** -149);
});

it("float32: beside its slope, tanh has the bits that it has alone", () => {
  const xs = [...floats(2 ** -149, 3e38, 49_999)];
  expect(tanhBesideSlope(xs)).toEqual(tanh32(xs));
  expect(tanhBesideSlope(xs.map((x) => -x))).toEqual(tanh32(xs).map((y) => -y));
});

it("programs: a slope moved beside tanh has the bits of one computed where it is used", () => {
  const backend = createWasmBackend();
  const f = compile(
    valueAndGrad((x: NdArray, w: NdArray) => sum(mul(tanh(x), w))),
    { backend },
  );
  const apart = compile((x: NdArray, w: NdArray) => mul(w, sechSquared(x)), { backend });
  fc.assert(
    fc.property(
      fc.array(fc.float({ noNaN: true, min: -60, max: 60 }), { minLength: 1, maxLength: 40 }),
      (values) => {
        const x = array(Float32Array.from(values));
        const w = array(Float32Array.from(values, (_, i) => (i % 7) - 3));
        expect(f(x, w)[1].data).toEqual(apart(x, w).data);
      },
    ),
    { numRuns: 40 },
  );
});
