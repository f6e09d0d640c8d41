import { type ArrayType, emptyLike, type NdArray } from "../../array/ndarray.ts";
import { sizeOf } from "../../array/shape.ts";

/**
 * Totals to add to, from 0, one for every element of an array: float64, to be rounded once when they are stored, or
 * int32, which wrap at every addition.
 */
export function totalsOf({ shape, dtype }: ArrayType): Float64Array | Int32Array {
  const size = sizeOf(shape);
  return dtype === "int32" ? new Int32Array(size) : new Float64Array(size);
}

/** An array of the given type that holds these values. */
export function stored(type: ArrayType, values: Float64Array | Int32Array): NdArray {
  const output = emptyLike(type);
  output.data.set(values);
  return output;
}
