import { describe, expect, it } from "vitest";
import { assembleModule } from "../../../../src/backends/wasm/assembler/module.ts";
import { type FloatType, lanes } from "../../../../src/backends/wasm/elementary/lanes.ts";
import { createMemory, instantiate } from "../../../../src/backends/wasm/host.ts";
import { matmul } from "../../../../src/backends/wasm/kernels/matmul.ts";
import type { MatmulShape } from "../../../../src/backends/wasm/kernels/operands.ts";
import { spread } from "../support/vector-function.ts";

function shapeOf(m: number, n: number, k: number, form: "AB" | "AtB" | "ABt"): MatmulShape {
  return {
    m,
    n,
    k,
    ...(form === "AtB" ? { aRow: 1, aStep: m } : { aRow: k, aStep: 1 }),
    ...(form === "ABt" ? { bStep: 1, bColumn: k } : { bStep: n, bColumn: 1 }),
    cRow: n,
  };
}

function run(
  dtype: FloatType,
  shape: MatmulShape,
): { computed: Float32Array | Float64Array; expected: number[] } {
  const { m, n, k } = shape;
  const fn = matmul(lanes[dtype], shape);
  const memory = createMemory(40 * 65536);
  const exports = instantiate(assembleModule({ exports: [fn], memoryPages: 1 }), memory);
  const FloatArray = dtype === "float64" ? Float64Array : Float32Array;
  const [aAt, bAt, cAt, scratchAt] = [0, 1 << 20, 2 << 20, 36 * 65536] as const;
  const a = new FloatArray(memory.buffer, aAt, m * k);
  const b = new FloatArray(memory.buffer, bAt, k * n);
  const c = new FloatArray(memory.buffer, cAt, m * n);
  a.set(spread(m * k).map((u) => u - 0.5));
  b.set(spread(k * n).map((u) => 1 - 2 * u));
  new FloatArray(memory.buffer, cAt, m * n + 4).fill(Number.NaN);
  exports[fn.name]!(aAt, bAt, cAt, scratchAt);

  const round = dtype === "float64" ? (x: number) => x : Math.fround;
  const add = (x: number, y: number): number => round(x + y);
  // float32: chains of at most 104, of equal lengths but for the last, in whole fours if there are several.
  const chains = dtype === "float64" ? 1 : Math.ceil(k / 104);
  const length = chains <= 1 ? k : 4 * Math.ceil(k / chains / 4);
  const expected = Array.from({ length: m * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    const products = Array.from({ length: k }, (_, p) =>
      round(a[i * shape.aRow + p * shape.aStep]! * b[p * shape.bStep + j * shape.bColumn]!),
    );
    const sums = Array.from({ length: chains }, (_, c) =>
      products.slice(c * length, (c + 1) * length).reduce(add, 0),
    );
    return sums.reduce(add, 0);
  });
  expect(Array.from(new FloatArray(memory.buffer, cAt + c.byteLength, 4))).toEqual(
    new Array(4).fill(Number.NaN),
  ); // nothing written beyond C
  return { computed: c, expected };
}

// Every number of rows modulo the tile, every number of columns modulo the vector; below one and many blocks of k and rows.
const sizes = [1, 2, 3, 4, 5, 6, 7, 9, 13].flatMap((m) =>
  [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 15, 26].map((n) => [m, n] as const),
);

describe.each([
  ["float64", "has the bits of the plain triple loop"],
  ["float32", "has the bits of chains of 104, added in turn"],
] as const)("matmul, %s, %s", (dtype: FloatType, _order: string) => {
  it.each(["AB", "AtB", "ABt"] as const)("%s, small shapes", (form) => {
    for (const [i, [m, n]] of sizes.entries()) {
      const { computed, expected } = run(dtype, shapeOf(m, n, 1 + (i % 11), form));
      expect(Array.from(computed)).toEqual(expected);
    }
  });

  it.each([
    [33, 17, 230],
    [6, 2, 512],
    [2, 40, 301],
    [5, 8, 200],
    [43, 64, 300],
    [5, 9, 104],
    [6, 2, 105],
    [41, 130, 129],
    [131, 21, 260],
    [3, 1, 64],
    [3, 1, 65],
    [2, 3, 1000],
    [35, 6, 1030],
    [4, 4, 0],
  ] as const)("%i x %i, k = %i", (m, n, k) => {
    for (const form of ["AB", "AtB", "ABt"] as const) {
      const { computed, expected } = run(dtype, shapeOf(m, n, k, form));
      expect(Array.from(computed)).toEqual(expected);
    }
  });

  it.each([3, 40])("%i rows, B one row that is read again for every k", (m) => {
    const { computed, expected } = run(dtype, { ...shapeOf(m, 9, 23, "AB"), bStep: 0 });
    expect(Array.from(computed)).toEqual(expected);
  });
});
