/**
 * Our functions beside TensorFlow.js's: values and first gradients of every function that both have.
 *
 * Ours run in float64, theirs in float32 (the only type they have), on inputs that float32 holds exactly; so the
 * difference is their rounding. Not in TensorFlow.js: forward mode, hvp, cholesky, triangularSolve.
 */
import {
  abs,
  add,
  array,
  atan2,
  broadcastTo,
  clip,
  concat,
  convert,
  cos,
  cumsum,
  div,
  equal,
  exp,
  expm1,
  gather,
  greater,
  greaterEqual,
  less,
  lessEqual,
  log,
  log1p,
  logSoftmax,
  logSumExp,
  matmul,
  max,
  maximum,
  mean,
  minimum,
  mul,
  type NdArray,
  neg,
  notEqual,
  oneHot,
  pad,
  pow,
  reshape,
  scatterAdd,
  select,
  sigmoid,
  sign,
  sin,
  slice,
  softmax,
  softplus,
  sqrt,
  square,
  stack,
  sub,
  sum,
  tanh,
  transpose,
  variance,
  vjp,
  zeros,
} from "@sgmrl/autodiff";
import * as tf from "@tensorflow/tfjs";
import { functionPairs } from "./functions.ts";
import { type Pair, pair, withoutGradient } from "./pair.ts";

export interface Agreement {
  readonly name: string;
  /** max_i |ours_i − theirs_i| / (1 + max_i |ours_i|). */
  readonly value: number;
  /** The same over the gradients of all inputs; undefined where there are none. */
  readonly gradient: number | undefined;
}

const x = [
  [-1.5, -0.25, 0.5],
  [0.75, 1.25, 2],
];
const y = [
  [0.5, -1.75, 1],
  [2, -0.625, 0.375],
];
const row = [0.25, -1, 1.5];
const mask = [
  [0, 1, 1],
  [1, 0, 0],
];
const positive = [
  [0.25, 0.5, 1],
  [1.5, 2, 3],
];
const indices = [2, 0, 2];
const ourIndices = array(indices, undefined, "int32");
const matrices = [
  [
    [1, 0.5, -1],
    [2, 0, 0.25],
  ],
  [
    [0.5, 0.5, 1],
    [-1, 1.5, 2],
  ],
];
const columns = [
  [1, -0.5],
  [0.25, 2],
  [-1, 1],
];

