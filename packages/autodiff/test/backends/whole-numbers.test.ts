import { describe, expect, it } from "vitest";
import { openGpu } from "../../src/backends/gpu/index.ts";
import { wasm } from "../../src/backends/wasm/index.ts";
import {
  abs,
  add,
  argmax,
  argmin,
  argsort,
  array,
  type Backend,
  compile,
  convert,
  cumsum,
  full,
  gather,
  max,
  min,
  mul,
  type NdArray,
  neg,
  reference,
  reshape,
  scatterAdd,
  slice,
  sort,
  sub,
  sum,
  toNested,
  topK,
  zeros,
} from "../../src/index.ts";

// int32 is arithmetic modulo 2^32, and conversions to it saturate: the same on every backend. [eq:convert]

const ints = (...values: number[]): NdArray => array(Int32Array.from(values));
const least = -(2 ** 31);
const most = 2 ** 31 - 1;
const numbers = [
  0,
  1,
  -1,
  2,
  3,
  -7,
  65535,
  65537,
  2 ** 24 + 1,
  0x7abcdef1,
  -0x6543210f,
  most,
  least,
  least + 1,
];
const xs = ints(...numbers.flatMap((x) => numbers.map(() => x)));
const ys = ints(...numbers.flatMap(() => numbers));

const gpus = await Promise.all((["cpu", "webasm"] as const).map((mode) => openGpu({ mode })));
const backends: readonly Backend[] = [reference, wasm, ...gpus];
const exact: readonly Backend[] = [reference, wasm];

describe.each(exact.map((backend) => [backend.name, backend] as const))(
  "%s: int32 wraps",
  (_name, backend) => {
    const of = (f: (x: NdArray, y: NdArray) => NdArray): number[] => [
      ...compile((x: NdArray, y: NdArray) => f(x, y), { backend })(xs, ys).data,
    ];
    const expected = (f: (x: bigint, y: bigint) => bigint): number[] =>
      Array.from(xs.data, (x, i) => Number(BigInt.asIntN(32, f(BigInt(x), BigInt(ys.data[i]!)))));

    it("sums, differences, products, negatives, magnitudes", () => {
      expect(of(add)).toEqual(expected((x, y) => x + y));
      expect(of(sub)).toEqual(expected((x, y) => x - y));
      expect(of(mul)).toEqual(expected((x, y) => x * y));
      expect(of((x) => neg(x)).map((x) => x + 0)).toEqual(expected((x) => -x));
      expect(of((x) => abs(x))).toEqual(expected((x) => (x < 0n ? -x : x)));
    });

    it("totals, running totals, totals at indices", () => {
      const total = expected((x) => x).reduce((sum, x) => (sum + x) | 0, 0);
      expect(of((x) => sum(x))).toEqual([total]);
      expect(of((x) => cumsum(x)).at(-1)).toBe(total);
      const at = zeros([xs.shape[0]!], "int32");
      expect(of((x) => scatterAdd(zeros([1], "int32"), at, x))).toEqual([total]);
    });

    it("totals beyond what float64 holds exactly", () => {
      const n = 2 ** 22 + 9;
      const many = array(new Int32Array(n).fill(most));
      const total = Number(BigInt.asIntN(32, BigInt(n) * BigInt(most)));
      const last = (f: (x: NdArray) => NdArray): number | undefined =>
        compile(f, { backend })(many).data.at(-1);
      expect(last((x) => sum(x))).toBe(total);
      expect(last((x) => sum(reshape(x, [n, 1]), 0))).toBe(total);
      expect(last((x) => cumsum(x))).toBe(total);
      expect(compile((x: NdArray) => cumsum(x, 0, { reverse: true }), { backend })(many).data[0]).toBe(total);
      expect(last((x) => scatterAdd(zeros([1], "int32"), zeros([n], "int32"), x))).toBe(total);
    });
  },
);

