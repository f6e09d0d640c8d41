// Products of one or two steps are elementwise: they have the bits of the plain loop, alone and in a loop that reads them.
import { describe, expect, it } from "vitest";
import { createWasmBackend } from "../../../src/backends/wasm/index.ts";
import {
  array,
  broadcastTo,
  compile,
  matmul,
  matrixTranspose,
  type NdArray,
  reference,
  sum,
  tanh,
} from "../../../src/index.ts";

const special = [0, -0, Number.POSITIVE_INFINITY, Number.NaN, 1e-45, -3e38];

function numbers(shape: readonly number[], dtype: "float32" | "float64"): NdArray {
  const size = shape.reduce((a, b) => a * b, 1);
  const at = (i: number): number =>
    i % 7 === 3 ? special[i % special.length]! : ((i * 0.754877666) % 1) - 0.5;
  const data = Array.from({ length: size }, (_, i) => at(i));
  return array(dtype === "float32" ? Float32Array.from(data) : Float64Array.from(data), shape);
}

/** C_ij = ((0 + A_i0 B_0j) + A_i1 B_1j) of one pair of matrices, every operation rounded. */
function plain(a: NdArray, b: NdArray): number[] {
  const [[m, k], n] = [a.shape as [number, number], b.shape[1]!];
  const round = a.dtype === "float32" ? Math.fround : (x: number): number => x;
  return Array.from({ length: m * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    let total = 0;
    for (let s = 0; s < k; s++) total = round(total + round(a.data[i * k + s]! * b.data[s * n + j]!));
    return total;
  });
}

const backend = createWasmBackend();
const run = (f: (...xs: NdArray[]) => NdArray, ...xs: NdArray[]): number[] => [
  ...compile(f, { backend })(...xs).data,
];

describe.each(["float32", "float64"] as const)("%s", (dtype) => {
  it.each([1, 2])("%d steps, every form", (k) => {
    for (const [m, n] of [
      [1, 16],
      [5, 17],
      [37, 100],
    ] as const) {
      const [a, b] = [numbers([m, k], dtype), numbers([k, n], dtype)];
      const expected = plain(a, b);
      const [at, bt] = [a, b].map((x) => compile(matrixTranspose, { backend: reference })(x)) as [
        NdArray,
        NdArray,
      ];
      expect(run(matmul, a, b)).toEqual(expected);
      expect(run((x, y) => matmul(matrixTranspose(x), y), at, b)).toEqual(expected);
      expect(run((x, y) => matmul(x, matrixTranspose(y)), a, bt)).toEqual(expected);
      const batch = run((x, y) => matmul(broadcastTo(x, [3, m, k]), y), a, b);
      expect(batch).toEqual([...expected, ...expected, ...expected]);
    }
  });

  it("read by one loop, by several, and by a reduction of every axis", () => {
    const [a, b] = [numbers([23, 2], dtype), numbers([2, 33], dtype)];
    const product = array(
      dtype === "float32" ? Float32Array.from(plain(a, b)) : Float64Array.from(plain(a, b)),
      [23, 33],
    );
    const readers: ((x: NdArray) => NdArray)[] = [
      tanh,
      (x) => sum(x, 0),
      (x) => sum(x, 1),
      (x) => matmul(x, matrixTranspose(tanh(x))),
    ];
    for (const f of readers) expect(run((x, y) => f(matmul(x, y)), a, b)).toEqual(run(f, product));
  });
});
