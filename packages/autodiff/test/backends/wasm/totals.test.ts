import { describe, expect, it } from "vitest";
import { wasm } from "../../../src/backends/wasm/index.ts";
import {
  add,
  array,
  broadcastTo,
  cholesky,
  compile,
  convert,
  cumprod,
  cumsum,
  einsum,
  eye,
  grad,
  jvp,
  logSumExp,
  matmul,
  matrixTranspose,
  mean,
  mul,
  type NdArray,
  prod,
  reference,
  scan,
  scatterAdd,
  sum,
  tanh,
  triangularSolve,
  zeros,
} from "../../../src/index.ts";

// Sums of float32 are taken in float64 and rounded once, so the wasm backend gives what the reference gives, but for
// the last bit where float64 sums in another order straddle a rounding.

const tenth = Math.fround(0.1);
const many = (shape: readonly number[]): NdArray => {
  const size = shape.reduce((n, extent) => n * extent, 1);
  return array(new Float32Array(size).fill(tenth), shape);
};
const inWasm = (f: (x: NdArray) => NdArray, x: NdArray): NdArray => compile(f, { backend: wasm })(x);

function relativeError(got: NdArray, exact: number): number {
  return Math.max(0, ...Array.from(got.data, (value) => Math.abs(value / exact - 1)));
}

