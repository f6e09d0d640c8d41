import { describe, expect, it } from "vitest";
import {
  abs,
  add,
  array,
  atan2,
  broadcastTo,
  cholesky,
  concat,
  cond,
  convert,
  cos,
  cumsum,
  div,
  equal,
  exp,
  expm1,
  full,
  gather,
  less,
  lessEqual,
  log,
  log1p,
  logSumExp,
  matmul,
  max,
  maximum,
  minimum,
  mul,
  type NdArray,
  type NestedNumbers,
  neg,
  ones,
  pad,
  pow,
  reshape,
  scan,
  scatterAdd,
  select,
  sigmoid,
  sign,
  sin,
  slice,
  softplus,
  sqrt,
  sub,
  sum,
  tanh,
  transpose,
  triangularSolve,
  whileLoop,
} from "../../../src/index.ts";
import { bitXor, multiplyHigh, shiftRight } from "../../../src/primitives/bits.ts";
import type { PrimitiveName } from "../../../src/primitives/table.ts";
import { sechSquared } from "../../../src/primitives/transcendental.ts";

// What every primitive computes, worked by hand (or by Math): derivatives are tested against these values, and so
// are the other backends. Typed by the table's keys.
type Example = readonly [got: NdArray, expected: NestedNumbers];

const index = (...at: number[]): NdArray => array(at, undefined, "int32");
const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const m = array([
  [1, 2, 3],
  [4, 5, 6],
]);
const at = (f: (x: number) => number, xs: readonly number[]): number[] => xs.map(f);
const words = (values: number[]): NdArray => array(Int32Array.from(values));
const xs = [-2, -0.5, 0.25, 1.5];
const x = array(xs);

// c' = 2 c + x, y = c x: from c = 1 over x = 3, 5.
const looped = (reverse: boolean): [NdArray, NdArray] =>
  scan((c: NdArray, y: NdArray) => [add(mul(2, c), y), mul(c, y)], 1, array([3, 5]), { reverse });

const halved = (x: NdArray): NdArray =>
  whileLoop(
    (y: NdArray) => less(3, y),
    (y) => mul(0.5, y),
    x,
  );
const chosen = (x: number): NdArray =>
  cond(
    less(0, x),
    (y) => mul(2, y),
    (y) => mul(0.5, y),
    array([1, 2]),
  );

