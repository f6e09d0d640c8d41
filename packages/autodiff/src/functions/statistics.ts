import type { ArrayLike, NdArray } from "../array/ndarray.ts";
import { normalizeAxes, sizeOf } from "../array/shape.ts";
import { div, sub } from "../primitives/arithmetic.ts";
import { asArray, type KeepDims, sum } from "../primitives/broadcasting.ts";
import { square } from "./arithmetic.ts";

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
