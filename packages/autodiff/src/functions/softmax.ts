import type { ArrayLike, NdArray } from "../array/ndarray.ts";
import { normalizeAxis } from "../array/shape.ts";
import { add, div, mul, neg, sub } from "../primitives/arithmetic.ts";
import { asArray, sum } from "../primitives/broadcasting.ts";
import { convert, equal, less, select } from "../primitives/comparison.ts";
import { requireFloat } from "../primitives/elementwise.ts";
import { nextAxis, type Primitive } from "../primitives/primitive.ts";
import { max } from "../primitives/reduction.ts";
import { exp, log1p } from "../primitives/transcendental.ts";
import { bind } from "../trace/bind.ts";

type Axis = { readonly axis: number };

/**
 * y = ln softmax(x) = x − ln Σ_j exp x_j along an axis                                          [eq:log-softmax]
 *   dy = dx − Σ_j p_j dx_j      xBar = yBar − p Σ_j yBar_j      p = exp y
 *
 * Numerics  If p_m > 1/2, computing 1 − p_m would cancel. Since dy = 0 for a constant dx, and Σ xBar = 0, dx
 *           may be replaced by dx − dx_m, and xBar_m by −Σ_{j≠m} xBar_j: derivatives of every order keep
 *           their relative accuracy
 * Edges     NaN where all x are −∞, or several +∞; an x_j of −∞ among others has slope 0
 */
export const logSoftmaxPrimitive: Primitive<Axis> = {
  name: "logSoftmax",
  elementwise: false,
  batching: { settings: ({ axis }) => ({ axis: nextAxis(axis) }) },
  outputType: ([x]) => {
    requireFloat("logSoftmax", x!.dtype);
    return { shape: x!.shape, dtype: x!.dtype };
  },
  jvp: ([dx], _inputs, y, { axis }) => (dx ? logTangent(dx, exp(y), axis) : null),
  vjp: (yBar, _inputs, y, { axis }) => [logCotangent(yBar, exp(y), axis)],
  // z − ln(1 + Σ_{j≠m} exp z_j) with z = x − x_m, x_m the largest; log1p keeps accuracy when the sum is
  // small.
  expand: ([x], { axis }) => {
    if (x!.shape[axis] === 0) return x!;
    const { top, z } = belowTop(x!, axis);
    const isBelow = less(x!, top);
    const below = total(select(isBelow, exp(z), 0), axis);
    const besides = sub(total(equal(x!, top), axis), 1);
    return sub(z, log1p(add(below, convert(besides, x!.dtype))));
  },
};

/** dx − Σ_j p_j dx_j. */
function logTangent(dx: NdArray, p: NdArray, axis: number): NdArray {
  const fromTop = sub(dx, total(select(less(0.5, p), dx, 0), axis));
  return sub(fromTop, total(mul(p, fromTop), axis));
}

/** yBar − p Σ_j yBar_j. */
function logCotangent(yBar: NdArray, p: NdArray, axis: number): NdArray {
  const isTop = less(0.5, p);
  const others = select(isTop, 0, sub(yBar, mul(p, total(yBar, axis))));
  return select(isTop, neg(total(others, axis)), others);
}

/** The largest x, and all x less it. */
function belowTop(x: NdArray, axis: number): { readonly top: NdArray; readonly z: NdArray } {
  const top = max(x, axis, { keepDims: true });
  return { top, z: select(equal(x, top), 0, sub(x, top)) };
}

function total(x: NdArray, axis: number): NdArray {
  return sum(x, axis, { keepDims: true });
}

/** ln softmax(x), along an axis (default the last). */
export function logSoftmax(x: ArrayLike, axis = -1): NdArray {
  const input = asArray(x, "logSoftmax");
  return bind(logSoftmaxPrimitive, [input], { axis: normalizeAxis("logSoftmax", axis, input.shape.length) });
}

/**
 * p_i = exp(x_i − x_m) / Σ_j exp(x_j − x_m) along an axis, x_m the largest                      [eq:softmax]
 *   dp = p (dx − Σ_j p_j dx_j)      xBar = w − p Σ_j w_j,  w = p pBar
 *
 * Numerics  not exp(ln p), whose logarithm is rounded: of n equal x it is off by ln n roundings. In the derivatives
 *           1 − p_m does not cancel, as in those of ln p
 */
export const softmaxPrimitive: Primitive<Axis> = {
  name: "softmax",
  elementwise: false,
  batching: logSoftmaxPrimitive.batching,
  outputType: ([x]) => {
    requireFloat("softmax", x!.dtype);
    return { shape: x!.shape, dtype: x!.dtype };
  },
  jvp: ([dx], _inputs, p, { axis }) => (dx ? mul(p, logTangent(dx, p, axis)) : null),
  vjp: (pBar, _inputs, p, { axis }) => [logCotangent(mul(p, pBar), p, axis)],
  expand: ([x], { axis }) => {
    if (x!.shape[axis] === 0) return x!;
    const terms = exp(belowTop(x!, axis).z);
    return div(terms, total(terms, axis));
  },
};

/** softmax(x)_i = exp x_i / Σ_j exp x_j, along an axis (default the last).      [eq:softmax] */
export function softmax(x: ArrayLike, axis = -1): NdArray {
  const input = asArray(x, "softmax");
  return bind(softmaxPrimitive, [input], { axis: normalizeAxis("softmax", axis, input.shape.length) });
}

/**
 * H = −Σ_i p_i ln p_i with p = softmax(x), along an axis (default the last).    [eq:softmax-entropy]
 *
 * Edges  an x_i of −∞ contributes nothing, and has slope 0
 */
export function softmaxEntropy(x: ArrayLike, axis = -1): NdArray {
  const input = asArray(x, "softmaxEntropy");
  requireFloat("softmaxEntropy", input.dtype);
  const at = normalizeAxis("softmaxEntropy", axis, input.shape.length);
  const logP = logSoftmax(input, at);
  const finite = select(equal(logP, Number.NEGATIVE_INFINITY), 0, logP);
  return neg(sum(mul(exp(logP), finite), at));
}
