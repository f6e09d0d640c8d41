import { type ArrayLike, isFloat, type NdArray } from "../array/ndarray.ts";
import { normalizeAxes, normalizeAxis, sizeOf } from "../array/shape.ts";
import { add, div, mul, neg, sub } from "../primitives/arithmetic.ts";
import { asArray, type KeepDims, reduceWith, sumPrimitive } from "../primitives/broadcasting.ts";
import { equal } from "../primitives/comparison.ts";
import { requireFloat } from "../primitives/elementwise.ts";
import { minimum } from "../primitives/piecewise.ts";
import { maxFor, refuseEmpty } from "../primitives/reduction.ts";
import { pairwise, reduceInTurn } from "./along-axis.ts";
import { square } from "./arithmetic.ts";
import { notEqual } from "./logic.ts";
import { positions } from "./positions.ts";

/** Arithmetic mean over axes (all by default); NaN over an empty axis. */
export function mean(x: ArrayLike, axes?: number | readonly number[], options: KeepDims = {}): NdArray {
  return meanFor("mean", x, axes, options);
}

/** `mean` on behalf of `op`, which errors name. */
function meanFor(
  op: string,
  x: ArrayLike,
  axes: number | readonly number[] | undefined,
  options: KeepDims,
): NdArray {
  const input = asArray(x, op);
  requireFloat(op, input.dtype);
  const over = normalizeAxes(op, axes, input.shape.length);
  const total = reduceWith(sumPrimitive, input, over, options, op);
  return div(total, sizeOf(over.map((axis) => input.shape[axis]!)));
}

/** Population variance, mean (x − mean x)², over axes (all by default). */
export function variance(x: ArrayLike, axes?: number | readonly number[], options: KeepDims = {}): NdArray {
  const centre = meanFor("variance", x, axes, { keepDims: true });
  return meanFor("variance", square(sub(x, centre)), axes, options);
}

/** Smallest element over axes (all by default); ties and NaN as in max. */
export function min(x: ArrayLike, axes?: number | readonly number[], options: KeepDims = {}): NdArray {
  return minFor("min", x, axes, options);
}

/**
 * `min` on behalf of `op`, which errors name: −max(−x), but for whole numbers, of which the lowest has no negative; they
 * are compared in pairs.
 */
function minFor(
  op: string,
  x: ArrayLike,
  axes: number | readonly number[] | undefined,
  options: KeepDims,
): NdArray {
  const input = asArray(x, op);
  if (isFloat(input.dtype)) return neg(maxFor(op, neg(input), axes, options));
  refuseEmpty(op, input.shape, normalizeAxes(op, axes, input.shape.length));
  return reduceInTurn(op, input, axes, options, (y, axis) => pairwise(y, axis, minimum));
}

/**
 * Index of the largest element along an axis (default the last): the first of equal ones; NaN counts as the
 * largest.
 *
 * Shapes  x: [...a, n, ...b] → [...a, ...b], int32
 */
export function argmax(x: ArrayLike, axis = -1, options: KeepDims = {}): NdArray {
  return firstAt("argmax", maxFor, x, axis, options);
}

/** Index of the first element along an axis that is the extreme one or NaN, on behalf of `op`, which errors name. */
function firstAt(
  op: string,
  extremeFor: typeof maxFor,
  x: ArrayLike,
  axis: number,
  options: KeepDims,
): NdArray {
  const input = asArray(x, op);
  const at = normalizeAxis(op, axis, input.shape.length);
  const isHere = add(equal(input, extremeFor(op, input, at, { keepDims: true })), notEqual(input, input));
  const n = input.shape[at]!;
  // The first is the one with the most elements from it to the end.
  const left = mul(isHere, sub(n, positions(input.shape, at)));
  return sub(n, maxFor(op, left, at, options));
}

/**
 * Index of the smallest element along an axis (default the last): the first of equal ones; NaN counts as
 * smallest.
 */
export function argmin(x: ArrayLike, axis = -1, options: KeepDims = {}): NdArray {
  return firstAt("argmin", minFor, x, axis, options);
}
