import type { ArrayLike, NdArray } from "../array/ndarray.ts";
import { mul, sub } from "../primitives/arithmetic.ts";
import { asArray, type KeepDims, sum } from "../primitives/broadcasting.ts";
import { convert, equal, less, lessEqual } from "../primitives/comparison.ts";

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

// Operations on masks: any value other than 0 is true. Results are int32, 0 or 1.

/** 1 where both are true. */
export function logicalAnd(x: ArrayLike, y: ArrayLike): NdArray {
  return mul(notEqual(x, 0), notEqual(y, 0));
}

/** 1 where at least one is true. */
export function logicalOr(x: ArrayLike, y: ArrayLike): NdArray {
  return sub(1, mul(equal(x, 0), equal(y, 0)));
}

/** 1 where exactly one is true. */
export function logicalXor(x: ArrayLike, y: ArrayLike): NdArray {
  return notEqual(equal(x, 0), equal(y, 0));
}

/** 1 where x is false. */
export function logicalNot(x: ArrayLike): NdArray {
  return equal(x, 0);
}

/** Whether any element is true over axes (all by default); false over an empty axis. */
export function any(x: ArrayLike, axes?: number | readonly number[], options: KeepDims = {}): NdArray {
  return less(0, sum(notEqual(asArray(x, "any"), 0), axes, options));
}

/** Whether all elements are true over axes (all by default); true over an empty axis. */
export function all(x: ArrayLike, axes?: number | readonly number[], options: KeepDims = {}): NdArray {
  return equal(sum(convert(equal(asArray(x, "all"), 0), "int32"), axes, options), 0);
}
