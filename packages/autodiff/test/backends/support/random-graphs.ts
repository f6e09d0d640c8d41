/** Random programs over small matrices, and the programs derived from them. */

import fc from "fast-check";
import {
  add,
  array,
  atan2,
  broadcastTo,
  concat,
  cos,
  cumsum,
  div,
  exp,
  expm1,
  gather,
  jvp,
  less,
  log,
  logSoftmax,
  logSumExp,
  matmul,
  matrixTranspose,
  max,
  maximum,
  mean,
  mul,
  type NdArray,
  neg,
  pad,
  reshape,
  scatterAdd,
  select,
  sigmoid,
  sin,
  slice,
  softplus,
  sqrt,
  square,
  sub,
  sum,
  tanh,
  transpose,
  valueGradAndHvp,
  vjp,
} from "../../../src/index.ts";
import { eighths } from "./distance.ts";

const cube = (x: NdArray): NdArray => mul(x, square(x));

const rows = 5;

/**
 * Every step makes a matrix from matrices made before, all of one shape; the choices keep values moderate, so that
 * rounding differences are not amplified without bound. Bounded functions wrap the ones that grow, and the branches
 * of a choice meet at a tie with two derivatives: rounding may decide a tie either way.
 */
const steps: readonly ((x: NdArray, y: NdArray, z: NdArray) => NdArray)[] = [
  (x, y) => add(x, y),
  (x, y) => sub(x, y),
  (x, y) => mul(tanh(x), y),
  (x, y) => div(x, add(2, square(sin(y)))),
  (x) => neg(x),
  (x) => sin(x),
  (x) => cos(x),
  (x) => exp(sin(x)),
  (x) => log(add(1.5, square(tanh(x)))),
  (x) => expm1(tanh(x)),
  (x) => sigmoid(x),
  (x) => softplus(x),
  (x) => sqrt(add(1, square(x))),
  (x, y) => atan2(x, add(3, cos(y))),
  (x, y, z) => select(less(x, y), z, add(z, cube(tanh(sub(x, y))))),
  (x, y) => cube(maximum(tanh(sub(x, y)), 0)),
  (x, y) => tanh(matmul(matmul(x, matrixTranspose(y)), x)),
  (x, y, z) => tanh(matmul(x, matmul(matrixTranspose(y), z))),
  (x, y) => mul(x, tanh(sum(y, 0))),
  (x, y) => mul(x, tanh(sum(y, 1, { keepDims: true }))),
  (x, y) => add(x, broadcastTo(mean(y), x.shape)),
  (x, y) => sub(x, max(y, 1, { keepDims: true })),
  (x) => logSoftmax(x),
  (x, y) => add(x, logSumExp(y, 0)),
  (x) => mul(0.5, cumsum(x, 0)),
  (x) => reshape(transpose(reshape(x, x.shape.toReversed())), x.shape),
  (x, y) => concat([slice(x, [0, 2]), slice(y, [2])]),
  (x) =>
    pad(slice(x, [1], [0, x.shape[1]! - 2]), [
      [0, 1],
      [1, 1],
    ]),
  (x) => gather(x, array(Int32Array.of(3, 1, 1, 0, 4), [rows], "int32")),
  (x, y) => scatterAdd(x, array(Int32Array.of(0, 3, 3), [3], "int32"), slice(y, [0, 3])),
];

export const recipe: fc.Arbitrary<Recipe> = fc.array(
  fc.tuple(fc.nat(steps.length - 1), fc.nat(50), fc.nat(50), fc.nat(50)),
  {
    minLength: 1,
    maxLength: 9,
  },
);
export type Recipe = readonly (readonly [number, number, number, number])[];

export function build(program: Recipe): (a: NdArray, b: NdArray) => NdArray {
  return (a, b) => {
    const pool = [a, b];
    for (const [step, i, j, k] of program) {
      const pick = (at: number): NdArray => pool[pool.length - 1 - (at % pool.length)]!;
      pool.push(steps[step]!(pick(i), pick(j), pick(k)));
    }
    return pool.at(-1)!;
  };
}

const scalarOf =
  (f: (a: NdArray, b: NdArray) => NdArray) =>
  (a: NdArray, b: NdArray): NdArray =>
    mean(sin(f(a, b)));

/** The program, and the programs derived from it. */
export const derived: Readonly<
  Record<
    string,
    (f: (a: NdArray, b: NdArray) => NdArray) => (a: NdArray, b: NdArray, v: NdArray) => NdArray[]
  >
> = {
  value: (f) => (a, b, _v) => [f(a, b)],
  jvp: (f) => (a, b, v) => [...jvp(f)([a, b], [v, a])],
  vjp: (f) => (a, b, v) => {
    const [value, pullback] = vjp(f)(a, b);
    return [value, ...pullback(v)];
  },
  hvp: (f) => (a, b, v) =>
    Object.values(valueGradAndHvp((x: NdArray) => scalarOf(f)(x, b))(a, v)) as NdArray[],
};

export const matrix = (seed: number, columns = 6): NdArray =>
  array(eighths(rows * columns, seed), [rows, columns]);
