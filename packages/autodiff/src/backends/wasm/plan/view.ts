/**
 * A strided view of a value: element (i_0, i_1, ...) is at position offset + sum_d i_d strides_d of its
 * buffer. Broadcasts, transposes, slices and most reshapes only create another view; nothing is copied until
 * an operation needs contiguous elements.
 */

import { broadcastStrides, type Shape, sameShape, sizeOf, stridesOf } from "../../../array/shape.ts";
import type { Node } from "./nodes.ts";

export interface View {
  readonly node: Node;
  readonly shape: Shape;
  /** In elements. */
  readonly offset: number;
  readonly strides: readonly number[];
}

/** The view of a node's whole buffer. */
export function viewOf(node: Node): View {
  return { node, shape: node.type.shape, offset: 0, strides: stridesOf(node.type.shape) };
}

/** Whether two views have the same elements at the same indices. */
export function sameView(x: View, y: View): boolean {
  return (
    x.node === y.node &&
    x.offset === y.offset &&
    sameShape(x.shape, y.shape) &&
    sameShape(x.strides, y.strides)
  );
}

export function broadcastView(x: View, shape: Shape): View {
  const stretched = broadcastStrides(x.shape, shape); // zero where an axis is new or stretched
  const missing = shape.length - x.shape.length;
  return {
    ...x,
    shape,
    strides: stretched.map((stride, axis) => (stride === 0 ? 0 : x.strides[axis - missing]!)),
  };
}

export function permuteView(x: View, permutation: readonly number[]): View {
  return {
    ...x,
    shape: permutation.map((axis) => x.shape[axis]!),
    strides: permutation.map((axis) => x.strides[axis]!),
  };
}

export function sliceView(x: View, shape: Shape, start: readonly number[], step: readonly number[]): View {
  return {
    ...x,
    shape,
    offset: x.offset + start.reduce((sum, from, axis) => sum + from * x.strides[axis]!, 0),
    strides: x.strides.map((stride, axis) => stride * step[axis]!),
  };
}

/** Whether the elements are in row-major order without gaps. */
export function isContiguous({ shape, strides }: View): boolean {
  const packed = stridesOf(shape);
  return shape.every((extent, axis) => extent === 1 || strides[axis] === packed[axis]) || sizeOf(shape) === 0;
}

/** Whether a view is its node's whole buffer, element for element. */
export function isWhole(x: View): boolean {
  return x.offset === 0 && isContiguous(x) && sizeOf(x.shape) === sizeOf(x.node.type.shape);
}

/**
 * The view reshaped to another shape of the same size, or undefined if that needs a copy. Axes of extent 1
 * can be added and dropped freely; a contiguous run of axes can be split differently.
 */
export function reshapeView(x: View, shape: Shape): View | undefined {
  if (isContiguous(x)) return { ...x, shape, strides: stridesOf(shape) };
  const kept = x.shape.flatMap((extent, axis) =>
    extent === 1 ? [] : [{ extent, stride: x.strides[axis]! }],
  );
  const wanted = shape.filter((extent) => extent !== 1);
  if (kept.length !== wanted.length || kept.some(({ extent }, i) => extent !== wanted[i])) return undefined;
  let next = 0;
  return { ...x, shape, strides: shape.map((extent) => (extent === 1 ? 0 : kept[next++]!.stride)) };
}
