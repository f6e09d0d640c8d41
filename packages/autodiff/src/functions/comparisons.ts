import type { ArrayLike, NdArray } from "../array/ndarray.ts";
import { sub } from "../primitives/arithmetic.ts";
import { equal, less, lessEqual } from "../primitives/comparison.ts";

/** 1 where x > y. */
export function greater(x: ArrayLike, y: ArrayLike): NdArray {
  return less(y, x);
}

/** 1 where x ≥ y. */
export function greaterEqual(x: ArrayLike, y: ArrayLike): NdArray {
  return lessEqual(y, x);
}

/** 1 where x ≠ y, NaN included. */
export function notEqual(x: ArrayLike, y: ArrayLike): NdArray {
  return sub(1, equal(x, y));
}
