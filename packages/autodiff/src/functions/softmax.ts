import type { ArrayLike, NdArray } from "../array/ndarray.ts";
import { normalizeAxis } from "../array/shape.ts";
import { add, mul, neg, sub } from "../primitives/arithmetic.ts";
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
  jvp: ([dx], _inputs, y, { axis }) => {
    if (!dx) return null;
    const p = exp(y);
    const fromTop = sub(dx, total(select(less(0.5, p), dx, 0), axis));
    return sub(fromTop, total(mul(p, fromTop), axis));
  },
  vjp: (yBar, _inputs, y, { axis }) => {
    const p = exp(y);
    const isTop = less(0.5, p);
    const others = select(isTop, 0, sub(yBar, mul(p, total(yBar, axis))));
    return [select(isTop, neg(total(others, axis)), others)];
  },
  // z − ln(1 + Σ_{j≠m} exp z_j) with z = x − x_m, x_m the largest; log1p keeps accuracy when the sum is
  // small.
  expand: ([x], { axis }) => {
    if (x!.shape[axis] === 0) return x!;
    const top = max(x!, axis, { keepDims: true });
    const z = select(equal(x!, top), 0, sub(x!, top));
    const isBelow = less(x!, top);
    const below = total(select(isBelow, exp(z), 0), axis);
    const besides = sub(total(equal(x!, top), axis), 1);
    return sub(z, log1p(add(below, convert(besides, x!.dtype))));
  },
};

function total(x: NdArray, axis: number): NdArray {
  return sum(x, axis, { keepDims: true });
}

/** ln softmax(x), along an axis (default the last). */
export function logSoftmax(x: ArrayLike, axis = -1): NdArray {
  const input = asArray(x, "logSoftmax");
  return bind(logSoftmaxPrimitive, [input], { axis: normalizeAxis("logSoftmax", axis, input.shape.length) });
}

/** softmax(x)_i = exp x_i / Σ_j exp x_j, along an axis (default the last).      [eq:softmax] */
export function softmax(x: ArrayLike, axis = -1): NdArray {
  return exp(logSoftmax(x, axis));
}

/**
 * H = −Σ_i p_i ln p_i with p = softmax(x), along an axis (default the last).    [eq:softmax-entropy]
 *
 * Edges  an x_i of −∞ contributes nothing, and has slope 0
 */
export function softmaxEntropy(x: ArrayLike, axis = -1): NdArray {
  const logP = logSoftmax(x, axis);
  const finite = select(equal(logP, Number.NEGATIVE_INFINITY), 0, logP);
  return neg(sum(mul(exp(logP), finite), axis));
}
