/** Kernels for packed memory, their text run as JavaScript: what WebGL2 computes in a browser, in float64 arithmetic here. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "../../../../../vitest.fuzz.ts";
import { Program } from "../../../src/backends/gpu/compile.ts";
import { layoutOf } from "../../../src/backends/gpu/layout.ts";
import { now } from "../../../src/backends/gpu/resident.ts";
import {
  add,
  array,
  type Backend,
  compile,
  concat,
  cumsum,
  gather,
  logSumExp,
  matmul,
  matrixTranspose,
  max,
  mul,
  type NdArray,
  pad,
  reference,
  reshape,
  slice,
  sum,
  tanh,
  transpose,
} from "../../../src/index.ts";
import { distance, eighths } from "../support/distance.ts";
import { packingDevice } from "../support/packing-device.ts";
import { cases, index, sizeOf } from "../support/primitive-cases.ts";
import { build, derived, matrix, recipe } from "../support/random-graphs.ts";

const device = packingDevice();
const packed: Backend = {
  name: "packed",
  compile: (graph) => {
    const program = new Program(device, graph);
    return (inputs) => now(program.run(inputs));
  },
};

function distanceFromReference(f: (...xs: NdArray[]) => NdArray, ...xs: NdArray[]): number {
  return distance(compile(f, { backend: packed })(...xs), compile(f, { backend: reference })(...xs));
}

const numbers = (seed: number, ...shape: number[]): NdArray =>
  array(new Float32Array(eighths(sizeOf(shape), seed)), shape);

it.each(Object.entries(cases))("%s agrees with the reference", (_name, list) => {
  list.forEach(({ f, inputs, prepare = (x) => x, needsFloat64 = false, needsWords = false }, seed) => {
    if (needsFloat64 || needsWords) return;
    const xs = inputs.map((shape, k) =>
      array(new Float32Array(eighths(sizeOf(shape), 31 * seed + k).map(prepare)), shape),
    );
    expect(distanceFromReference(f, ...xs), `case ${seed}`).toBeLessThanOrEqual(1e-5);
  });
});

it.each(Object.keys(derived))("random graphs on rows of two texels, %s", (name) => {
  fc.assert(
    fc.property(recipe, fc.nat(1000), (program, seed) => {
      const f = derived[name]!(build(program));
      const args = [matrix(seed, 8), matrix(seed + 1, 8), matrix(seed + 2, 8)] as const;
      const expected = compile(f)(...args) as NdArray[];
      const computed = compile(f, { backend: packed, dtype: "float32" })(...args) as NdArray[];
      expected.forEach((y, i) => {
        expect(distance(computed[i]!, y)).toBeLessThanOrEqual(5e-3);
      });
    }),
    { numRuns: runs(25) },
  );
});

describe("axes that divide by four, and that do not", () => {
  const programs: Readonly<Record<string, (x: NdArray) => NdArray>> = {
    "a reduction of the last axis": (x) => sum(tanh(x), -1),
    "a reduction of the others": (x) => logSumExp(x, 0),
    "a reduction of all": (x) => max(mul(x, x)),
    "products with the transposed matrix": (x) =>
      add(sum(matmul(x, matrixTranspose(x))), matmul(matrixTranspose(x), x)),
    "a movement of the last axis": (x) => transpose(tanh(x)),
    "a reshape to other rows": (x) => reshape(mul(x, 2), x.shape.toReversed()),
    "a column by all the others": (x) => mul(slice(x, [], [0, 1]), slice(x, [], [1])),
    "every second column": (x) => slice(x, [], [0, x.shape[1]!, 2]),
    "rows chosen": (x) => gather(x, index([2, 0, 1, 2], [4])),
    "columns joined": (x) => concat([x, slice(x, [], [0, 1])], 1),
    "rows put below": (x) =>
      pad(x, [
        [0, 2],
        [0, 0],
      ]),
    "running sums along the last axis": (x) => cumsum(x, 1),
  };
  it.each(Object.entries(programs))("%s", (_name, f) => {
    for (const columns of [1, 3, 4, 6, 8, 12]) {
      for (const rows of [3, 4, 8]) {
        const off = distanceFromReference(f, numbers(columns, rows, columns));
        expect(off, `${rows} rows of ${columns}`).toBeLessThanOrEqual(1e-5);
      }
    }
  });

  it("more rows or columns than a texture has", () => {
    for (const shape of [
      [3000, 4],
      [3000, 3],
      [2, 8196],
      [2, 2049],
    ]) {
      expect(layoutOf(shape, device).rows).toBe(1);
      const x = numbers(1, ...shape);
      expect(distanceFromReference((y) => sum(tanh(y), 0), x)).toBeLessThanOrEqual(1e-5);
      expect(distanceFromReference((y) => sum(matrixTranspose(mul(y, 2)), 0), x)).toBeLessThanOrEqual(1e-5);
    }
  });
});

it("a product of packed matrices fetches five texels for sixteen multiplications", () => {
  const sources: string[] = [];
  const watched: Backend = {
    name: "watched",
    compile: (graph) => {
      const program = new Program(
        {
          ...device,
          kernel: (source, ...layouts) => {
            sources.push(source);
            return device.kernel(source, ...layouts);
          },
        },
        graph,
      );
      return (inputs) => now(program.run(inputs));
    },
  };
  compile(matmul, { backend: watched })(numbers(1, 6, 8), numbers(2, 8, 12));
  expect(sources).toHaveLength(1);
  // A transposed matrix is written out as rows first.
  const transposed = (x: NdArray, y: NdArray): NdArray => matmul(matrixTranspose(x), y);
  compile(transposed, { backend: watched })(numbers(1, 8, 12), numbers(2, 8, 16));
  expect(sources).toHaveLength(3);
  for (const source of [sources[0]!, sources[2]!]) {
    expect(source.match(/texel\(/g)).toHaveLength(5);
    expect(source.match(/ = s\d+ \+ t\d+\[\d\] \* t\d+\[\d\];/g)).toHaveLength(16);
  }
});
