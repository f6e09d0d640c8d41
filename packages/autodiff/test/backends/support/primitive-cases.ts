/** Applications of every primitive, for comparing backends; typed by the primitives' names, so none is forgotten. */

import {
  abs,
  add,
  array,
  atan2,
  broadcastTo,
  cholesky,
  concat,
  convert,
  cos,
  cumsum,
  div,
  equal,
  exp,
  expm1,
  gather,
  less,
  lessEqual,
  log,
  log1p,
  logSumExp,
  matmul,
  matrixTranspose,
  max,
  maximum,
  minimum,
  mul,
  type NdArray,
  neg,
  type PrimitiveName,
  pad,
  pow,
  reshape,
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
} from "../../../src/index.ts";
import { bitXor, multiplyHigh } from "../../../src/primitives/bits.ts";
import { sechSquared } from "../../../src/primitives/transcendental.ts";
import { byCond, conditionals } from "../../support/conditionals.ts";
import { asScan, asVector, loops } from "../../support/loops.ts";
import { asWhile, whiles } from "../../support/whiles.ts";

export type Shape = readonly number[];
export interface Case {
  readonly f: (...xs: NdArray[]) => NdArray;
  readonly inputs: readonly Shape[];
  /** Applied to the inputs' numbers, to bring them into the domain. */
  readonly prepare?: (x: number, i: number) => number;
  /** Has float64 values whatever its inputs. */
  readonly needsFloat64?: boolean;
  /** Works on 32-bit words, which gpu.js has not: refused there. */
  readonly needsWords?: boolean;
}

export const sizeOf = (shape: Shape): number => shape.reduce((n, extent) => n * extent, 1);

// Sizes on both sides of 2 and 4 lanes, a scalar, an empty array, broadcast and transposed operands.
const shapes: readonly Shape[] = [[], [1], [3], [8], [0], [7, 5], [2, 3, 5]];
const unary = (f: (x: NdArray) => NdArray, prepare?: Case["prepare"]): Case[] => [
  ...shapes.map((shape): Case => ({ f: f as Case["f"], inputs: [shape], ...(prepare && { prepare }) })),
  { f: (x) => f(matrixTranspose(x!)), inputs: [[5, 7]], ...(prepare && { prepare }) },
];
const binary = (f: (x: NdArray, y: NdArray) => NdArray, prepare?: Case["prepare"]): Case[] => [
  ...shapes.map(
    (shape): Case => ({ f: f as Case["f"], inputs: [shape, shape], ...(prepare && { prepare }) }),
  ),
  { f: f as Case["f"], inputs: [[6, 5], [5]], ...(prepare && { prepare }) },
  {
    f: f as Case["f"],
    inputs: [
      [6, 1],
      [6, 7],
    ],
    ...(prepare && { prepare }),
  },
  {
    f: (x, y) => f(matrixTranspose(x!), y!),
    inputs: [
      [4, 6],
      [6, 4],
    ],
    ...(prepare && { prepare }),
  },
];
const positive = (x: number): number => Math.abs(x) + 0.125;
export const index = (values: readonly number[], shape: Shape): NdArray =>
  array(Int32Array.from(values), shape, "int32");
const definite = (a: NdArray): NdArray => add(matmul(a, matrixTranspose(a)), mul(4, eyeLike(a)));
const eyeLike = (a: NdArray): NdArray => {
  const n = a.shape.at(-1)!;
  return array(
    Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => (i === j ? 1 : 0))),
    [n, n],
    a.dtype,
  );
};

const vectorOf = (ys: readonly NdArray[]): NdArray =>
  concat(ys.filter(({ dtype }) => dtype !== "int32").map((y) => reshape(y, [-1])));

const loopCases: readonly Case[] = Object.values(loops).flatMap((loop) =>
  [{}, { reverse: true }, { checkpoint: 2 }].map((options): Case => {
    const [c, x, k] = loop.shapes;
    return { f: asVector(asScan(loop, options)), inputs: [c, [5, ...x], k] };
  }),
);

