import type { ArrayLike, NdArray } from "../array/ndarray.ts";
import { normalizeAxis, sameShape } from "../array/shape.ts";
import { AxisError, describe, requireList, ShapeError } from "../errors.ts";
import { flag, optionsOf } from "../options.ts";
import { bind } from "../trace/bind.ts";
import { madeBy } from "../trace/tracer.ts";
import { asArray, reshape } from "./broadcasting.ts";
import { linear, nextAxis, type Primitive } from "./primitive.ts";
import type { ParamsOf } from "./table.ts";

/**
 * y[i_p(0), i_p(1), …] = x[i_0, i_1, …]: axis k of y is axis p(k) of x.          [eq:transpose]
 *   xBar = yBar under the inverse permutation
 */
export const transposePrimitive: Primitive<{ readonly permutation: readonly number[] }> = linear({
  name: "transpose",
  rearranges: true,
  batching: { settings: ({ permutation }) => ({ permutation: [0, ...permutation.map(nextAxis)] }) },
  outputType: (x, { permutation }) => ({ shape: permutation.map((axis) => x.shape[axis]!), dtype: x.dtype }),
  apply: (x, { permutation }) => transpose(x, permutation),
  transpose: (yBar, _x, { permutation }) => transpose(yBar, inverse(permutation)),
  simplify: (x, { permutation }) => {
    if (permutation.every((axis, i) => axis === i)) return x;
    const inner = madeBy(x, transposePrimitive);
    if (inner === undefined) return undefined;
    return transpose(
      inner.inputs[0]!,
      permutation.map((axis) => inner.params.permutation[axis]!),
    );
  },
});

/**
 * Reorders axes; by default reverses them.
 *
 * Errors  AxisError unless `permutation` is a permutation of the axes
 */
export function transpose(x: ArrayLike, permutation?: readonly number[]): NdArray {
  const input = asArray(x, "transpose");
  const rank = input.shape.length;
  if (permutation !== undefined)
    requireList("transpose", permutation, "the permutation", "List the axes in their new order.");
  const order = (permutation ?? Array.from({ length: rank }, (_, axis) => rank - 1 - axis)).map((axis) =>
    normalizeAxis("transpose", axis, rank),
  );
  if (order.length !== rank || new Set(order).size !== rank) {
    throw new AxisError(
      "transpose",
      `the permutation must name each of ${rank} axes once; got [${order.join(", ")}]`,
      "Leave it out to reverse the axes.",
    );
  }
  return bind(transposePrimitive, [input], { permutation: order });
}

function inverse(permutation: readonly number[]): number[] {
  return permutation.map((_, axis) => permutation.indexOf(axis));
}

/**
 * y[i] = x[start + i step] along every axis.                                      [eq:slice]
 *   xBar = yBar spread out by step, in zeros: pad with low = start, interior = step − 1
 */
export const slicePrimitive: Primitive<ParamsOf<"slice">> = linear<ParamsOf<"slice">>({
  name: "slice",
  batching: {
    settings: ({ start, stop, step }, size) => ({
      start: [0, ...start],
      stop: [size, ...stop],
      step: [1, ...step],
    }),
  },
  outputType: (x, { start, stop, step }) => ({
    shape: start.map((from, axis) => Math.max(0, Math.ceil((stop[axis]! - from) / step[axis]!))),
    dtype: x.dtype,
  }),
  apply: (x, params) => bind(slicePrimitive, [x], params),
  transpose: (yBar, x, { start, step }) => {
    const spread = (axis: number): number =>
      yBar.shape[axis] === 0 ? 0 : (yBar.shape[axis]! - 1) * step[axis]! + 1;
    return bind(padPrimitive, [yBar], {
      low: start,
      high: start.map((from, axis) => x.shape[axis]! - from - spread(axis)),
      interior: step.map((by) => by - 1),
    });
  },
  // A slice with the shape of x is x.
  simplify: (x, _params, type) => (sameShape(x.shape, type.shape) ? x : undefined),
});

/** A range of one axis: [start, stop), negative values counted from the end. */
export type Range = readonly [
  start?: number | undefined,
  stop?: number | undefined,
  step?: number | undefined,
];

/**
 * A part of x, one range per axis; axes without a range are kept whole.
 *
 *   slice(x, [0, 2])          the first two rows
 *   slice(x, [], [-1])        the last column
 *
 * Errors  AxisError for more ranges than axes; ShapeError for bounds that are not integers or out of range,
 *         and for steps below 1
 */
