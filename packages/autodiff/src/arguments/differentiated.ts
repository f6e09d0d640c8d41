import { type ArrayType, isFloat, type NdArray } from "../array/ndarray.ts";
import { sameShape, sizeOf } from "../array/shape.ts";
import { type Flattened, flatten, sameStructure } from "../array/tree.ts";
import { DTypeError, ShapeError, TreeError } from "../errors.ts";
import { requireSound } from "../trace/tracer.ts";

/** The leaves of a differentiated argument, all of which must be floating point. */
export function differentiable(op: string, tree: unknown, name: string): Flattened {
  const flat = flatten(tree, op, name);
  requireSound(op, flat.leaves, flat.paths);
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
  requireSound(op, flat.leaves, flat.paths);
  if (!sameStructure(flat.structure, tree.structure)) {
    throw new TreeError(
      op,
      `${name} must have the structure of the value it belongs to; got leaves ${flat.paths.join(", ") || "none"}, ` +
        `expected ${tree.leaves.length}: ${tree.paths.join(", ")}`,
      "Build it from that value with mapTree.",
    );
  }
  flat.leaves.forEach((leaf, i) => {
    requireLike(op, flat.paths[i]!, leaf, tree.leaves[i]!);
  });
  return flat.leaves;
}

/** Requires a derivative, or a next value, to have the shape and element type of the value it belongs to. */
export function requireLike(op: string, name: string, got: ArrayType, expected: ArrayType): void {
  if (!sameShape(got.shape, expected.shape)) {
    throw new ShapeError(
      op,
      `${name} must have the shape of the value it belongs to`,
      { got: got.shape, expected: expected.shape },
      "Broadcast or reshape it.",
    );
  }
  if (got.dtype !== expected.dtype) {
    throw new DTypeError(
      op,
      `${name} must be ${expected.dtype}, as the value it belongs to; got ${got.dtype}`,
      "Change it with convert(x, dtype).",
    );
  }
}

/** Requires that f returned a single floating-point number. */
export function requireScalar(op: string, output: unknown): NdArray {
  const { leaves } = flatten(output, op, "output");
  const [value] = leaves;
  if (leaves.length !== 1 || value === undefined || value.shape.length !== 0) {
    throw new ShapeError(
      op,
      `the function must return one scalar; it returned ${leaves.length === 1 ? "an array" : `${leaves.length} arrays`}`,
      Object.fromEntries(leaves.map((leaf, i) => [`output ${i}`, leaf.shape])),
      sizeOf(value?.shape ?? []) === 1
        ? "Use reshape(y, [])."
        : "Reduce it with sum or mean, or use jacobian.",
    );
  }
  if (!isFloat(value.dtype)) {
    throw new DTypeError(
      op,
      `the function must return a floating-point scalar; got ${value.dtype}`,
      "Use convert(y, dtype).",
    );
  }
  return value;
}