/** Of whole numbers all over the range, which the inputs' numbers are spread to. */
const onWords = (f: (x: NdArray, y: NdArray) => NdArray): Case[] => {
  const word = (x: NdArray): NdArray => mul(convert(mul(8, x), "int32"), 0x1e3779b9);
  return binary((x, y) => convert(f(word(x), word(y)), x.dtype));
};

export const cases: Readonly<Record<PrimitiveName, readonly Case[]>> = {
  add: binary(add),
  sub: binary(sub),
  mul: binary(mul),
  div: binary(div),
  neg: unary(neg),
  abs: unary(abs),
  sign: unary(sign),
  sqrt: unary(sqrt, positive),
  exp: unary(exp),
  expm1: unary(expm1),
  log: unary(log),
  log1p: unary(log1p, positive),
  tanh: unary(tanh),
  sechSquared: unary(sechSquared),
  sigmoid: unary(sigmoid),
  softplus: unary(softplus),
  sin: unary(sin),
  cos: unary(cos),
  atan2: binary(atan2),
  pow: [...binary(pow), ...binary(pow, positive)],
  maximum: binary(maximum),
  minimum: binary(minimum),
  bitXor: onWords(bitXor).map((each) => ({ ...each, needsWords: true })),
  multiplyHigh: onWords(multiplyHigh).map((each) => ({ ...each, needsWords: true })),
  less: binary(less),
  lessEqual: binary(lessEqual),
  equal: binary(equal),
  select: [
    ...binary((x, y) => select(less(x, y), mul(x, y), y)),
    { f: (x) => select(index([1, 0, 2], [3]), x!, 7), inputs: [[2, 3]] },
  ],
  convert: [
    ...unary((x) => convert(less(x, 0.5), x.dtype)),
    ...unary((x) => convert(convert(x, "int32"), x.dtype)),
    ...unary((x) => convert(mul(convert(convert(x, "float64"), "float32"), 3), "float64")).map(
      (each): Case => ({ ...each, needsFloat64: true }),
    ),
  ],
  broadcastTo: [
    { f: (x) => broadcastTo(x!, [3, 4]), inputs: [[]] },
    { f: (x) => broadcastTo(x!, [2, 3, 4]), inputs: [[3, 1]] },
  ],
  reshape: [
    ...unary((x) => reshape(x, [-1])),
    { f: (x) => reshape(matrixTranspose(x!), [5, 4]), inputs: [[10, 2]] },
    { f: (x) => reshape(broadcastTo(x!, [3, 4]), [12]), inputs: [[4]] },
  ],
  transpose: [
    { f: (x) => transpose(x!), inputs: [[5, 6]] },
    { f: (x) => transpose(x!, [1, 2, 0]), inputs: [[3, 4, 5]] },
    { f: (x) => mul(transpose(x!, [2, 0, 1]), 2), inputs: [[3, 4, 5]] },
  ],
  slice: [
    { f: (x) => slice(x!, [1, 4], [0, 5, 2]), inputs: [[5, 6]] },
    { f: (x) => neg(slice(x!, [3, 17, 3])), inputs: [[20]] },
    { f: (x) => slice(x!, [2, 2]), inputs: [[4, 3]] },
  ],
  pad: [
    {
      f: (x) =>
        pad(x!, [
          [1, 2],
          [0, 3],
        ]),
      inputs: [[3, 4]],
    },
    {
      f: (x) =>
        pad(matrixTranspose(x!), [
          [1, 0],
          [2, 1],
        ]),
      inputs: [[3, 4]],
    },
  ],
  concat: [
    {
      f: (x, y) => concat([x!, y!, x!], 1),
      inputs: [
        [3, 2],
        [3, 5],
      ],
    },
    {
      f: (x, y) => concat([matrixTranspose(x!), y!]),
      inputs: [
        [4, 2],
        [3, 4],
      ],
    },
  ],
  cumsum: [
    { f: (x) => cumsum(x!, 0), inputs: [[7]] },
    { f: (x) => cumsum(x!, 1, { reverse: true }), inputs: [[3, 5, 2]] },
    { f: (x) => cumsum(matrixTranspose(x!), 0), inputs: [[3, 5]] },
  ],
  sum: [
    ...[[0], [1], [2], [0, 1], [1, 2], [0, 2], [0, 1, 2]].map(
      (axes): Case => ({ f: (x) => sum(x!, axes), inputs: [[3, 7, 9]] }),
    ),
    { f: (x) => sum(x!), inputs: [[0, 3]] },
    { f: (x) => sum(matrixTranspose(x!), 0), inputs: [[9, 6]] },
    { f: (x) => convert(sum(less(x!, 0), 0), x!.dtype), inputs: [[9, 6]] },
  ],
  max: [[0], [1], [0, 1]].flatMap((axes) => [
    { f: (x: NdArray) => max(x, axes), inputs: [[5, 6]] },
    { f: (x: NdArray) => max(matrixTranspose(x), axes), inputs: [[5, 9]] },
  ]) as Case[],
  logSumExp: [[0], [1], [0, 1]].map(
    (axes): Case => ({ f: (x) => logSumExp(mul(x!, 200), axes), inputs: [[5, 6]] }),
  ),
  gather: [
    { f: (x) => gather(x!, index([2, 0, 2, 1], [4])), inputs: [[3, 5]] },
    { f: (x) => gather(matrixTranspose(x!), index([3, 0, 1, 1], [2, 2]), 1), inputs: [[4, 3]] },
  ],
  scatterAdd: [
    {
      f: (x, u) => scatterAdd(x!, index([2, 0, 2, 1], [4]), u!),
      inputs: [
        [3, 5],
        [4, 5],
      ],
    },
    {
      f: (x, u) => scatterAdd(x!, index([3, 0, 1, 1], [2, 2]), u!, 1),
      inputs: [
        [3, 4],
        [3, 2, 2],
      ],
    },
  ],
  matmul: [
    {
      f: (a, b) => matmul(a!, b!),
      inputs: [
        [5, 3],
        [3, 9],
      ],
    },
    {
      f: (a, b) => matmul(matrixTranspose(a!), b!),
      inputs: [
        [6, 7],
        [6, 10],
      ],
    },
    {
      f: (a, b) => matmul(a!, matrixTranspose(b!)),
      inputs: [
        [6, 7],
        [10, 7],
      ],
    },
    {
      f: (a, b) => matmul(a!, matrixTranspose(b!)),
      inputs: [
        [6, 7],
        [1, 7],
      ],
    },
    {
      f: (a, b) => matmul(a!, b!),
      inputs: [
        [2, 5, 3],
        [3, 8],
      ],
    },
    {
      f: (a, b) => matmul(a!, b!),
      inputs: [
        [4, 3],
        [2, 3, 8],
      ],
    },
    {
      f: (a, b) => matmul(a!, b!),
      inputs: [
        [2, 5, 3],
        [2, 3, 8],
      ],
    },
    { f: (a, b) => matmul(a!, b!), inputs: [[7], [7]] },
    {
      f: (a, b) => matmul(a!, b!),
      inputs: [
        [3, 0],
        [0, 5],
      ],
    },
  ],
  cholesky: [
    { f: (a) => cholesky(definite(a!)), inputs: [[4, 4]] },
    { f: (a) => cholesky(definite(a!)), inputs: [[3, 5, 5]] },
  ],
  triangularSolve: [true, false].flatMap((lower) =>
    [true, false].map(
      (transposed): Case => ({
        f: (a, b) => triangularSolve(definite(a!), b!, { lower, transposed }),
        inputs: [
          [2, 4, 4],
          [2, 4, 3],
        ],
      }),
    ),
  ),
  scan: loopCases,
  whileLoop: Object.values(whiles)
    .filter(({ amplifies }) => !amplifies)
    .map((loop) => ({ f: (c, k) => vectorOf(asWhile(loop)(c!, k!)), inputs: loop.shapes })),
  cond: Object.values(conditionals).flatMap(({ of, shapes }) =>
    [true, false].map((which) => ({ f: (x, k) => vectorOf(of(byCond, which)(x!, k!)), inputs: shapes })),
  ),
  part: loopCases.slice(0, 3),
};
