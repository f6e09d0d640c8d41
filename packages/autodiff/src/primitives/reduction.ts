import type { ArrayLike, NdArray } from "../array/ndarray.ts";
import { normalizeAxes, type Shape, sizeOf, withoutAxes } from "../array/shape.ts";
import { DomainError } from "../errors.ts";
import { bind } from "../trace/bind.ts";
import { add, div, mul, neg, sub } from "./arithmetic.ts";
import { asArray, expandBack, type KeepDims, reduceWith, sum } from "./broadcasting.ts";
import { convert, equal, select, zerosLike } from "./comparison.ts";
import { requireFloat } from "./elementwise.ts";
import { abs } from "./piecewise.ts";
import { nextAxis, type Primitive } from "./primitive.ts";
import type { ParamsOf } from "./table.ts";
import { exp } from "./transcendental.ts";

/**
 * y = max_j x_j over the given axes                       [eq:max]
 *   dy = Σ_j w_j dx_j      xBar_j = w_j yBar      w_j = 1/(number of maxima) where x_j = y, 0 elsewhere
 *
 * At a tie the derivative is shared equally.
 */
export const maxPrimitive: Primitive<ParamsOf<"max">> = {
  name: "max",
  elementwise: false,
  batching: { settings: ({ axes }) => ({ axes: axes.map(nextAxis) }) },
  outputType: ([x], { axes }) => {
    refuseEmpty("max", x!.shape, axes);
    return { shape: withoutAxes(x!.shape, axes), dtype: x!.dtype };
  },
  jvp: ([dx], [x], y, { axes }) => (dx ? sum(mul(dx, shareOfMaxima(x!, y, axes)), axes) : null),
  vjp: (yBar, [x], y, { axes }) => [mul(expandBack(yBar, x!, axes), shareOfMaxima(x!, y, axes))],
};

/**
 * Largest element over axes (all by default); NaN if any is NaN.
 *
 * Errors  DomainError over an empty axis; AxisError for an axis that x does not have
 */
export function max(x: ArrayLike, axes?: number | readonly number[], options: KeepDims = {}): NdArray {
  return maxFor("max", x, axes, options);
}

/** `max` on behalf of `op`, which errors name. */
export function maxFor(
  op: string,
  x: ArrayLike,
  axes: number | readonly number[] | undefined,
  options: KeepDims,
): NdArray {
  const input = asArray(x, op);
  refuseEmpty(op, input.shape, normalizeAxes(op, axes, input.shape.length));
  return reduceWith(maxPrimitive, input, axes, options, op);
}

function shareOfMaxima(x: NdArray, y: NdArray, axes: readonly number[]): NdArray {
  const isMaximum = convert(equal(x, expandBack(y, x, axes)), x.dtype);
  return div(isMaximum, expandBack(sum(isMaximum, axes), x, axes));
}

/**
 * y = ln Σ_j exp x_j over the given axes                  [eq:logsumexp]
 *   dy = Σ_j p_j dx_j      xBar_j = p_j yBar      p = softmax(x) = exp(x − y)
 *
 * Numerics  kernels subtract max_j x_j before exponentiating, so exp never overflows
 * Source    Blanchard, Higham & Higham, IMA J. Numer. Anal. 41(4), 2021, doi:10.1093/imanum/draa038
 */
export const logSumExpPrimitive: Primitive<ParamsOf<"logSumExp">> = {
  name: "logSumExp",
  elementwise: false,
  batching: { settings: ({ axes }) => ({ axes: axes.map(nextAxis) }) },
  outputType: ([x], { axes }) => {
    requireFloat("logSumExp", x!.dtype);
    return { shape: withoutAxes(x!.shape, axes), dtype: x!.dtype };
  },
  jvp: ([dx], [x], y, { axes }) => (dx ? sum(mul(dx, softmaxGiven(x!, y, axes)), axes) : null),
  vjp: (yBar, [x], y, { axes }) => [mul(expandBack(yBar, x!, axes), softmaxGiven(x!, y, axes))],
};

/** ln Σ exp over axes (all by default); −∞ over an empty axis. */
export function logSumExp(x: ArrayLike, axes?: number | readonly number[], options: KeepDims = {}): NdArray {
  return reduceWith(logSumExpPrimitive, x, axes, options);
}

/**
 * p_j = exp(x_j − y), given y = ln Σ_j exp x_j            [eq:softmax-given]
 *   dp_j = p_j (dx_j − dy)      xBar = p pBar,  yBar = −Σ_j p_j pBar_j
 *
 * Numerics  divided by Σ p, which is 1 up to the rounding of y
 * Edges     where y is infinite, its maxima share equally
 */
export const softmaxGivenPrimitive: Primitive<{ readonly axes: readonly number[] }> = {
  name: "softmaxGiven",
  elementwise: false,
  batching: { settings: ({ axes }) => ({ axes: axes.map(nextAxis) }) },
  outputType: ([x]) => ({ shape: x!.shape, dtype: x!.dtype }),
  jvp: ([dx, dy], [x], p, { axes }) => {
    const fromY = dy ? neg(expandBack(dy, x!, axes)) : null;
    const moved = dx && fromY ? add(dx, fromY) : (dx ?? fromY);
    return moved && mul(p, moved);
  },
  vjp: (pBar, _inputs, p, { axes }, wanted) => {
    const weighted = mul(p, pBar);
    return [weighted, wanted[1] ? neg(sum(weighted, axes)) : null];
  },
  expand: ([x, y], { axes }) => {
    const total = expandBack(y!, x!, axes);
    const atInfinity = select(equal(x!, total), zerosLike(x!), Number.NEGATIVE_INFINITY);
    const p = exp(select(equal(abs(total), Number.POSITIVE_INFINITY), atInfinity, sub(x!, total)));
    return div(p, expandBack(sum(p, axes), x!, axes));
  },
};

function softmaxGiven(x: NdArray, y: NdArray, axes: readonly number[]): NdArray {
  return bind(softmaxGivenPrimitive, [x, y], { axes });
}

/** Refuses to reduce over no elements, on behalf of `op`. */
export function refuseEmpty(op: string, shape: Shape, axes: readonly number[]): void {
  if (sizeOf(axes.map((axis) => shape[axis]!)) === 0) {
    throw new DomainError(
      op,
      `there is no ${op} over an empty axis; x is [${shape.join(", ")}], reduced over axes [${axes.join(", ")}]`,
      "Check that the batch is not empty.",
    );
  }
}
