// A function in two stages gives what it gives in one, to the bit, whatever has run in between.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "../../../vitest.fuzz.ts";
import { createWasmBackend } from "../src/backends/wasm/index.ts";
import { type Backend, compile, compileStages, type NdArray, reference } from "../src/index.ts";
import { build, derived, matrix, recipe } from "./backends/support/random-graphs.ts";

const backends: readonly Backend[] = [createWasmBackend(), reference];
const bits = (x: NdArray): unknown => [
  x.shape,
  x.dtype,
  [...x.data].map((v) => (Object.is(v, -0) ? "-0" : v)),
];

describe.each(backends)("[eq:stages] on $name", (backend) => {
  it.each(Object.keys(derived))("of random programs are the program: %s", (name) => {
    const check = (
      program: Parameters<typeof build>[0],
      seed: number,
      dtype: "float32" | "float64",
    ): void => {
      const f = derived[name]!(build(program));
      const [a, b, c, other] = [matrix(seed), matrix(seed + 1), matrix(seed + 2), matrix(seed + 3)];
      const options = { backend, dtype };
      const staged = compileStages(
        (x: NdArray) => [
          f(x, x, x),
          (y: NdArray, z: NdArray) => ({ all: f(x, y, z), mixed: f(y, x, x), known: f(x, x, x) }),
        ],
        (x): [NdArray, NdArray] => [x, x],
        options,
      );
      const plain = compile(f, options);
      const expected = {
        all: plain(a, b, c),
        mixed: plain(b, a, a),
        known: plain(a, a, a),
      };
      const same = (got: readonly NdArray[], want: readonly NdArray[]): void =>
        expect(got.map(bits)).toEqual(want.map(bits));
      const [now, later] = staged(a);
      same(now, expected.known);
      const both = later(["all", "mixed"], b, c);
      same(both.all, expected.all);
      same(both.mixed, expected.mixed);
      const [, afterwards] = staged(other); // takes the place of what the first call has computed
      same(later(["all"], b, c).all, expected.all);
      same(later(["known", "mixed"], b, c).known, expected.known);
      same(afterwards(["mixed"], b, c).mixed, plain(b, other, other));
      same(later(["mixed"], b, c).mixed, expected.mixed);
    };
    fc.assert(fc.property(recipe, fc.nat(1000), fc.constantFrom("float32", "float64"), check), {
      numRuns: runs(20),
    });
  });
});
