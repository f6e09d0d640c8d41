import type { ArrayLike, NdArray } from "../array/ndarray.ts";
import { mul, sub } from "../primitives/arithmetic.ts";
import {
  asArray,
  broadcastPair,
  type KeepDims,
  reduceWith,
  sumPrimitive,
} from "../primitives/broadcasting.ts";
import { equal, less, lessEqual } from "../primitives/comparison.ts";

/** 1 where x > y. */
export function greater(x: ArrayLike, y: ArrayLike): NdArray {
  const [a, b] = broadcastPair("greater", { x, y });
  return less(b, a);
}

/** 1 where x ≥ y. */
export function greaterEqual(x: ArrayLike, y: ArrayLike): NdArray {
  const [a, b] = broadcastPair("greaterEqual", { x, y });
  return lessEqual(b, a);
}

/** 1 where x ≠ y, NaN included. */
export function notEqual(x: ArrayLike, y: ArrayLike): NdArray {
  return sub(1, equal(...broadcastPair("notEqual", { x, y })));
}

// Operations on masks: any value other than 0 is true. Results are int32, 0 or 1.

function isTrue(x: NdArray): NdArray {
  return notEqual(x, 0);
}

function isFalse(x: NdArray): NdArray {
  return equal(x, 0);
}

/** The masks of two arrays, broadcast to one shape. */
function masks(op: string, mask: (x: NdArray) => NdArray, x: ArrayLike, y: ArrayLike): [NdArray, NdArray] {
  return broadcastPair(op, { x: mask(asArray(x, op)), y: mask(asArray(y, op, "y")) });
}

/** 1 where both are true. */
export function logicalAnd(x: ArrayLike, y: ArrayLike): NdArray {
  return mul(...masks("logicalAnd", isTrue, x, y));
}

/** 1 where at least one is true. */
export function logicalOr(x: ArrayLike, y: ArrayLike): NdArray {
  return sub(1, mul(...masks("logicalOr", isFalse, x, y)));
}

/** 1 where exactly one is true. */
export function logicalXor(x: ArrayLike, y: ArrayLike): NdArray {
  return notEqual(...masks("logicalXor", isFalse, x, y));
}

/** 1 where x is false. */
export function logicalNot(x: ArrayLike): NdArray {
  return isFalse(asArray(x, "logicalNot"));
}

/** Whether any element is true over axes (all by default); false over an empty axis. */
export function any(x: ArrayLike, axes?: number | readonly number[], options: KeepDims = {}): NdArray {
  return less(0, reduceWith(sumPrimitive, isTrue(asArray(x, "any")), axes, options, "any"));
}

/** Whether all elements are true over axes (all by default); true over an empty axis. */
export function all(x: ArrayLike, axes?: number | readonly number[], options: KeepDims = {}): NdArray {
  return equal(reduceWith(sumPrimitive, isFalse(asArray(x, "all")), axes, options, "all"), 0);
}
