import type { ArrayLike, NdArray } from "../array/ndarray.ts";
import { sameShape } from "../array/shape.ts";
import { ShapeError } from "../errors.ts";
import { mul } from "../primitives/arithmetic.ts";
import { asArray, broadcastPair, commonDType, sum } from "../primitives/broadcasting.ts";
import { maximum, minimum } from "../primitives/piecewise.ts";

/** x². */
export function square(x: ArrayLike): NdArray {
  const y = asArray(x, "square");
  return mul(y, y);
}

/** x clipped to the interval between two bounds; the derivative is 1 inside, 0 outside and 1/2 on a bound. */
export function clip(x: ArrayLike, low: ArrayLike, high: ArrayLike): NdArray {
  const above = maximum(...broadcastPair("clip", { x, low }));
  return minimum(...broadcastPair("clip", { x: above, high }));
}

/**
 * Σ x_i y_i over all elements: the inner product of two arrays of one shape.
 *
 * Shapes  [...s], [...s] → []
 * Errors  ShapeError if the shapes differ, DTypeError if the element types do
 */
export function dot(x: ArrayLike, y: ArrayLike): NdArray {
  const [a, b] = [asArray(x, "dot").shape, asArray(y, "dot", "y").shape];
  if (!sameShape(a, b)) {
    throw new ShapeError(
      "dot",
      "both arrays must have the same shape",
      { x: a, y: b },
      "Use sum(mul(x, y), axes).",
    );
  }
  commonDType("dot", { x, y });
  return sum(mul(x, y));
}
