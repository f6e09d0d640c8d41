import { describe, expect, it } from "vitest";
import type { Backend } from "../../../src/backends/backend.ts";
import { emitPlan, planGraph } from "../../../src/backends/wasm/compile.ts";
import { wasm } from "../../../src/backends/wasm/index.ts";
import {
  add,
  array,
  compile,
  flip,
  full,
  gather,
  grad,
  hvp,
  IndexError,
  mul,
  type NdArray,
  reference,
  scan,
  sin,
  sum,
  transpose,
  vjp,
  vmap,
} from "../../../src/index.ts";
import { asScan, asVector, loops } from "../../support/loops.ts";
import { distance, eighths } from "../support/distance.ts";
import { graphOf } from "./support/graph-of.ts";

// Loops inside the module: values and every derivative agree with the reference's plain loop.

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

describe.each(Object.entries(loops))("%s", (_name, loop) => {
  const [c, x, k] = loop.shapes;
  const args = [c, [5, ...x], k].map((shape, i) =>
    array(
      Float64Array.from(eighths(sizeOf(shape), i)).map((v) => v / 2),
      shape,
    ),
  );

  it.each([{}, { reverse: true }, { checkpoint: 2 }])("%o", (options) => {
    const f = asVector(asScan(loop, options));
    const scalar = (xs: readonly NdArray[]): NdArray => sum(mul(sin(f(...xs)), f(...xs)));
    const programs: Record<string, (xs: readonly NdArray[]) => unknown> = {
      value: (xs) => asScan(loop, options)(xs[0]!, xs[1]!, xs[2]!),
      vjp: (xs) => vjp((...ys: NdArray[]) => f(...ys))(...xs)[1](f(...xs)),
      hvp: (xs) =>
        hvp(scalar)(
          xs,
          xs.map((y) => mul(y, 0.5)),
        ),
      vmap: (xs) => vmap((a: NdArray) => f(a, xs[1]!, xs[2]!))(add(xs[0]!, full([3, ...c], 0.25))),
      "vmap of grad": (xs) =>
        vmap((a: NdArray) => grad(scalar)([xs[0]!, xs[1]!, a]))(add(xs[2]!, full([3, ...k], 0.25))),
    };
    for (const [name, program] of Object.entries(programs)) {
      const run = (backend: Backend): NdArray[] => [compile(program, { backend })(args)].flat() as NdArray[]; // or a list
      const expected = run(reference);
      run(wasm).forEach((y, i) => {
        expect(distance(y, expected[i]!), name).toBeLessThanOrEqual(1e-12);
      });
    }
  });
});

describe("a loop", () => {
  const step = (y: NdArray): readonly [NdArray, NdArray] => [sin(y), y];

  it("is as long a program for 10 steps as for 10,000", () => {
    const size = (length: number): number => {
      const graph = graphOf((y) => scan(step, y!, length)[0], full([3], 1));
      return emitPlan(planGraph(graph)).length;
    };
    expect(Math.abs(size(10_000) - size(10))).toBeLessThan(20);
  });

  it("reports a fault of its body", () => {
    const f = compile(
      (y: NdArray, at: NdArray) => scan((z: NdArray, i: NdArray) => [add(z, gather(y, i)), []], 0, at),
      { backend: wasm },
    );
    expect(() => f(array([1, 2]), array([0, 2, 1], [3], "int32"))).toThrow(IndexError);
    expect(f(array([1, 2]), array([0, 1, 1], [3], "int32"))[0].data[0]).toBe(5);
  });

  it("shares its module with an equal one, and not with another", () => {
    const of = (factor: number) => (y: NdArray) => scan((z: NdArray) => [mul(z, factor), []], y, 3)[0];
    const run = (factor: number): number => compile(of(factor), { backend: wasm })(array(1)).data[0]!;
    expect([run(2), run(3), run(2)]).toEqual([8, 27, 8]);
  });
});

describe("carried values that are overwritten in place", () => {
  const pair = (f: (a: NdArray, b: NdArray, x: NdArray) => [[NdArray, NdArray], unknown]) => (x: NdArray) =>
    scan(
      ([a, b]: [NdArray, NdArray], x: NdArray) => f(a, b, x),
      [full([5], 1), full([5], 2)] as [NdArray, NdArray],
      x,
    );
  const cases = {
    "what is read later, by the other": pair((a, b, x) => [[add(a, x), add(sum(a), b)], []]),
    "what is returned, too": pair((a, b, x) => [
      [add(a, x), mul(b, x)],
      [a, b],
    ]),
    "the next is returned": pair((a, b, x) => [
      [mul(a, x), add(b, x)],
      [mul(a, x), add(b, x)],
    ]),
    exchanged: pair((a, b, x) => [[add(b, x), add(a, x)], []]),
    "both the same": pair((a, b, x) => [[add(a, x), add(a, x)], b]),
    "read elsewhere than where it is written": pair((a, b, x) => [[add(flip(a), x), mul(b, flip(b))], []]),
    "twice its sum": pair((a, b, x) => [[add(a, a), add(b, mul(b, x))], []]),
    "sums of sums": pair((a, b, x) => [[add(a, b), add(b, x)], []]),
  };

  it.each(Object.entries(cases))("%s", (_name, f) => {
    const x = array(
      Float64Array.from(eighths(15, 0), (v) => 1 + v / 4),
      [3, 5],
    );
    expect(JSON.stringify(compile(f, { backend: wasm })(x))).toBe(
      JSON.stringify(compile(f, { backend: reference })(x)),
    );
  });

  it("transposed in each step", () => {
    const f = (x: NdArray) =>
      scan((a: NdArray, x: NdArray) => [add(transpose(a), x), []], array(eighths(16, 1), [4, 4]), x)[0];
    const x = array(Float64Array.from(eighths(48, 0)), [3, 4, 4]);
    expect(compile(f, { backend: wasm })(x).data).toEqual(compile(f, { backend: reference })(x).data);
  });
});