const examples: { readonly [Name in PrimitiveName]: readonly Example[] } = {
  add: [
    [
      add(m, array([10, 20, 30])),
      [
        [11, 22, 33],
        [14, 25, 36],
      ],
    ],
    [
      add(array([[1], [2]]), array([10, 20])),
      [
        [11, 21],
        [12, 22],
      ],
    ],
  ],
  sub: [[sub(5, x), [7, 5.5, 4.75, 3.5]]],
  mul: [
    [mul(x, x), [4, 0.25, 0.0625, 2.25]],
    [mul(index(3), index(4)), [12]],
  ],
  div: [[div(array([1, -1, 0]), array([4, 0, 0])), [0.25, -inf, nan]]],
  neg: [[neg(x), [2, 0.5, -0.25, -1.5]]],
  pow: [[pow(array([2, 4, -2, 0, nan]), array([3, 0.5, 3, 0, 0])), [8, 2, -8, 1, 1]]],
  sqrt: [[sqrt(array([0, 4, -1])), [0, 2, nan]]],
  exp: [[exp(x), at(Math.exp, xs)]],
  expm1: [[expm1(array([1e-20, 1])), [1e-20, Math.expm1(1)]]],
  log: [[log(array([1, Math.E, 0])), [0, 1, -inf]]],
  log1p: [[log1p(array([1e-20, Math.E - 1])), [1e-20, 1]]],
  tanh: [[tanh(x), at(Math.tanh, xs)]],
  sechSquared: [[sechSquared(x), at((v) => 1 / Math.cosh(v) ** 2, xs)]],
  sigmoid: [[sigmoid(array([0, Math.log(3), -1000, 1000])), [0.5, 0.75, 0, 1]]],
  softplus: [[softplus(array([0, -1000, 1000])), [Math.LN2, 0, 1000]]],
  sin: [[sin(x), at(Math.sin, xs)]],
  cos: [[cos(x), at(Math.cos, xs)]],
  atan2: [
    [
      atan2(array([1, 1, -1, 0]), array([1, -1, 0, -1])),
      [Math.PI / 4, (3 * Math.PI) / 4, -Math.PI / 2, Math.PI],
    ],
  ],
  abs: [[abs(x), [2, 0.5, 0.25, 1.5]]],
  sign: [[sign(array([-3, 0, 2])), [-1, 0, 1]]],
  maximum: [
    [maximum(x, 0), [0, 0, 0.25, 1.5]],
    [maximum(nan, 1), nan],
  ],
  minimum: [
    [minimum(x, 0), [-2, -0.5, 0, 0]],
    [minimum(1, nan), nan],
  ],
  less: [[less(array([1, 2, nan]), array([2, 2, 2])), [1, 0, 0]]],
  lessEqual: [[lessEqual(array([1, 2, 3, nan]), 2), [1, 1, 0, 0]]],
  equal: [[equal(array([1, 2, nan]), array([1, 1, nan])), [1, 0, 0]]],
  bitXor: [[bitXor(words([12, -1, 5]), words([10, 1, 5])), [6, -2, 0]]],
  multiplyHigh: [
    [multiplyHigh(words([-1, 1 << 16, 3]), words([-1, 1 << 16, -1])), [-2, 1, 2]],
    [shiftRight(words([-1, 256, 7]), 4), [2 ** 28 - 1, 16, 0]],
  ],
  select: [
    [
      select(array([[1], [0]], undefined, "int32"), array([1, 2]), -1),
      [
        [1, 2],
        [-1, -1],
      ],
    ],
  ],
  convert: [
    [convert(array([1.9, -1.9]), "int32"), [1, -1]],
    [convert(0.1, "float32"), Math.fround(0.1)],
  ],
  broadcastTo: [
    [
      broadcastTo(array([[1], [2]]), [2, 2, 3]),
      [
        [
          [1, 1, 1],
          [2, 2, 2],
        ],
        [
          [1, 1, 1],
          [2, 2, 2],
        ],
      ],
    ],
  ],
  sum: [
    [sum(m), 21],
    [sum(m, 0), [5, 7, 9]],
    [sum(m, -1, { keepDims: true }), [[6], [15]]],
    [sum(full([2, 0], 1), 1), [0, 0]],
  ],
  max: [
    [max(m), 6],
    [
      max(
        array([
          [1, 5],
          [7, 2],
        ]),
        1,
      ),
      [5, 7],
    ],
    [max(array([1, nan])), nan],
  ],
  logSumExp: [
    [
      logSumExp(
        array([
          [0, 0],
          [1000, 1000],
        ]),
        1,
      ),
      [Math.LN2, 1000 + Math.LN2],
    ],
    [logSumExp(array([])), -inf],
  ],
  reshape: [
    [
      reshape(m, [3, -1]),
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
    ],
  ],
  transpose: [
    [
      transpose(m),
      [
        [1, 4],
        [2, 5],
        [3, 6],
      ],
    ],
    [
      transpose(
        array([
          [
            [1, 2],
            [3, 4],
          ],
        ]),
        [2, 0, 1],
      ),
      [[[1, 3]], [[2, 4]]],
    ],
  ],
  slice: [
    [slice(m, [1], [0, 3, 2]), [[4, 6]]],
    [slice(m, [], [-1]), [[3], [6]]],
    [slice(m, [2]), []],
  ],
  pad: [
    [
      pad(array([[1, 2]]), [
        [0, 1],
        [2, 0],
      ]),
      [
        [0, 0, 1, 2],
        [0, 0, 0, 0],
      ],
    ],
  ],
  concat: [
    [
      concat([m, array([[0], [9]])], 1),
      [
        [1, 2, 3, 0],
        [4, 5, 6, 9],
      ],
    ],
  ],
  cumsum: [
    [
      cumsum(m, 1),
      [
        [1, 3, 6],
        [4, 9, 15],
      ],
    ],
    [
      cumsum(m, 0, { reverse: true }),
      [
        [5, 7, 9],
        [4, 5, 6],
      ],
    ],
  ],
  gather: [
    [
      gather(m, index(2, 0), 1),
      [
        [3, 1],
        [6, 4],
      ],
    ],
    [
      gather(
        array([5, 6]),
        array(
          [
            [1, 0],
            [1, 1],
          ],
          undefined,
          "int32",
        ),
      ),
      [
        [6, 5],
        [6, 6],
      ],
    ],
  ],
  scatterAdd: [[scatterAdd(ones([3]), index(2, 0, 2), array([1, 10, 100])), [11, 1, 102]]],
  matmul: [
    [
      matmul(m, transpose(m)),
      [
        [14, 32],
        [32, 77],
      ],
    ],
    [matmul(array([1, 1]), m), [5, 7, 9]],
    [matmul(m, array([1, 0, -1])), [-2, -2]],
    [matmul(array([1, 2]), array([3, 4])), 11],
    [matmul(array([[[1, 2]], [[3, 4]]]), array([[1], [10]])), [[[21]], [[43]]]],
    [matmul(full([2, 0], 1), full([0, 1], 1)), [[0], [0]]],
  ],
  cholesky: [
    [
      cholesky(
        array([
          [4, 2],
          [2, 10],
        ]),
      ),
      [
        [2, 0],
        [1, 3],
      ],
    ],
  ],
  triangularSolve: [
    [
      triangularSolve(
        array([
          [2, 9],
          [1, 4],
        ]),
        array([2, 9]),
      ),
      [1, 2],
    ],
    [
      triangularSolve(
        array([
          [2, 1],
          [9, 4],
        ]),
        array([4, 8]),
        { lower: false },
      ),
      [1, 2],
    ],
    [
      triangularSolve(
        array([
          [2, nan],
          [1, 4],
        ]),
        array([4, 8]),
        { transposed: true },
      ),
      [1, 2],
    ],
  ],
  scan: [
    [looped(false)[0], 15],
    [looped(true)[0], 17],
  ],
  whileLoop: [
    [halved(array(40)), 2.5],
    [halved(array(2)), 2],
  ],
  cond: [
    [chosen(1), [2, 4]],
    [chosen(-1), [0.5, 1]],
  ],
  part: [
    [looped(false)[1], [3, 25]],
    [looped(true)[1], [21, 5]],
  ],
};

describe.each(Object.entries(examples))("%s", (_name, cases) => {
  it.each(cases.map(([got, expected], i) => [i, got, expected] as const))(
    "example %i",
    (_i, got, expected) => {
      const want = array(expected);
      expect(want.data.length).toBe(got.data.length);
      if (want.data.length > 0) expect(got.shape).toEqual(want.shape);
      got.data.forEach((value, i) => {
        if (Number.isFinite(want.data[i]!)) expect(value).toBeCloseTo(want.data[i]!, 13);
        else expect(value).toBe(want.data[i]!);
      });
    },
  );
});

it("float32 sums and products are accumulated in float64 and rounded once", () => {
  const tenth = full([1000], 0.1, "float32");
  const exact = 1000 * Math.fround(0.1);
  expect(sum(tenth).data[0]).toBe(Math.fround(exact));
  expect(matmul(tenth, ones([1000], "float32")).data[0]).toBe(Math.fround(exact));
  expect(cumsum(tenth).data[999]).toBe(Math.fround(exact));
});
