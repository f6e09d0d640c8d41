import type { ArrayLike, NdArray } from "../array/ndarray.ts";
import { normalizeAxes, normalizeAxis, sizeOf } from "../array/shape.ts";
import { add, div, mul, neg, sub } from "../primitives/arithmetic.ts";
import { asArray, type KeepDims, sum } from "../primitives/broadcasting.ts";
import { equal } from "../primitives/comparison.ts";
import { max } from "../primitives/reduction.ts";
import { square } from "./arithmetic.ts";
import { notEqual } from "./logic.ts";
import { positions } from "./positions.ts";

/** Arithmetic mean over axes (all by default); NaN over an empty axis. */
export function mean(x: ArrayLike, axes?: number | readonly number[], options: KeepDims = {}): NdArray {
  const input = asArray(x, "mean");
  const over = normalizeAxes("mean", axes, input.shape.length);
  return div(sum(input, over, options), sizeOf(over.map((axis) => input.shape[axis]!)));
}

/** Population variance, mean (x − mean x)², over axes (all by default). */
export function variance(x: ArrayLike, axes?: number | readonly number[], options: KeepDims = {}): NdArray {
  return mean(square(sub(x, mean(x, axes, { keepDims: true }))), axes, options);
}

/** Smallest element over axes (all by default): −max(−x), so ties and NaN behave as in max. */
export function min(x: ArrayLike, axes?: number | readonly number[], options: KeepDims = {}): NdArray {
  return neg(max(neg(x), axes, options));
}

/**
 * Index of the largest element along an axis (default the last): the first of equal ones; NaN counts as the
 * largest.
 *
 * Shapes  x: [...a, n, ...b] → [...a, ...b], int32
 */
export function argmax(x: ArrayLike, axis = -1, options: KeepDims = {}): NdArray {
  const input = asArray(x, "argmax");
  const at = normalizeAxis("argmax", axis, input.shape.length);
  const isLargest = add(equal(input, max(input, at, { keepDims: true })), notEqual(input, input));
  const n = input.shape[at]!;
  // The first maximum is the one with the most elements from it to the end.
  const left = mul(isLargest, sub(n, positions(input.shape, at)));
  return sub(n, max(left, at, options));
}

/**
 * Index of the smallest element along an axis (default the last): the first of equal ones; NaN counts as
 * smallest.
 */
export function argmin(x: ArrayLike, axis = -1, options: KeepDims = {}): NdArray {
  return argmax(neg(x), axis, options);
}