describe.each(backends.map((backend) => [backend.name, backend] as const))("%s", (name, backend) => {
  // −2^31 has no negative in int32, and −1 − 2^24 is no float32.
  const [low, high] = name.startsWith("gpu") ? [-(2 ** 24), 2 ** 24] : [least, most];
  it("the order of whole numbers is theirs, to the ends of the range", () => {
    const run = (f: (x: NdArray) => NdArray, ...xs: number[]): unknown =>
      toNested(compile(f, { backend })(ints(...xs)));
    const some = [5, low, high, 0, low, high - 1];
    expect(run((x) => min(x), ...some)).toBe(low);
    expect(run((x) => max(x), ...some)).toBe(high);
    expect(run((x) => min(x), high, high)).toBe(high);
    expect(run((x) => argmin(x), ...some)).toBe(1);
    expect(run((x) => argmax(x), ...some)).toBe(2);
    expect(run((x) => argmin(x), high, high - 1)).toBe(1);
    expect(run((x) => topK(x, 6).values, ...some)).toEqual([high, high - 1, 5, 0, low, low]);
    expect(run((x) => topK(x, 6).indices, ...some)).toEqual([2, 5, 0, 3, 1, 4]);
    expect(run((x) => sort(x), ...some)).toEqual([low, low, 0, 5, high - 1, high]);
    expect(run((x) => argsort(x), ...some)).toEqual([1, 4, 3, 0, 5, 2]);
    expect(run((x) => min(reshape(x, [2, 3]), [0]), ...some)).toEqual([0, low, high - 1]);
    expect(run((x) => min(reshape(x, [2, 3]), [0, 1], { keepDims: true }), ...some)).toEqual([[low]]);
  });

  const types = name.startsWith("gpu") ? (["float32"] as const) : (["float64", "float32"] as const);

  it.each(types)("%s becomes int32 truncated, saturated beyond its range, and −2^31 from NaN", (dtype) => {
    const values = [
      1.9,
      -1.9,
      -0.5,
      2 ** 31,
      3e9,
      -3e9,
      1e30,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      Number.NaN,
    ];
    const expected = [1, -1, 0, most, most, least, most, most, least, least];
    for (let count = 1; count <= values.length; count++) {
      // Every number of elements, so that each meets vectors and remainders.
      const x = array(dtype === "float64" ? Float64Array.from(values) : Float32Array.from(values));
      const part = array(x.data.slice(-count));
      const whole = compile((y: NdArray) => convert(y, "int32"), { backend })(part);
      expect([...whole.data].map((v) => v + 0)).toEqual(expected.slice(-count));
    }
  });

  it.each(types)("an index that is NaN in %s is refused", (dtype) => {
    const f = (x: NdArray, at: NdArray): NdArray => gather(x, convert(at, "int32"));
    const x = convert(array([1, 2, 3]), dtype);
    const at = convert(array([0, Number.NaN]), dtype);
    expect(() => compile(f, { backend })(x, at)).toThrow(
      /indices must be from 0 to 2; got -2147483648 at position 1/,
    );
    const g = (y: NdArray, k: NdArray): NdArray => scatterAdd(y, convert(k, "int32"), slice(y, [0, 2]));
    expect(() => compile(g, { backend })(x, at)).toThrow(/got -2147483648 at position 1/);
  });
});

describe.each(gpus.map((backend) => [backend.name, backend] as const))("%s", (_name, backend) => {
  it("refuses whole numbers that float32 does not hold, as arguments and as results", () => {
    const square = compile((x: NdArray) => mul(x, x), { backend });
    expect(square(ints(4096)).data[0]).toBe(2 ** 24);
    expect(() => square(ints(4097))).toThrow(/exact up to 16777216/);
    expect(() => square(ints(2 ** 24 + 1))).toThrow(/exact up to 16777216/);
  });
});

it("is refused where it cannot be held", () => {
  expect(array([least, most], undefined, "int32").data).toEqual(Int32Array.of(least, most));
  for (const value of [2 ** 31, least - 1, 0.5, Number.NaN]) {
    expect(() => array([value], undefined, "int32")).toThrow(/int32 holds whole numbers/);
    expect(() => full([2], value, "int32")).toThrow(/int32 holds whole numbers/);
    expect(() => gather(array([1, 2]), value)).toThrow(/int32 holds whole numbers/);
  }
});