const pairs: Readonly<Record<string, Pair>> = {
  add: pair(
    (a, b) => add(a!, b!),
    (a, b) => tf.add(a!, b!),
    x,
    row,
  ),
  sub: pair(
    (a, b) => sub(a!, b!),
    (a, b) => tf.sub(a!, b!),
    x,
    row,
  ),
  mul: pair(
    (a, b) => mul(a!, b!),
    (a, b) => tf.mul(a!, b!),
    x,
    row,
  ),
  div: pair(
    (a, b) => div(a!, b!),
    (a, b) => tf.div(a!, b!),
    x,
    row,
  ),
  neg: pair(
    (a) => neg(a!),
    (a) => tf.neg(a!),
    x,
  ),
  pow: pair(
    (a, b) => pow(a!, b!),
    (a, b) => tf.pow(a!, b!),
    positive,
    y,
  ),
  square: pair(
    (a) => square(a!),
    (a) => tf.square(a!),
    x,
  ),
  sqrt: pair(
    (a) => sqrt(a!),
    (a) => tf.sqrt(a!),
    positive,
  ),
  exp: pair(
    (a) => exp(a!),
    (a) => tf.exp(a!),
    x,
  ),
  expm1: pair(
    (a) => expm1(a!),
    (a) => tf.expm1(a!),
    x,
  ),
  log: pair(
    (a) => log(a!),
    (a) => tf.log(a!),
    positive,
  ),
  log1p: pair(
    (a) => log1p(a!),
    (a) => tf.log1p(a!),
    positive,
  ),
  tanh: pair(
    (a) => tanh(a!),
    (a) => tf.tanh(a!),
    x,
  ),
  sigmoid: pair(
    (a) => sigmoid(a!),
    (a) => tf.sigmoid(a!),
    x,
  ),
  softplus: pair(
    (a) => softplus(a!),
    (a) => tf.softplus(a!),
    x,
  ),
  sin: pair(
    (a) => sin(a!),
    (a) => tf.sin(a!),
    x,
  ),
  cos: pair(
    (a) => cos(a!),
    (a) => tf.cos(a!),
    x,
  ),
  atan2: pair(
    (a, b) => atan2(a!, b!),
    (a, b) => tf.atan2(a!, b!),
    x,
    y,
  ),
  abs: pair(
    (a) => abs(a!),
    (a) => tf.abs(a!),
    x,
  ),
  sign: pair(
    (a) => sign(a!),
    (a) => tf.sign(a!),
    x,
  ),
  maximum: pair(
    (a, b) => maximum(a!, b!),
    (a, b) => tf.maximum(a!, b!),
    x,
    y,
  ),
  minimum: pair(
    (a, b) => minimum(a!, b!),
    (a, b) => tf.minimum(a!, b!),
    x,
    y,
  ),
  clip: pair(
    (a) => clip(a!, -1, 1),
    (a) => tf.clipByValue(a!, -1, 1),
    x,
  ),
  select: pair(
    (a, b) => select(array(mask, undefined, "int32"), a!, b!),
    (a, b) => tf.where(tf.tensor2d(mask, undefined, "bool"), a!, b!),
    x,
    y,
  ),
  less: withoutGradient(
    (a, b) => less(a!, b!),
    (a, b) => tf.less(a!, b!),
    x,
    y,
  ),
  lessEqual: withoutGradient(
    (a, b) => lessEqual(a!, b!),
    (a, b) => tf.lessEqual(a!, b!),
    x,
    x,
  ),
  equal: withoutGradient(
    (a, b) => equal(a!, b!),
    (a, b) => tf.equal(a!, b!),
    x,
    x,
  ),
  notEqual: withoutGradient(
    (a, b) => notEqual(a!, b!),
    (a, b) => tf.notEqual(a!, b!),
    x,
    y,
  ),
  greater: withoutGradient(
    (a, b) => greater(a!, b!),
    (a, b) => tf.greater(a!, b!),
    x,
    y,
  ),
  greaterEqual: withoutGradient(
    (a, b) => greaterEqual(a!, b!),
    (a, b) => tf.greaterEqual(a!, b!),
    x,
    y,
  ),
  "sum over axis 0": pair(
    (a) => sum(a!, 0),
    (a) => tf.sum(a!, 0),
    x,
  ),
  "mean over axis 1": pair(
    (a) => mean(a!, 1),
    (a) => tf.mean(a!, 1),
    x,
  ),
  "max over axis 1": pair(
    (a) => max(a!, 1),
    (a) => tf.max(a!, 1),
    x,
  ),
  "variance over axis 0": pair(
    (a) => variance(a!, 0),
    (a) => tf.moments(a!, 0).variance,
    x,
  ),
  logSumExp: pair(
    (a) => logSumExp(a!, 1),
    (a) => tf.logSumExp(a!, 1),
    x,
  ),
  softmax: pair(
    (a) => softmax(a!),
    (a) => tf.softmax(a!),
    x,
  ),
  logSoftmax: pair(
    (a) => logSoftmax(a!),
    (a) => tf.logSoftmax(a!),
    x,
  ),
  "matmul, batched": pair(
    (a, b) => matmul(a!, broadcastTo(b!, [2, 3, 2])),
    (a, b) => tf.matMul(a!, tf.broadcastTo(b!, [2, 3, 2])),
    matrices,
    columns,
  ),
  transpose: pair(
    (a) => transpose(a!, [2, 0, 1]),
    (a) => tf.transpose(a!, [2, 0, 1]),
    matrices,
  ),
  reshape: pair(
    (a) => reshape(a!, [3, 2]),
    (a) => tf.reshape(a!, [3, 2]),
    x,
  ),
  broadcastTo: pair(
    (a) => broadcastTo(a!, [2, 3]),
    (a) => tf.broadcastTo(a!, [2, 3]),
    row,
  ),
  slice: pair(
    (a) => slice(a!, [0, 2], [1, 3]),
    (a) => tf.slice(a!, [0, 1], [2, 2]),
    x,
  ),
  "slice with a step": withoutGradient(
    (a) => slice(a!, [], [0, 3, 2]),
    (a) => tf.stridedSlice(a!, [0, 0], [2, 3], [1, 2]),
    x,
  ),
  concat: pair(
    (a, b) => concat([a!, b!], 1),
    (a, b) => tf.concat([a!, b!], 1),
    x,
    y,
  ),
  stack: pair(
    (a, b) => stack([a!, b!], 1),
    (a, b) => tf.stack([a!, b!], 1),
    x,
    y,
  ),
  pad: pair(
    (a) =>
      pad(a!, [
        [1, 0],
        [0, 2],
      ]),
    (a) =>
      tf.pad(a!, [
        [1, 0],
        [0, 2],
      ]),
    x,
  ),
  gather: pair(
    (a) => gather(a!, ourIndices, 1),
    (a) => tf.gather(a!, tf.tensor1d(indices, "int32"), 1),
    x,
  ),
  scatterAdd: pair(
    (a) => scatterAdd(zeros([4, 2]), ourIndices, a!),
    (a) => tf.unsortedSegmentSum(a!, tf.tensor1d(indices, "int32"), 4),
    columns,
  ),
  oneHot: withoutGradient(
    (a) => oneHot(convert(a!, "int32"), 3),
    (a) => tf.oneHot(tf.cast(a!, "int32"), 3),
    indices,
  ),
  cumsum: pair(
    (a) => cumsum(a!, 1),
    (a) => tf.cumsum(a!, 1),
    x,
  ),
  // Along the last axis only: elsewhere TensorFlow.js's gradient of cumsum is transposed.
  "cumsum in reverse": pair(
    (a) => cumsum(a!, 1, { reverse: true }),
    (a) => tf.cumsum(a!, 1, false, true),
    x,
  ),
};

