import type { NdArray } from "../array/ndarray.ts";
import { keepingAxes, normalizeAxes, type Shape, withoutAxes } from "../array/shape.ts";
import { optionsOf } from "../options.ts";
import { type KeepDims, keepDimsOptions, reshape } from "../primitives/broadcasting.ts";
import { concat } from "../primitives/joining.ts";
import { type Range, slice } from "../primitives/movement.ts";

/** The indices [start, stop) of one axis. */
export function part(x: NdArray, axis: number, start: number, stop: number): NdArray {
  const ranges = (shape: Shape): Range[] => shape.map((_, a): Range => (a === axis ? [start, stop] : []));
  return slice(x, ...ranges(x.shape));
}

/** Combines one half of an axis with the other until one element is left, which takes log₂ n levels. */
export function pairwise(x: NdArray, axis: number, combine: (a: NdArray, b: NdArray) => NdArray): NdArray {
  const n = x.shape[axis]!;
  if (n === 1) return x;
  const half = Math.floor(n / 2);
  const pairs = combine(part(x, axis, 0, half), part(x, axis, half, 2 * half));
  const rest = n % 2 === 1 ? concat([pairs, part(x, axis, n - 1, n)], axis) : pairs;
  return pairwise(rest, axis, combine);
}

/** A reduction over axes (all by default) that is made of steps; each leaves one element of its axis. */
export function reduceInTurn(
  op: string,
  x: NdArray,
  axes: number | readonly number[] | undefined,
  options: KeepDims,
  along: (x: NdArray, axis: number) => NdArray,
): NdArray {
  const { keepDims = false } = optionsOf(op, options, keepDimsOptions);
  const over = normalizeAxes(op, axes, x.shape.length);
  const reduced = over.reduce((y, axis) => along(y, axis), x);
  return reshape(reduced, (keepDims ? keepingAxes : withoutAxes)(x.shape, over)); // a copy, if it is x
}
