import {
  abs,
  acos,
  acosh,
  all,
  any,
  argmax,
  argmin,
  array,
  asin,
  asinh,
  atan,
  atanh,
  ceil,
  convert,
  cosh,
  cumprod,
  dynamicSlice,
  einsum,
  erf,
  flip,
  floor,
  logicalAnd,
  logicalNot,
  logicalOr,
  logicalXor,
  matmul,
  matrixTranspose,
  min,
  mod,
  type NdArray,
  norm,
  prod,
  qr,
  round,
  sinh,
  tile,
  topK,
} from "@sgmrl/autodiff";
import * as tf from "@tensorflow/tfjs";
import { type Pair, pair, withoutGradient } from "./pair.ts";

const x = [
  [-1.5, -0.25, 0.5],
  [0.75, 1.25, 2],
];
const inside = [-0.75, -0.25, 0.125, 0.5];
const above = [1.125, 1.5, 2, 3];
const masks = [
  [0, 1, 1],
  [1, 0, 1],
];
const other = [
  [0, 0, 1],
  [1, 1, 0],
];

const asBool = (a: tf.Tensor): tf.Tensor => tf.cast(a, "bool");
const asMask = (a: NdArray): NdArray => convert(a, "int32");

/** Functions that are compositions, beside TensorFlow.js's. */
export const functionPairs: Readonly<Record<string, Pair>> = {
  sinh: pair(
    (a) => sinh(a!),
    (a) => tf.sinh(a!),
    x,
  ),
  cosh: pair(
    (a) => cosh(a!),
    (a) => tf.cosh(a!),
    x,
  ),
  asin: pair(
    (a) => asin(a!),
    (a) => tf.asin(a!),
    inside,
  ),
  acos: pair(
    (a) => acos(a!),
    (a) => tf.acos(a!),
    inside,
  ),
  atan: pair(
    (a) => atan(a!),
    (a) => tf.atan(a!),
    x,
  ),
  asinh: pair(
    (a) => asinh(a!),
    (a) => tf.asinh(a!),
    x,
  ),
  acosh: pair(
    (a) => acosh(a!),
    (a) => tf.acosh(a!),
    above,
  ),
  atanh: pair(
    (a) => atanh(a!),
    (a) => tf.atanh(a!),
    inside,
  ),
  erf: pair(
    (a) => erf(a!),
    (a) => tf.erf(a!),
    x,
  ),
  "min over axis 1": pair(
    (a) => min(a!, 1),
    (a) => tf.min(a!, 1),
    x,
  ),
  argmax: withoutGradient(
    (a) => argmax(a!, 1),
    (a) => tf.argMax(a!, 1),
    x,
  ),
  argmin: withoutGradient(
    (a) => argmin(a!, 0),
    (a) => tf.argMin(a!, 0),
    x,
  ),
  "prod over axis 1": pair(
    (a) => prod(a!, 1),
    (a) => tf.prod(a!, 1),
    x,
  ),
  "cumprod along axis 1": withoutGradient(
    (a) => cumprod(a!, 1),
    (a) => tf.cumprod(a!, 1),
    x,
  ),
  topK: withoutGradient(
    (a) => topK(a!, 2).values,
    (a) => tf.topk(a!, 2).values,
    x,
  ),
  "R of qr, up to the signs of its rows": withoutGradient(
    (a) => abs(qr(matrixTranspose(a!)).r),
    (a) => tf.abs(tf.linalg.qr(tf.transpose(a!) as tf.Tensor2D)[1]),
    x,
  ),
  "Q R of qr": withoutGradient(
    (a) => {
      const { q, r } = qr(matrixTranspose(a!));
      return matmul(q, r);
    },
    (a) => {
      const [q, r] = tf.linalg.qr(tf.transpose(a!) as tf.Tensor2D);
      return tf.matMul(q, r);
    },
    x,
  ),
  floor: pair(
    (a) => floor(a!),
    (a) => tf.floor(a!),
    x,
  ),
  ceil: pair(
    (a) => ceil(a!),
    (a) => tf.ceil(a!),
    x,
  ),
  round: pair(
    (a) => round(a!),
    (a) => tf.round(a!),
    x,
  ),
  mod: pair(
    (a) => mod(a!, 0.625),
    (a) => tf.mod(a!, 0.625),
    x,
  ),
  flip: pair(
    (a) => flip(a!, 1),
    (a) => tf.reverse(a!, 1),
    x,
  ),
  tile: pair(
    (a) => tile(a!, [2, 3]),
    (a) => tf.tile(a!, [2, 3]),
    x,
  ),
  einsum: withoutGradient(
    (a, b) => einsum("ij,kj->ik", a!, b!),
    (a, b) => tf.einsum("ij,kj->ik", a!, b!),
    x,
    masks,
  ),
  norm: pair(
    (a) => norm(a!, 1),
    (a) => tf.norm(a!, 2, 1),
    x,
  ),
  logicalAnd: withoutGradient(
    (a, b) => logicalAnd(asMask(a!), asMask(b!)),
    (a, b) => tf.logicalAnd(asBool(a!), asBool(b!)),
    masks,
    other,
  ),
  logicalOr: withoutGradient(
    (a, b) => logicalOr(asMask(a!), asMask(b!)),
    (a, b) => tf.logicalOr(asBool(a!), asBool(b!)),
    masks,
    other,
  ),
  logicalXor: withoutGradient(
    (a, b) => logicalXor(asMask(a!), asMask(b!)),
    (a, b) => tf.logicalXor(asBool(a!), asBool(b!)),
    masks,
    other,
  ),
  logicalNot: withoutGradient(
    (a) => logicalNot(asMask(a!)),
    (a) => tf.logicalNot(asBool(a!)),
    masks,
  ),
  "any over axis 0": withoutGradient(
    (a) => any(asMask(a!), 0),
    (a) => tf.any(asBool(a!), 0),
    masks,
  ),
  "all over axis 0": withoutGradient(
    (a) => all(asMask(a!), 0),
    (a) => tf.all(asBool(a!), 0),
    masks,
  ),
  "block at computed places": pair(
    (a) => dynamicSlice(a!, array([0, 1], undefined, "int32"), [2, 2]),
    (a) => tf.slice(a!, [0, 1], [2, 2]),
    x,
  ),
};
