/** `inAxes`: the axis of every argument along which vmap maps. */

import type { NdArray } from "../array/ndarray.ts";
import { normalizeAxis } from "../array/shape.ts";
import { leavesIn, type Structure } from "../array/tree.ts";
import { AxisError, ShapeError, TreeError } from "../errors.ts";
import { transpose } from "../primitives/movement.ts";

/**
 * The mapped axis of every array; null if all examples share the array. Given for a whole tree or its parts.
 */
export type InAxes = number | null | readonly InAxes[] | { readonly [name: string]: InAxes };

/** The axis of every leaf. */
export function axesOf(structure: Structure, axes: InAxes, path: string): (number | null)[] {
  if (structure.kind === "leaf" || typeof axes !== "object" || axes === null) {
    const leaves = structure.kind === "leaf" ? 1 : leavesIn(structure);
    if (typeof axes === "number" || axes === null) return new Array<number | null>(leaves).fill(axes);
    throw axesMismatch(path, "an axis or null");
  }
  if (structure.kind === "list") {
    if (!Array.isArray(axes) || axes.length !== structure.items.length) {
      throw axesMismatch(path, `${structure.items.length} entries`);
    }
    return structure.items.flatMap((item, i) => axesOf(item, axes[i], `${path}[${i}]`));
  }
  const named = axes as { readonly [name: string]: InAxes }; // a list has none of the names
  const names = structure.fields.map(([name]) => name);
  if (names.some((name) => !(name in axes)) || Object.keys(axes).length !== names.length) {
    throw axesMismatch(path, `the names ${names.join(", ")}`);
  }
  return structure.fields.flatMap(([name, field]) => axesOf(field, named[name]!, `${path}.${name}`));
}

function axesMismatch(path: string, expected: string): TreeError {
  return new TreeError(
    "vmap",
    `inAxes must have ${expected} for ${path}`,
    "One number, or null, applies to a whole tree.",
  );
}

/** The array with the mapped axis moved to the front. */
export function withAxisFirst(x: NdArray, axis: number | null, path: string): NdArray {
  if (axis === null) return x;
  const rank = x.shape.length;
  if (rank === 0) {
    throw new AxisError(
      "vmap",
      `every argument needs an axis to map over; ${path} is a scalar`,
      "Close over what is the same for all, or give it the axis null in inAxes.",
    );
  }
  const place = normalizeAxis("vmap", axis, rank);
  const others = Array.from({ length: rank }, (_, k) => k).filter((k) => k !== place);
  return place === 0 ? x : transpose(x, [place, ...others]);
}

/** The common extent of the mapped axes. */
export function commonExtent(
  inputs: readonly NdArray[],
  isMapped: readonly boolean[],
  paths: readonly string[],
): number {
  const mapped = inputs.flatMap(({ shape }, i) => (isMapped[i] ? [[paths[i]!, shape] as const] : []));
  const size = mapped[0]?.[1][0];
  if (size === undefined) {
    throw new AxisError("vmap", "there is no argument to map over", "Close over what is the same for all.");
  }
  if (mapped.some(([, shape]) => shape[0] !== size)) {
    throw new ShapeError(
      "vmap",
      "the mapped axes must have the same extent",
      Object.fromEntries(mapped),
      "Close over what is the same for all, or give it the axis null in inAxes.",
    );
  }
  return size;
}
