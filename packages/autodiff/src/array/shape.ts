import { AxisError, describe, ShapeError } from "../errors.ts";

/** The extent of an array along each axis; [] is a scalar, and an extent of 0 is allowed. */
export type Shape = readonly number[];

/** Number of elements: the product of the extents (1 for a scalar). */
export function sizeOf(shape: Shape): number {
  return shape.reduce((size, extent) => size * extent, 1);
}

/** Refuses anything but a list of non-negative integers. */
export function checkShape(op: string, shape: Shape): void {
  checkShapeIsList(op, shape);
  if (shape.every(isExtent)) return;
  throw new ShapeError(
    op,
    "extents must be whole numbers of at least 0",
    { shape },
    "Give the shape as a list such as [2, 3].",
  );
}

/** The same without a look at the extents, one of which may be open. */
export function checkShapeIsList(op: string, shape: unknown): void {
  if (Array.isArray(shape)) return;
  throw new ShapeError(
    op,
    `a shape is a list of extents; got ${describe(shape)}`,
    {},
    "Give it as a list such as [2, 3]; that of a scalar is [].",
  );
}

/** Refuses anything but a non-negative integer. */
export function checkCount(op: string, name: string, count: number): void {
  if (isExtent(count)) return;
  throw new ShapeError(
    op,
    `${name} must be a whole number of at least 0; got ${describe(count)}`,
    {},
    "Correct it.",
  );
}

function isExtent(extent: number): boolean {
  return Number.isSafeInteger(extent) && extent >= 0;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((extent, axis) => extent === b[axis]);
}

/** Row-major strides, in elements: the last axis is contiguous. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) {
    strides[axis] = strides[axis + 1]! * shape[axis + 1]!;
  }
  return strides;
}

/**
 * Strides that read an array of shape `from` as if it had shape `to`: 0 along every stretched axis.
 * Axes are aligned from the last one, and an extent of 1 stretches (NumPy's broadcasting rule).
 */
export function broadcastStrides(from: Shape, to: Shape): number[] {
  const own = stridesOf(from);
  const missing = to.length - from.length;
  return to.map((_, axis) => (axis < missing || from[axis - missing] === 1 ? 0 : own[axis - missing]!));
}

export function canBroadcast(from: Shape, to: Shape): boolean {
  const missing = to.length - from.length;
  return missing >= 0 && from.every((extent, axis) => extent === 1 || extent === to[axis + missing]);
}

/** The common shape of several arrays under NumPy's broadcasting rule. */
export function broadcastShapes(op: string, shapes: Readonly<Record<string, Shape>>): Shape {
  const list = Object.values(shapes);
  const rank = Math.max(0, ...list.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    const extents = list.map((shape) => shape[axis - rank + shape.length] ?? 1);
    const wanted = extents.find((extent) => extent !== 1) ?? 1;
    if (extents.some((extent) => extent !== 1 && extent !== wanted)) {
      throw new ShapeError(
        op,
        "shapes must agree from the last axis, or be 1 where they differ",
        shapes,
        "Reshape one of them, or insert an axis with expandDims.",
      );
    }
    return wanted;
  });
}

/** An axis counted from the end when negative. */
export function normalizeAxis(op: string, axis: number, rank: number): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    throw new AxisError(
      op,
      `axis must be a whole number from ${-rank} to ${rank - 1} for an array of rank ${rank}; got ${describe(axis)}`,
      rank === 0 ? "A scalar has no axes." : "Negative axes count from the last one.",
    );
  }
  return axis < 0 ? axis + rank : axis;
}

/** Axes in ascending order, each once; undefined means all. */
export function normalizeAxes(
  op: string,
  axes: number | readonly number[] | undefined,
  rank: number,
): number[] {
  if (axes === undefined) return Array.from({ length: rank }, (_, axis) => axis);
  const list = (Array.isArray(axes) ? axes : [axes]).map((axis) => normalizeAxis(op, axis, rank));
  const unique = new Set(list);
  if (unique.size !== list.length) {
    throw new AxisError(
      op,
      `each axis may be named once; got [${list.join(", ")}]`,
      "Remove the repeated axis.",
    );
  }
  return [...unique].sort((a, b) => a - b);
}

/** The shape without the given axes (ascending, normalised). */
export function withoutAxes(shape: Shape, axes: readonly number[]): number[] {
  return shape.filter((_, axis) => !axes.includes(axis));
}

/** The shape with the given axes kept as extents of 1. */
export function keepingAxes(shape: Shape, axes: readonly number[]): number[] {
  return shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
}
