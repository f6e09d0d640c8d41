import type { NdArray } from "../array/ndarray.ts";
import { sizeOf } from "../array/shape.ts";
import { type Argument, flatten, unflatten } from "../array/tree.ts";
import { ShapeError, TreeError } from "../errors.ts";
import { asArray, reshape } from "../primitives/broadcasting.ts";
import { concat } from "../primitives/joining.ts";
import { slice } from "../primitives/movement.ts";

/**
 * Flattens a parameter tree into one vector, and returns the inverse map; both are differentiable.
 *
 *   const [vector, unravel] = ravel(theta);   unravel(vector) equals theta
 *
 * Shapes  vector: [d], d the number of elements of all leaves, in the order of `flatten`
 * Errors  TreeError for a leaf that is neither array nor number; ShapeError from `unravel` for a vector of
 *         another length
 */
export function ravel<T>(tree: Argument<T>): [vector: NdArray, unravel: (vector: NdArray) => T] {
  const { leaves, structure } = flatten(tree, "ravel");
  if (leaves.length === 0) {
    throw new TreeError("ravel", "the tree must hold at least one array; got none", "Check the argument.");
  }
  const shapes = leaves.map(({ shape }) => [...shape]);
  const vector = concat(leaves.map((leaf) => reshape(leaf, [-1])));
  const unravel = (given: NdArray): T => {
    const flat = asArray(given, "unravel", "the vector");
    if (flat.shape.length !== 1 || flat.shape[0] !== vector.shape[0]) {
      throw new ShapeError(
        "unravel",
        "the vector must have the length of the ravelled tree",
        { got: flat.shape, expected: vector.shape },
        "Ravel a tree of this structure.",
      );
    }
    let start = 0;
    return unflatten<T>(
      structure,
      shapes.map((shape) => {
        const part = slice(flat, [start, start + sizeOf(shape)]);
        start += sizeOf(shape);
        return reshape(part, shape);
      }),
    );
  };
  return [vector, unravel];
}
