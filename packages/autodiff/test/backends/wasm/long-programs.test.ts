import { describe, expect, it } from "vitest";
import { wasm } from "../../../src/backends/wasm/index.ts";
import {
  add,
  arange,
  array,
  compile,
  concat,
  cond,
  convert,
  exp,
  type FloatDType,
  full,
  grad,
  hvp,
  item,
  less,
  matrixTranspose,
  max,
  mul,
  type NdArray,
  pad,
  reference,
  reshape,
  select,
  sin,
  slice,
  stack,
  sub,
  sum,
} from "../../../src/index.ts";
import { distance } from "../support/distance.ts";

// A program may be as long as memory allows: hosts limit the size of a function, so functions are cut.

const x = array([0.3, 0.7, 1.1]);

function repeat<T>(times: number, step: (value: T, i: number) => T, start: T): T {
  let value = start;
  for (let i = 0; i < times; i++) value = step(value, i);
  return value;
}

const sines =
  (count: number) =>
  (y: NdArray): NdArray =>
    sum(repeat(count, (z) => sin(z), y));

const pendulum =
  (steps: number) =>
  (start: NdArray): NdArray => {
    const step = ([q, p]: readonly [NdArray, NdArray]): readonly [NdArray, NdArray] => {
      const next = sub(p, mul(0.01, sin(q)));
      return [add(q, mul(0.01, next)), next];
    };
    const [q, p] = repeat(steps, step, [start, mul(0.5, start)] as const);
    return sum(mul(q, p));
  };

const list = (count: number, f: (i: number) => NdArray): NdArray[] =>
  Array.from({ length: count }, (_, i) => f(i));

const programs: Readonly<Record<string, (y: NdArray) => NdArray | readonly NdArray[]>> = {
  "1,000 chained sines": sines(1000),
  "their gradient": grad(sines(1000)),
  "a pendulum over 350 steps": pendulum(350),
  "its gradient": grad(pendulum(350)),
  "a Hessian-vector product of it": (y) => hvp(pendulum(120))(y, x),
  "a sum of 3,000 products": (y) => repeat(3000, (z, i) => add(z, mul(y, i + 0.5)), y),
  "3,000 outputs": (y) => list(3000, (i) => mul(y, i + 0.5)),
  "3,000 sums, stacked": (y) => stack(list(3000, (i) => sum(mul(y, i / 1000)))),
  "the same array 3,000 times": (y) => concat(list(3000, () => y)),
  "1,500 maxima": (y) => repeat(1500, (z) => sub(z, max(mul(z, 0.5), 0, { keepDims: true })), y),
  "1,500 choices": (y) =>
    repeat(1500, (z, i) => select(less(z, i / 1500), add(z, 0.001), exp(mul(-0.1, z))), y),
};

describe("programs of any length", () => {
  it.each(Object.entries(programs))("%s", (_name, f) => {
    const expected = [compile(f, { backend: reference })(x)].flat();
    const got = [compile(f, { backend: wasm })(x)].flat() as NdArray[];
    (expected as NdArray[]).forEach((y, i) => {
      expect(distance(got[i]!, y)).toBeLessThanOrEqual(1e-11);
    });
  });

  it("60 conditionals, one in the other: the key of a program does not grow with a power of its depth", () => {
    let f = (y: NdArray): NdArray => y;
    for (let i = 0; i < 60; i++) {
      const inner = f;
      f = (y) =>
        cond(
          less(y, i),
          (z) => add(z, 1),
          (z) => inner(z),
          y,
        );
    }
    const run = compile(f, { backend: wasm });
    expect([-1, 30.5, 100].map((at) => item(run(array(at))))).toEqual([0, 31.5, 100]);
  });

  it("2,000 inputs", () => {
    const inputs = list(2000, (i) => full([3], i));
    const f = (xs: readonly NdArray[]): NdArray => xs.reduce((a, b) => add(a, b));
    expect(Array.from(compile(f, { backend: wasm })(inputs).data)).toEqual([1999000, 1999000, 1999000]);
  });

  it("20,000 operations in a chain, 150,000 operands", { timeout: 120_000 }, () => {
    const f = compile(sines(20_000), { backend: wasm });
    expect(distance(f(x), sines(20_000)(x))).toBeLessThanOrEqual(1e-11);
    const ys = compile((y: NdArray) => concat(list(150_000, () => y)), { backend: wasm })(x);
    expect(ys.shape).toEqual([450_000]);
    expect(ys.data.every((y, i) => y === x.data[i % 3])).toBe(true);
  });

  it.each([1, 2, 8, 9, 31])("pieces of %d elements are moved, whole and with gaps", (piece) => {
    const rows = (m: number, n: number, dtype: FloatDType | "int32"): NdArray =>
      convert(reshape(arange(m * n), [m, n]), dtype);
    for (const dtype of ["float64", "float32", "int32"] as const) {
      const [a, b] = [rows(5, piece, dtype), rows(5, piece + 3, dtype)];
      const f = (p: NdArray, q: NdArray): NdArray[] => {
        const inner = slice(q, [0, 5], [1, piece + 1]);
        const every = slice(q, [0, 5, 2]);
        return [
          concat([p, inner, q], 1),
          concat([p, inner], 0),
          concat([matrixTranspose(p), matrixTranspose(inner)], 0),
          concat([every, slice(q, [1, 4])], 0),
          pad(inner, [
            [1, 2],
            [3, 0],
          ]),
        ];
      };
      const expected = f(a, b);
      compile(f, { backend: wasm })(a, b).forEach((y, i) => {
        expect([y.shape, ...y.data]).toEqual([expected[i]!.shape, ...expected[i]!.data]);
      });
    }
  });
});
