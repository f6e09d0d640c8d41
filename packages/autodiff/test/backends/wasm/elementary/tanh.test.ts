import { expect, it } from "vitest";
import { elementary } from "../../../../src/backends/wasm/elementary/elementary.ts";
import { vectorFunction } from "../support/vector-function.ts";

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
