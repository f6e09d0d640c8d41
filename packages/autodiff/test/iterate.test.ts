import { beforeAll, describe, expect, it } from "vitest";
import { openGpu } from "../src/backends/gpu/index.ts";
import { wasm } from "../src/backends/wasm/index.ts";
import {
  add,
  array,
  type Backend,
  compile,
  convert,
  grad,
  item,
  iterate,
  mul,
  type NdArray,
  reference,
  sum,
  vmap,
} from "../src/index.ts";

interface Pair {
  readonly a: NdArray;
  readonly b: NdArray;
}

describe.each(["reference", "wasm", "gpu cpu", "gpu webasm"])("iterate on %s", (name) => {
  let backend: Backend;
  beforeAll(async () => {
    if (name === "reference") backend = reference;
    else if (name === "wasm") backend = wasm;
    else backend = await openGpu({ mode: name === "gpu cpu" ? "cpu" : "webasm" });
  });

  it("hands every step the last one's result, what stays, and the time", () => {
    const step = (x: NdArray, c: NdArray, t: NdArray): NdArray => add(mul(2, x), mul(c, convert(t, x.dtype)));
    const run = iterate(step, { backend, dtype: "float32" });
    // x ← 2 x + c t, three times: 8 x + 2 c + 2 c
    expect([...run(array([1, 2]), array([10, 100]), 3).data]).toEqual([8 + 40, 16 + 400]);
    expect([...run(array([1, 2]), array([10, 100]), 0).data]).toEqual([1, 2]);
  });

  it("carries values that a step only passes on or exchanges", () => {
    // Fibonacci numbers: b is the a of the step before, so what is read must not be overwritten.
    const step = ({ a, b }: Pair, given: readonly NdArray[]): Pair => ({
      a: add(a, mul(b, given[0]!)),
      b: a,
    });
    const run = iterate(step, { backend, dtype: "float32" });
    const { a, b } = run({ a: array([1]), b: array([1]) }, [array([1])], 9);
    expect([item(a), item(b)]).toEqual([89, 55]);
    const swap = iterate(({ a: x, b: y }: Pair, _given: readonly NdArray[]): Pair => ({ a: y, b: x }), {
      backend,
      dtype: "float32",
    });
    const swapped = swap({ a: array([1]), b: array([2]) }, [], 5);
    expect([item(swapped.a), item(swapped.b)]).toEqual([2, 1]);
  });
});

describe("iterate", () => {
  const square = iterate((x: NdArray, _given: readonly NdArray[]) => mul(x, x));

  it("is unrolled inside another program, and so can be differentiated", () => {
    const f = (x: NdArray): NdArray => sum(square(x, [], 2)); // x⁴
    expect([...compile(grad(f))(array([2])).data]).toEqual([32]);
    // x ← x + c t: the time counts there too, and the derivative by c is 0 + 1 + 2 + 3
    const walk = iterate((x: NdArray, c: NdArray, t: NdArray) => add(x, mul(c, convert(t, "float64"))));
    expect(item(grad((c: NdArray) => sum(walk(array([1]), c, 4)))(array([2])))).toBe(6);
    // b is the outer function's, so the step is no program of its own.
    const power = (b: NdArray): NdArray =>
      sum(iterate((x: NdArray, _given: readonly NdArray[]) => mul(b, x))(array([1]), [], 3));
    expect(item(grad(power)(array([2])))).toBe(12);
    const many = vmap((x: NdArray) => square(x, [], 2))(array([1, 2, 3]));
    expect([...many.data]).toEqual([1, 16, 81]);
  });

  it("refuses steps that are no number of steps, and results unlike the argument", () => {
    expect(() => square(array([1]), [], 1.5)).toThrow(
      /iterate: steps must be a whole number of at least 0; got 1.5/,
    );
    const shrinking = iterate((x: NdArray, _given: readonly NdArray[]) => sum(x));
    const unlike = /the step's result must have the shape/;
    expect(() => shrinking(array([1, 2]), [], 1)).toThrow(unlike);
    expect(() => grad((x: NdArray) => shrinking(x, [], 1))(array([1, 2]))).toThrow(unlike);
  });
});
