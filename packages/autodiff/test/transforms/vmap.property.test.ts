/** vmap of every primitive, of random programs and of their derivatives: [eq:vmap] against one call per row. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "../../../../vitest.fuzz.ts";
import {
  array,
  customFunction,
  gather,
  grad,
  hessian,
  IndexError,
  mul,
  type NdArray,
  reshape,
  scatterAdd,
  show,
  sin,
  slice,
  stack,
  sum,
  vmap,
  zeros,
} from "../../src/index.ts";
import { distance, eighths } from "../backends/support/distance.ts";
import { cases, index, sizeOf } from "../backends/support/primitive-cases.ts";
import { build, derived, matrix, recipe } from "../backends/support/random-graphs.ts";

const row = (x: NdArray, b: number): NdArray => reshape(slice(x, [b, b + 1]), x.shape.slice(1));

/** vmap(f)(xs) beside f of every row, stacked. */
function bothWays(
  f: (...xs: NdArray[]) => NdArray,
  xs: readonly NdArray[],
  size: number,
): [NdArray, NdArray] {
  const rows = Array.from({ length: size }, (_, b) => f(...xs.map((x) => row(x, b))));
  return [vmap(f)(...xs), stack(rows)];
}

describe("vmap", () => {
  it.each(Object.entries(cases))("%s, row by row", (_name, list) => {
    list.forEach(({ f, inputs, prepare = (x) => x }, seed) => {
      for (const size of [1, 3]) {
        const xs = inputs.map((shape, k) =>
          array(eighths(size * sizeOf(shape), 31 * seed + k).map(prepare), [size, ...shape]),
        );
        const [mapped, stacked] = bothWays(f, xs, size);
        expect(mapped.dtype).toBe(stacked.dtype);
        expect(distance(mapped, stacked), `case ${seed}`).toBeLessThanOrEqual(1e-13);
      }
    });
  });

  it.each(Object.entries(cases))("%s, in as many equations for any number of rows", (_name, list) => {
    list.forEach(({ f, inputs }, seed) => {
      const equations = (size: number): number =>
        show(vmap(f), ...inputs.map((shape) => zeros([size, ...shape]))).match(/\bt\d+ = /g)?.length ?? 0;
      expect(equations(5), `case ${seed}`).toBe(equations(2));
    });
  });

  it.each(Object.entries(cases))("%s, of one argument, the others being the same for all", (_name, list) => {
    list.forEach(({ f, inputs, prepare = (x) => x }, seed) => {
      const values = (shape: readonly number[], k: number): NdArray =>
        array(eighths(sizeOf(shape), 31 * seed + k).map(prepare), shape);
      inputs.forEach((shape, k) => {
        const one = (x: NdArray): NdArray => f(...inputs.map((own, l) => (l === k ? x : values(own, l))));
        const [mapped, stacked] = bothWays((x) => one(x!), [values([3, ...shape], k)], 3);
        expect(distance(mapped, stacked), `case ${seed}, argument ${k}`).toBeLessThanOrEqual(1e-13);
      });
    });
  });

  it.each(Object.keys(derived))("random programs, %s", (name) => {
    fc.assert(
      fc.property(recipe, fc.nat(1000), (program, seed) => {
        const f = derived[name]!(build(program));
        const xs = [0, 1, 2].map((k) => stack([matrix(seed + k), matrix(seed + k + 7)])) as [
          NdArray,
          NdArray,
          NdArray,
        ];
        // Every derived program has a fixed number of results, each checked.
        for (let i = 0; i < f(row(xs[0], 0), row(xs[1], 0), row(xs[2], 0)).length; i++) {
          const [mapped, stacked] = bothWays((a, b, v) => f(a!, b!, v!)[i]!, xs, 2);
          expect(distance(mapped, stacked)).toBeLessThanOrEqual(1e-10);
        }
      }),
      { numRuns: runs(25) },
    );
  });

  it("commutes with differentiation, and maps within itself", () => {
    const f = (x: NdArray): NdArray => sum(mul(x, sin(x)));
    const xs = array(eighths(6, 1), [2, 3]);
    const [mapped, stacked] = bothWays((x) => hessian(f)(x!), [xs], 2);
    expect(distance(mapped, stacked)).toBe(0);
    const table = (x: NdArray, y: NdArray): NdArray => vmap((yj: NdArray) => mul(x, yj))(y);
    expect(vmap((x: NdArray) => table(x, array([1, 10])))(array([1, 2, 3])).shape).toEqual([3, 2]);
    expect([...vmap((x: NdArray) => table(x, array([1, 10])))(array([1, 2, 3])).data]).toEqual([
      1, 10, 2, 20, 3, 30,
    ]);
  });

  it("repeats what does not depend on the argument", () => {
    expect([...vmap((_x: NdArray) => array([5, 6]))(array([0, 0])).data]).toEqual([5, 6, 5, 6]);
  });

  it("refuses scalars and unequal extents", () => {
    const first = (x: NdArray): NdArray => x;
    expect(() => vmap(first)(array(1))).toThrow(/arguments\[0\] is a scalar/);
    expect(() => vmap((x: NdArray, _y: NdArray) => x)(array([1]), array([1, 2]))).toThrow(/the same extent/);
  });

  it("maps indices, row by row, each read within its own row", () => {
    const indices = fc.record({
      rank: fc.nat(2),
      axis: fc.nat(1),
      mapped: fc.constantFrom("both", "indices"),
      seed: fc.nat(100),
    });
    fc.assert(
      fc.property(indices, ({ rank, axis, mapped, seed }) => {
        const extents = [2, 3].slice(0, rank);
        const [size, shape] = [3, [4, 5]];
        const k = index(
          Array.from({ length: size * sizeOf(extents) }, (_, i) => (7 * i + seed) % shape[axis]!),
          [size, ...extents],
        );
        const table = array(eighths(size * sizeOf(shape), seed), [size, ...shape]);
        const updates = [...shape.slice(0, axis), ...extents, ...shape.slice(axis + 1)];
        const added = array(eighths(size * sizeOf(updates), seed + 1), [size, ...updates]);
        const read = (x: NdArray, at: NdArray): NdArray => gather(x, at, axis);
        const put = (x: NdArray, at: NdArray): NdArray => scatterAdd(zeros(shape), at, x, axis);
        for (const [f, xs] of [
          [read, table],
          [put, added],
        ] as const) {
          const [got, want] =
            mapped === "both"
              ? bothWays((x, at) => f(x!, at!), [xs, k], size)
              : bothWays((at) => f(row(xs, 1), at!), [k], size);
          expect(got.shape).toEqual(want.shape);
          expect(distance(got, want)).toBe(0);
        }
      }),
    );
    const pick = vmap((x: NdArray, k: NdArray) => gather(x, k));
    const out = index([2, 0], [2]); // row 0 of two must not reach into row 1
    expect(() =>
      pick(
        array([
          [1, 2],
          [3, 4],
        ]),
        out,
      ),
    ).toThrow(IndexError);
  });

  it("maps a function of the user with its rules, and itself", () => {
    const own = customFunction({
      name: "mul", // the name says nothing
      apply: (x, w) => mul(x, sin(w)),
      vjp: (yBar, [x, w]) => [mul(yBar, 10), mul(yBar, sum(mul(x!, w!)))], // not the derivative: to be told apart
    });
    const [x, w] = [array(eighths(12, 1), [2, 2, 3]), array(eighths(3, 2))];
    const f = (a: NdArray, b: NdArray): NdArray => sum(own(a, b));
    expect(distance(...bothWays((a) => grad(f)(row(a!, 0), w), [x], 2))).toBe(0);
    expect(distance(...bothWays((a) => vmap((c: NdArray) => own(c, w))(a!), [x], 2))).toBe(0);
    const total = (map: (a: NdArray) => NdArray): NdArray => grad((b: NdArray) => sum(map(b)))(w);
    const byRow = total((b) => stack([0, 1].map((i) => own(row(row(x, i), 0), b))));
    expect(
      distance(
        total((b) => vmap((c: NdArray) => own(row(c, 0), b))(x)),
        byRow,
      ),
    ).toBe(0);
  });
});
