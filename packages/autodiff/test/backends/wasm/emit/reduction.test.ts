import { expect, it } from "vitest";
import { wasm } from "../../../../src/backends/wasm/index.ts";
import {
  add,
  array,
  broadcastTo,
  compile,
  convert,
  matmul,
  max,
  mean,
  mul,
  type NdArray,
  reference,
  sum,
} from "../../../../src/index.ts";

const inWasm = (f: (x: NdArray) => NdArray, x: NdArray): NdArray => compile(f, { backend: wasm })(x);

it("partial sums beyond the range of float32: a sum holds them, a product of matrices does not", () => {
  const f32 = (values: readonly number[], shape: readonly number[]): NdArray =>
    array(Float32Array.from(values), shape);
  const big = [3e38, 3e38, -3e38, -3e38];
  for (const length of [4, 40, 4000]) {
    for (const shape of [[length], [length, 1], [length, 5], [5, length], [3, length, 2]]) {
      const axis = shape.indexOf(length);
      // Runs of one sign, so that every lane and every row meets several.
      const inner = shape.slice(axis + 1).reduce((n, extent) => n * extent, 1);
      const size = shape.reduce((n, extent) => n * extent, 1);
      const values = Array.from({ length: size }, (_, i) => {
        const k = Math.floor(i / inner) % length;
        return big[Math.floor((4 * k) / length)]!;
      });
      const x = f32(values, shape);
      for (const f of [
        (y: NdArray) => sum(y, axis),
        (y: NdArray) => mean(y, axis),
        (y: NdArray) => sum(mul(y, 1), axis),
      ]) {
        const got = inWasm(f, x).data;
        expect([...got], `${shape}`).toEqual(Array(got.length).fill(0));
      }
    }
    // 300 of one sign fill a chain: IEEE addition in float32 gives ∞, and ∞ − ∞ = NaN across chains.
    const k = 300 * length;
    const factors = Array.from({ length: k }, (_, i) => (i < k / 2 ? 3e38 : -3e38));
    for (const n of [1, 5]) {
      const row = inWasm(
        (y) => matmul(y, convert(broadcastTo(array(1), [k, n]), "float32")),
        f32(factors, [1, k]),
      );
      for (const value of row.data) expect(Number.isFinite(value)).toBe(false);
    }
  }
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    for (const at of [0, 3, 63, 64, 99]) {
      const values = Array.from({ length: 100 }, (_, i) => (i === at ? bad : 1));
      for (const y of [
        inWasm((x) => sum(x), f32(values, [100])),
        inWasm((x) => sum(x, 0), f32(values, [100, 1])),
        inWasm((x) => matmul(x, convert(broadcastTo(array(1), [100, 1]), "float32")), f32(values, [1, 100])),
        inWasm((x) => matmul(x, convert(broadcastTo(array(1), [100, 6]), "float32")), f32(values, [1, 100])),
      ])
        for (const value of y.data) expect(value).toBe(bad);
    }
  }
});

it.each(["float32", "float64"] as const)(
  "%s: rows taken together, for every rest and every axis",
  (dtype) => {
    const counting = (shape: readonly number[], seed: number): NdArray =>
      convert(
        array(
          Float64Array.from(
            { length: shape.reduce((n, e) => n * e, 1) },
            (_, i) => ((i * 7 + seed) % 11) - 5,
          ),
          shape,
        ),
        dtype,
      );
    for (const rows of [1, 2, 3, 4, 5, 7, 8, 9]) {
      for (const columns of [1, 2, 3, 4, 5, 9]) {
        const shape = [2, rows, columns];
        const [x, b, c] = [counting(shape, 1), counting([columns], 2), counting([rows, 1], 3)];
        const f = (x: NdArray, b: NdArray, c: NdArray): NdArray[] => {
          const y = mul(add(x, b), c);
          return [
            y,
            sum(y, 0),
            sum(y, 1),
            sum(y, 2),
            sum(y, [0, 2]),
            sum(y, [1, 2]),
            max(y, 1),
            max(x, [0, 2]),
            sum(x),
          ];
        };
        const [got, expected] = [wasm, reference].map((backend) => compile(f, { backend })(x, b, c));
        got!.forEach((y, i) => {
          expect(y.data, `${i} of ${shape}`).toEqual(expected![i]!.data);
        });
      }
    }
  },
);