/** Compares every pair. */
export function agreementWithTensorFlow(): Agreement[] {
  return Object.entries({ ...pairs, ...functionPairs }).map(
    ([name, { ours, theirs, inputs, differentiable }]) => {
      const xs = inputs.map((input) => array(input));
      const tensors = inputs.map((input) => tf.tensor(input as tf.TensorLike)); // nested lists of numbers are TensorLike
      const [value, pullback] = vjp<readonly NdArray[], NdArray>(ours)(...xs);
      const result = discrepancy(value, theirs(...tensors));
      if (!differentiable) return { name, value: result, gradient: undefined };

      // A cotangent of unequal numbers, so that no sum hides a permutation.
      const yBar = array(
        Float64Array.from(value.data, (_, i) => (i % 5) / 4 - 0.5),
        value.shape,
      );
      const gradients = tf.grads((...at: tf.Tensor[]) => theirs(...at))(
        tensors,
        tf.tensor([...yBar.data], [...value.shape]),
      );
      return {
        name,
        value: result,
        gradient: Math.max(...pullback(yBar).map((xBar, i) => discrepancy(xBar, gradients[i]!))),
      };
    },
  );
}

function discrepancy(ours: NdArray, theirs: tf.Tensor): number {
  if (ours.shape.join() !== theirs.shape.join()) return Number.POSITIVE_INFINITY;
  const data = theirs.dataSync();
  const scale = 1 + Math.max(...Array.from(ours.data, Math.abs));
  return Math.max(...Array.from(ours.data, (value, i) => Math.abs(value - data[i]!) / scale));
}

/** The comparison as text. */
export function agreementTable(rows: readonly Agreement[]): string {
  const format = (error: number | undefined): string =>
    (error === undefined ? "–" : error.toExponential(1)).padStart(9);
  return [
    `${"function".padEnd(22)}    value  gradient`,
    ...rows.map(({ name, value, gradient }) => `${name.padEnd(22)}${format(value)} ${format(gradient)}`),
  ].join("\n");
}
