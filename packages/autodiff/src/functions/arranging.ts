import { arange, array, ones, zeros } from "../array/creation.ts";
import type { ArrayLike, NdArray } from "../array/ndarray.ts";
import { checkShape, normalizeAxes, normalizeAxis } from "../array/shape.ts";
import { describe, requireList, ShapeError } from "../errors.ts";
import { add } from "../primitives/arithmetic.ts";
import { asArray, broadcastTo, commonDType, reshape } from "../primitives/broadcasting.ts";
import { select } from "../primitives/comparison.ts";
import { asIndices, gather, scatterAdd } from "../primitives/indexing.ts";
import { concat } from "../primitives/joining.ts";
import { slice } from "../primitives/movement.ts";
import { part } from "./along-axis.ts";

/** Reverses the order of the elements along axes (all by default). */
export function flip(x: ArrayLike, axes?: number | readonly number[]): NdArray {
  const input = asArray(x, "flip");
  const flipped = normalizeAxes("flip", axes, input.shape.length).reduce((y, axis) => {
    const n = y.shape[axis]!;
    return gather(y, array(Int32Array.from({ length: n }, (_, i) => n - 1 - i)), axis);
  }, input);
  return reshape(flipped, input.shape); // a copy, if it is x
}

/**
 * y_{i + shift} = x_i along an axis; elements that leave at one end enter at the other.
 *
 * Errors  ShapeError unless the shift is an integer
 */
export function roll(x: ArrayLike, shift: number, axis = -1): NdArray {
  const input = asArray(x, "roll");
  const at = normalizeAxis("roll", axis, input.shape.length);
  if (!Number.isInteger(shift)) {
    throw new ShapeError(
      "roll",
      `the shift must be a whole number; got ${describe(shift)}`,
      { x: input.shape },
      "Round it.",
    );
  }
  const n = input.shape[at]!;
  const by = n === 0 ? 0 : ((shift % n) + n) % n;
  return by === 0
    ? reshape(input, input.shape)
    : concat([part(input, at, n - by, n), part(input, at, 0, n - by)], at);
}

/**
 * Repeats the whole array `times` along each axis; missing axes are added in front.
 *
 * Errors  ShapeError unless all times are non-negative integers
 */
export function tile(x: ArrayLike, times: readonly number[]): NdArray {
  const input = asArray(x, "tile");
  requireList("tile", times, "repetitions", "Give one per axis, as in [2, 1].");
  if (!times.every((count) => Number.isInteger(count) && count >= 0)) {
    throw new ShapeError(
      "tile",
      `repetitions must be whole numbers of at least 0; got ${times.map(describe).join(", ")}`,
      { x: input.shape },
      "Give one per axis.",
    );
  }
  const rank = Math.max(times.length, input.shape.length);
  const shape = [...Array.from({ length: rank - input.shape.length }, () => 1), ...input.shape];
  const counts = [...Array.from({ length: rank - times.length }, () => 1), ...times];
  const between = reshape(
    input,
    shape.flatMap((extent) => [1, extent]),
  );
  const repeated = broadcastTo(
    between,
    shape.flatMap((extent, axis) => [counts[axis]!, extent]),
  );
  return reshape(
    repeated,
    shape.map((extent, axis) => counts[axis]! * extent),
  );
}

/**
 * The block of the given sizes that starts at computed indices; an index out of range is an error, as in
 * gather.
 *
 * Shapes  x: [...s], starts: [rank of x], int32, sizes: one per axis → [...sizes]
 * Errors  ShapeError unless there are one start and one size per axis, which fits; DTypeError for starts that are not int32
 */
export function dynamicSlice(x: ArrayLike, starts: NdArray, sizes: readonly number[]): NdArray {
  const input = asArray(x, "dynamicSlice");
  checkShape("dynamicSlice", sizes);
  requireStarts("dynamicSlice", input, starts, sizes);
  const block = sizes.reduce<NdArray>(
    (y, size, axis) => gather(y, indicesFrom(starts, axis, size), axis),
    input,
  );
  return reshape(block, sizes); // a copy, if it is x
}

/**
 * x with the block that starts at computed indices replaced; a block that does not fit is an error.
 *
 * Shapes  x: [...s], block: the same rank, starts: [rank of x], int32 → [...s]
 * Errors  ShapeError unless the block has the rank of x and fits, and there is one start per axis; DTypeError for a block
 *         of another element type, or starts that are not int32
 */
export function dynamicUpdate(x: ArrayLike, block: NdArray, starts: NdArray): NdArray {
  const input = asArray(x, "dynamicUpdate");
  requireStarts("dynamicUpdate", input, starts, asArray(block, "dynamicUpdate", "block").shape);
  commonDType("dynamicUpdate", { x: input, block });
  const amid = (part: NdArray): NdArray =>
    part.shape.reduce<NdArray>((y, size, axis) => {
      const around = zeros(y.shape.with(axis, input.shape[axis]!), y.dtype);
      return scatterAdd(around, indicesFrom(starts, axis, size), y, axis);
    }, part);
  return select(amid(ones(block.shape, "int32")), amid(block), input);
}

/** The indices that a block covers along one axis. */
function indicesFrom(starts: NdArray, axis: number, size: number): NdArray {
  return add(slice(starts, [axis, axis + 1]), arange(size, "int32"));
}

function requireStarts(op: string, x: NdArray, starts: NdArray, sizes: readonly number[]): void {
  const rank = x.shape.length;
  const { shape } = asIndices(op, starts, "starts");
  if (shape.length !== 1 || shape[0] !== rank || sizes.length !== rank) {
    throw new ShapeError(
      op,
      `one start and one size per axis of x; got ${sizes.length} sizes`,
      { x: x.shape, starts: shape },
      'Name them all: array([0, 2], undefined, "int32").',
    );
  }
  if (sizes.every((size, axis) => size <= x.shape[axis]!)) return;
  throw new ShapeError(op, "the block must fit into x", { x: x.shape, block: sizes }, "Make it smaller.");
}
