import type { ArrayLike, NdArray } from "../array/ndarray.ts";
import { normalizeAxis } from "../array/shape.ts";
import { describe, ShapeError } from "../errors.ts";
import { asArray, broadcastTo, reshape, sum } from "../primitives/broadcasting.ts";
import { equal, less, select } from "../primitives/comparison.ts";
import { part } from "./along-axis.ts";
import { greater, logicalAnd, logicalNot, logicalOr } from "./logic.ts";
import { positions } from "./positions.ts";

// Every element is compared with every other, n² comparisons along an axis: for hundreds of elements, not
// millions.

/**
 * The elements along an axis (default the last) in ascending order, NaN last; equal ones keep their order.       [eq:sort]
 *   dy = dx in the same order
 */
export function sort(x: ArrayLike, axis = -1): NdArray {
  const input = asArray(x, "sort");
  const at = normalizeAxis("sort", axis, input.shape.length);
  return atRanks(input, ranks(input, at), at);
}

/** The indices, along an axis (default the last), that sort the elements as `sort` does. */
export function argsort(x: ArrayLike, axis = -1): NdArray {
  const input = asArray(x, "argsort");
  const at = normalizeAxis("argsort", axis, input.shape.length);
  return atRanks(indicesAlong(input, at), ranks(input, at), at);
}

/** The index of every element along the axis. */
function indicesAlong({ shape }: NdArray, axis: number): NdArray {
  return broadcastTo(positions(shape, axis), shape);
}

/**
 * The k largest elements along an axis (default the last), largest first, and their indices.
 *
 * Errors  ShapeError unless k is an integer from 0 to the extent of the axis
 */
export function topK(
  x: ArrayLike,
  k: number,
  axis = -1,
): { readonly values: NdArray; readonly indices: NdArray } {
  const input = asArray(x, "topK");
  const at = normalizeAxis("topK", axis, input.shape.length);
  const n = input.shape[at]!;
  if (!Number.isInteger(k) || k < 0 || k > n) {
    throw new ShapeError(
      "topK",
      `k must be a whole number from 0 to ${n}; got ${describe(k)}`,
      { x: input.shape },
      "Take fewer.",
    );
  }
  const rank = ranks(input, at, greater);
  return {
    values: part(atRanks(input, rank, at), at, 0, k),
    indices: part(atRanks(indicesAlong(input, at), rank, at), at, 0, k),
  };
}

/**
 * The rank of every element along the axis: the number of elements sorted before it, those that precede it, and equal
 * ones of a lower index. NaN comes last.
 */
function ranks(x: NdArray, axis: number, precedes: typeof greater = less): NdArray {
  const { shape } = x;
  const own = reshape(x, shape.toSpliced(axis + 1, 0, 1)); // [..., i, 1, ...]
  const other = reshape(x, shape.toSpliced(axis, 0, 1)); // [..., 1, j, ...]
  const place = positions(shape, axis);
  const earlier = less(
    reshape(place, place.shape.toSpliced(axis, 0, 1)),
    reshape(place, place.shape.toSpliced(axis + 1, 0, 1)),
  );
  const [isNumber, otherIsNumber] = [equal(own, own), equal(other, other)];
  const bothNaN = logicalNot(logicalOr(isNumber, otherIsNumber));
  const isAhead = logicalOr(precedes(other, own), logicalAnd(otherIsNumber, logicalNot(isNumber)));
  const before = logicalOr(isAhead, logicalAnd(logicalOr(equal(other, own), bothNaN), earlier));
  return sum(before, axis + 1);
}

/** Moves the element of rank r to index r. */
function atRanks(x: NdArray, rank: NdArray, axis: number): NdArray {
  const target = reshape(
    positions(x.shape, axis),
    x.shape.map((n, a) => (a === axis ? n : 1)).toSpliced(axis + 1, 0, 1),
  );
  const isHere = equal(target, reshape(rank, rank.shape.toSpliced(axis, 0, 1)));
  return sum(select(isHere, reshape(x, x.shape.toSpliced(axis, 0, 1)), 0), axis + 1);
}