describe("float32 totals lose one rounding, however many elements", () => {
  it("Σ of 10⁷ times 0.1", () => {
    expect(
      relativeError(
        inWasm((x) => sum(x), many([10_000_000])),
        1e7 * tenth,
      ),
    ).toBeLessThan(1e-7);
  });

  it.each([
    ["along rows", [7, 100_003], [1]],
    ["along columns", [100_003, 7], [0]],
    ["along columns, narrow", [300_001, 1], [0]],
    ["along outer and inner axes", [301, 5, 401], [0, 2]],
  ] as const)("%s", (_name, shape, axes) => {
    const count = axes.reduce<number>((n, axis) => n * shape[axis]!, 1);
    expect(
      relativeError(
        inWasm((x) => sum(x, axes), many(shape)),
        count * tenth,
      ),
    ).toBeLessThan(1e-7);
    expect(
      relativeError(
        inWasm((x) => mean(x, axes), many(shape)),
        tenth,
      ),
    ).toBeLessThan(2e-7);
    const exact = tenth + Math.log(count);
    expect(
      relativeError(
        inWasm((x) => logSumExp(x, axes), many(shape)),
        exact,
      ),
    ).toBeLessThan(2e-7);
  });

  it.each([
    ["two long vectors", [1, 10_000_000], [10_000_000, 1]],
    ["wide, with a rest", [3, 70_001], [70_001, 5]],
    ["large", [130, 4100], [4100, 90]],
    ["a batch", [2, 1, 5000], [2, 5000, 9]],
    ["a batch that shares a factor", [2, 3, 5000], [5000, 4]],
    ["nothing", [0, 5000], [5000, 0]],
  ] as const)("products: %s", (_name, a, b) => {
    const run = compile((x: NdArray, y: NdArray) => matmul(x, y), { backend: wasm });
    const transposed = compile((x: NdArray, y: NdArray) => matmul(matrixTranspose(x), matrixTranspose(y)), {
      backend: wasm,
    });
    const exact = a.at(-1)! * tenth * tenth;
    expect(relativeError(run(many(a), many(b)), exact)).toBeLessThan(1e-6);
    if (a[0] === 1) return;
    // Of numbers that differ from place to place.
    const numbers = (shape: readonly number[]): NdArray => {
      const { data } = many(shape);
      return array(
        Float32Array.from(data, (_, i) => (((i * 7) % 101) + 1) / 128),
        shape,
      );
    };
    const [x, y] = [numbers(a), numbers(b)];
    const inFloat64 = matmul(convert(x, "float64"), convert(y, "float64")).data;
    for (const got of [run(x, y), transposed(matrixTranspose(x), matrixTranspose(y))]) {
      got.data.forEach((value, i) => {
        expect(Math.abs(value / inFloat64[i]! - 1)).toBeLessThan(1e-6);
      });
    }
  });

  it("products of any inner extent, in every form", () => {
    const all = (n: number): NdArray[] => {
      const [long, tall] = [many([6, n]), many([n, 5])];
      return [
        ...[
          inWasm((x) => matmul(x, tall), long),
          inWasm((x) => matmul(matrixTranspose(x), tall), many([n, 2])),
        ],
        ...[
          inWasm((x) => matmul(x, matrixTranspose(long)), long),
          inWasm((x) => matmul(x, many([n, 1])), many([1, n])),
        ],
        inWasm((x) => matmul(x, broadcastTo(tall, [3, n, 5])), many([3, 2, n])),
        inWasm((x) => einsum("bki,kj->bij", x, tall), many([2, n, 3])),
      ];
    };
    for (const n of [63, 100, 104, 105, 129, 500, 1000, 2047, 2048, 2049, 4095, 4096, 4097]) {
      // One chain may lose as much as 104 roundings in one direction; 1e-6 are 17.
      for (const got of all(n)) expect(relativeError(got, n * tenth * tenth)).toBeLessThan(1e-6);
    }
  });

  it("factors and solutions of linear systems, as the reference gives them", () => {
    const n = 150;
    const root = array(
      Float32Array.from({ length: n * n }, (_, i) => ((i * 7919) % 1009) / 1009 - 0.5),
      [n, n],
    );
    const positive = add(matmul(root, matrixTranspose(root)), mul(10, eye(n, "float32")));
    const right = many([n, 3]);
    const steps: readonly ((x: NdArray) => NdArray)[] = [
      cholesky,
      (x) => triangularSolve(x, convert(right, x.dtype)),
      (x) => triangularSolve(x, convert(right, x.dtype), { lower: false, transposed: true }),
    ];
    for (const f of steps) {
      const [got, exact] = [inWasm(f, positive), f(convert(positive, "float64"))];
      const largest = Math.max(...exact.data.map(Math.abs));
      expect(largest).toBeLessThan(1e3);
      got.data.forEach((value, i) => {
        expect(Math.abs(value - exact.data[i]!)).toBeLessThan(1e-7 * largest);
      });
    }
  });

  it.each(Object.entries({ reference, wasm }))("sums that a loop carries, on %s", (_name, backend) => {
    const n = 20_000;
    const run = (f: (x: NdArray) => NdArray): NdArray => compile(f, { backend })(many([n]));
    // k̄ = Σ_t x_t + Σ_t t̄ x_t, in reverse mode and forwards over it.
    const fixed = (x: NdArray): NdArray =>
      grad((k: NdArray) => sum(scan((c: NdArray, x: NdArray) => [c, mul(mul(k, k), x)], mul(0, k), x)[1]))(
        convert(array(0.5), "float32"),
      );
    const tangent = (x: NdArray): NdArray => jvp(fixed)([x], [x])[1];
    const carried = (x: NdArray): NdArray =>
      scan((c: NdArray, x: NdArray) => [add(x, c), undefined], convert(array(7), "float32"), x)[0];
    expect(relativeError(run(fixed), n * tenth)).toBeLessThan(1e-7);
    expect(relativeError(run(tangent), n * tenth)).toBeLessThan(1e-7);
    expect(relativeError(run(carried), 7 + n * tenth)).toBeLessThan(1e-7);
    // A sum that the loop also reads is rounded at every step.
    const read = compile(
      (x: NdArray) => scan((c: NdArray, x: NdArray) => [add(c, x), c], convert(array(0), "float32"), x),
      { backend },
    );
    let expected = 0;
    for (let t = 0; t < n; t++) expected = Math.fround(expected + tenth);
    expect(read(many([n]))[0].data[0]).toBe(expected);
  });

  it.each(Object.entries({ reference, wasm }))("products of many factors, on %s", (_name, backend) => {
    const n = 100_003;
    const data = Float32Array.from({ length: n }, (_, i) => 1 + ((i * 7) % 101) * 1e-6);
    const [x, wide] = [array(data, [n, 1]), array(Float64Array.from(data), [n, 1])];
    const programs = {
      prod: (y: NdArray) => prod(y),
      cumprod: (y: NdArray) => cumprod(y),
      slope: grad((y: NdArray) => prod(y)),
    };
    for (const [name, f] of Object.entries(programs)) {
      const [got, exact] = [x, wide].map((y) => compile(f, { backend })(y)) as [NdArray, NdArray];
      expect(got.dtype).toBe("float32");
      let worst = 0;
      got.data.forEach((value, i) => {
        worst = Math.max(worst, Math.abs(value / exact.data[i]! - 1));
      });
      expect(worst, name).toBeLessThan(6e-8);
    }
  });

  it("beside other work in the same loop, of transposed operands, and where float64 values share the loop", () => {
    const count = 200_003;
    expect(
      relativeError(
        inWasm((x) => sum(tanh(mul(x, 2))), many([count])),
        count * Math.tanh(2 * tenth),
      ),
    ).toBeLessThan(2e-7);
    expect(
      relativeError(
        inWasm((x) => sum(matrixTranspose(x), 0), many([3, count])),
        count * tenth,
      ),
    ).toBeLessThan(1e-7);
    const both = compile((x: NdArray, y: NdArray) => [sum(x), sum(y)] as const, { backend: wasm });
    const [single, double] = both(many([count]), array(new Float64Array(count).fill(0.1)));
    expect(relativeError(single, count * tenth)).toBeLessThan(1e-7);
    expect(relativeError(double, count * 0.1)).toBeLessThan(1e-11);
  });

  it("running sums, bit for bit, and sums at indices", () => {
    const x = many([200_003]);
    for (const reverse of [false, true]) {
      const f = (y: NdArray): NdArray => cumsum(y, 0, { reverse });
      expect(inWasm(f, x).data).toEqual(compile(f, { backend: reference })(x).data);
    }
    const into = zeros([2], "float32");
    const at = array(new Int32Array(200_003).map((_, i) => i % 2));
    const counted = inWasm((y) => scatterAdd(into, at, y), x);
    expect(counted.data).toEqual(scatterAdd(into, at, x).data);
    expect(relativeError(counted, 100_001.5 * tenth)).toBeLessThan(6e-6); // 100,002 and 100,001 of them
  });
});