export function slice(x: ArrayLike, ...ranges: readonly Range[]): NdArray {
  const input = asArray(x, "slice");
  if (ranges.length > input.shape.length) {
    throw new AxisError(
      "slice",
      `at most one range per axis; got ${ranges.length} for an array of rank ${input.shape.length}`,
      "Remove a range.",
    );
  }
  const bounds = input.shape.map((extent, axis) => {
    const range = ranges[axis] ?? [];
    requireList(
      "slice",
      range,
      `the range of axis ${axis}`,
      "Write [start, stop, step]; [] keeps the axis whole.",
    );
    const [from = 0, to = extent, step = 1] = range;
    if (!Number.isInteger(step) || step < 1) {
      throw new ShapeError(
        "slice",
        `step must be a whole number above 0; got ${describe(step)}`,
        { x: input.shape },
        `Axis ${axis}.`,
      );
    }
    const [start, stop] = [from, to].map((bound) => {
      const place = Number.isInteger(bound) && bound < 0 ? bound + extent : bound;
      if (!Number.isInteger(place) || place < 0 || place > extent) {
        throw new ShapeError(
          "slice",
          `bounds of axis ${axis} must be whole numbers from ${-extent} to ${extent}; got ${describe(bound)}`,
          { x: input.shape },
          "Correct the range.",
        );
      }
      return place;
    }) as [number, number]; // map keeps the length of the pair
    return { start, stop: Math.max(start, stop), step };
  });
  return bind(slicePrimitive, [input], {
    start: bounds.map(({ start }) => start),
    stop: bounds.map(({ stop }) => stop),
    step: bounds.map(({ step }) => step),
  });
}

/**
 * y = x with zeros before (low), after (high) and between (interior) its elements.          [eq:pad]
 *   xBar = the part of yBar where x went: slice with start = low, step = interior + 1
 */
export const padPrimitive: Primitive<ParamsOf<"pad">> = linear<ParamsOf<"pad">>({
  name: "pad",
  batching: {
    settings: ({ low, high, interior }) => ({
      low: [0, ...low],
      high: [0, ...high],
      interior: [0, ...interior],
    }),
  },
  outputType: (x, { low, high, interior }) => ({
    shape: x.shape.map((n, axis) => low[axis]! + high[axis]! + n + Math.max(0, n - 1) * interior[axis]!),
    dtype: x.dtype,
  }),
  apply: (x, params) => bind(padPrimitive, [x], params),
  transpose: (yBar, x, { low, interior }) =>
    bind(slicePrimitive, [yBar], {
      start: low,
      stop: low.map((from, axis) => from + spreadExtent(x.shape[axis]!, interior[axis]!)),
      step: interior.map((gap) => gap + 1),
    }),
  simplify: (x, { low }, type) =>
    sameShape(x.shape, type.shape) && low.every((width) => width === 0) ? x : undefined,
});

function spreadExtent(n: number, gap: number): number {
  return n === 0 ? 0 : n + (n - 1) * gap;
}

/**
 * x surrounded by zeros: one [before, after] pair per axis.
 *
 * Errors  ShapeError unless there is a pair of non-negative integers for each axis
 */
export function pad(x: ArrayLike, widths: readonly (readonly [before: number, after: number])[]): NdArray {
  const input = asArray(x, "pad");
  const isPair = (pair: readonly number[]): boolean =>
    Array.isArray(pair) && pair.length === 2 && pair.every((width) => Number.isInteger(width) && width >= 0);
  if (!Array.isArray(widths) || widths.length !== input.shape.length || !widths.every(isPair)) {
    throw new ShapeError(
      "pad",
      `one pair of whole numbers of at least 0 per axis; got ${JSON.stringify(widths)}`,
      { x: input.shape },
      "Use [0, 0] for axes that stay.",
    );
  }
  return bind(padPrimitive, [input], {
    low: widths.map(([before]) => before),
    high: widths.map(([, after]) => after),
    interior: widths.map(() => 0),
  });
}

/**
 * y_i = Σ_{j ≤ i} x_j along an axis; Σ_{j ≥ i} x_j in reverse.                     [eq:cumsum]
 *   xBar = cumulative sum of yBar in the other direction
 */
export const cumsumPrimitive: Primitive<ParamsOf<"cumsum">> = linear<ParamsOf<"cumsum">>({
  name: "cumsum",
  batching: { settings: ({ axis, reverse }) => ({ axis: nextAxis(axis), reverse }) },
  outputType: (x) => x,
  apply: (x, params) => bind(cumsumPrimitive, [x], params),
  transpose: (yBar, _x, { axis, reverse }) => bind(cumsumPrimitive, [yBar], { axis, reverse: !reverse }),
});

/** Cumulative sum along an axis, from the start or (in reverse) from the end. */
export function cumsum(x: ArrayLike, axis = 0, options: { readonly reverse?: boolean } = {}): NdArray {
  const { reverse = false } = optionsOf("cumsum", options, { reverse: flag });
  const input = asArray(x, "cumsum");
  return bind(cumsumPrimitive, [input], { axis: normalizeAxis("cumsum", axis, input.shape.length), reverse });
}

/**
 * Inserts an axis of extent 1.
 *
 * Errors  AxisError for an axis out of range
 */
export function expandDims(x: ArrayLike, axis: number): NdArray {
  const input = asArray(x, "expandDims");
  const at = newAxis("expandDims", axis, input.shape.length);
  return reshape(input, [...input.shape.slice(0, at), 1, ...input.shape.slice(at)]);
}

/** The place of an axis to be inserted among `rank` others, counted from the end when negative. */
export function newAxis(op: string, axis: number, rank: number): number {
  if (Number.isInteger(axis) && axis >= -rank - 1 && axis <= rank) return axis < 0 ? axis + rank + 1 : axis;
  throw new AxisError(
    op,
    `the new axis must be a whole number from ${-rank - 1} to ${rank} for arrays of rank ${rank}; got ${describe(axis)}`,
    "Negative axes count from the last one of the result.",
  );
}
