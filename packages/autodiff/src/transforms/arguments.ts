import { type ArrayLike, isFloat, type NdArray } from "../array/ndarray.ts";
import { sameShape } from "../array/shape.ts";
import { type Flattened, flatten, sameStructure } from "../array/tree.ts";
import { DTypeError, ShapeError, TreeError } from "../errors.ts";

/** The leaves of what is differentiated, all of which must be floating point. */
export function differentiable(op: string, tree: unknown, name: string): Flattened {
  const flat = flatten(tree, op, name);
  flat.leaves.forEach(({ dtype }, i) => {
    if (isFloat(dtype)) return;
    throw new DTypeError(
      op,
      `only floating-point arrays can be differentiated; ${flat.paths[i]} is ${dtype}`,
      "Pass it as a further argument, or close over it.",
    );
  });
  return flat;
}

/** Checks that a tangent (or cotangent) tree matches the tree it belongs to, leaf by leaf. */
export function matching(op: string, tree: Flattened, other: unknown, name: string): NdArray[] {
  const flat = flatten(other, op, name);
  if (!sameStructure(flat.structure, tree.structure)) {
    throw new TreeError(
      op,
      `${name} must have the structure of the value it belongs to; got leaves ${flat.paths.join(", ") || "none"}, ` +
        `expected ${tree.leaves.length}: ${tree.paths.join(", ")}`,
      "Build it with mapTree from that value.",
    );
  }
  flat.leaves.forEach((leaf, i) => {
    const expected = tree.leaves[i]!;
    if (!sameShape(leaf.shape, expected.shape)) {
      throw new ShapeError(
        op,
        `${flat.paths[i]} must have the shape of the value it belongs to`,
        { got: leaf.shape, expected: expected.shape },
        "Broadcast or reshape it.",
      );
    }
    if (leaf.dtype !== expected.dtype) {
      throw new DTypeError(
        op,
        `${flat.paths[i]} must be ${expected.dtype}, as the value it belongs to; got ${leaf.dtype}`,
        "Change it with convert(x, dtype).",
      );
    }
  });
  return flat.leaves;
}

/** A function of arrays with one scalar result. */
export type ScalarFunction<X, Rest extends readonly unknown[]> = (x: X, ...rest: Rest) => ArrayLike;
