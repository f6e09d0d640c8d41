import { describe, expect, it } from "vitest";
import { elementary } from "../../../../src/backends/wasm/elementary/elementary.ts";
import { vectorFunction } from "../support/vector-function.ts";

const inf = Number.POSITIVE_INFINITY;

/** [x, f(x)] at zeros, infinities, poles, overflow and saturation. */
const edges = {
  exp: [
    [0, 1],
    [-0, 1],
    [inf, inf],
    [-inf, 0],
    [800, inf],
    [-800, 0],
  ],
  expm1: [
    [0, 0],
    [-0, -0],
    [inf, inf],
    [-inf, -1],
    [800, inf],
    [-800, -1],
  ],
  log: [
    [1, 0],
    [0, -inf],
    [-0, -inf],
    [inf, inf],
    [-1, Number.NaN],
    [-inf, Number.NaN],
  ],
  log1p: [
    [0, 0],
    [-0, -0],
    [-1, -inf],
    [inf, inf],
    [-2, Number.NaN],
    [-inf, Number.NaN],
  ],
  tanh: [
    [0, 0],
    [-0, -0],
    [inf, 1],
    [-inf, -1],
    [800, 1],
    [-800, -1],
  ],
  sechSquared: [
    [0, 1],
    [-0, 1],
    [inf, 0],
    [-inf, 0],
    [800, 0],
    [-800, 0],
  ],
  sigmoid: [
    [0, 0.5],
    [-0, 0.5],
    [inf, 1],
    [-inf, 0],
    [800, 1],
    [-800, 0],
  ],
  softplus: [
    [inf, inf],
    [-inf, 0],
    [800, 800],
    [-800, 0],
  ],
  sin: [
    [0, 0],
    [-0, -0],
    [inf, Number.NaN],
    [-inf, Number.NaN],
  ],
  cos: [
    [0, 1],
    [-0, 1],
    [inf, Number.NaN],
    [-inf, Number.NaN],
  ],
} as const satisfies Record<keyof typeof elementary, readonly (readonly [number, number])[]>;

describe.each(["float64", "float32"] as const)("%s", (dtype) => {
  it.each(Object.entries(edges))("%s at its edges", (name, pairs) => {
    // Object.entries widens the key; the table above is typed by it.
    const run = vectorFunction(dtype, elementary[name as keyof typeof edges]);
    const xs = pairs.map(([x]) => x);
    expect(Array.from(run(xs))).toEqual(pairs.map(([, y]) => y));
    expect(Array.from(run([Number.NaN, Number.NaN]))).toEqual([Number.NaN, Number.NaN]);
  });
});
