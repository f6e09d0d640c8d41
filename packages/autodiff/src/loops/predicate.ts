import { scalar } from "../array/creation.ts";
import type { ArrayLike, NdArray } from "../array/ndarray.ts";
import { DTypeError, ShapeError } from "../errors.ts";
import { asArray } from "../primitives/broadcasting.ts";

/** A condition: an int32 array of shape [], a number or a boolean. */
export type Predicate = ArrayLike | boolean;

/** Converts a predicate to one integer, 0 for false. */
export function asPredicate(op: string, given: Predicate): NdArray {
  if (typeof given === "boolean" || typeof given === "number") return scalar(given ? 1 : 0, "int32");
  const p = asArray(given, op, "the predicate");
  if (p.shape.length > 0) {
    throw new ShapeError(
      op,
      "the predicate must be one number",
      { predicate: p.shape },
      "Reduce it with all or any; to choose element by element use select.",
    );
  }
  if (p.dtype !== "int32") {
    throw new DTypeError(
      op,
      `the predicate must be int32, as comparisons are; got ${p.dtype}`,
      "Compare it with less, lessEqual, equal, ….",
    );
  }
  return p;
}
