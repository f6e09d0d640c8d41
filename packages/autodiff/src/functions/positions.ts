import { arange } from "../array/creation.ts";
import { type ArrayLike, checkDType, type FloatDType, type NdArray } from "../array/ndarray.ts";
import { checkCount, type Shape } from "../array/shape.ts";
import { reshape } from "../primitives/broadcasting.ts";
import { convert, equal } from "../primitives/comparison.ts";
import { asIndices } from "../primitives/indexing.ts";
import { expandDims } from "../primitives/movement.ts";

/** 0, 1, …, n − 1 along one axis of a shape, as an int32 array that broadcasts to it. */
export function positions(shape: Shape, axis: number): NdArray {
  return reshape(
    arange(shape[axis]!, "int32"),
    shape.map((extent, a) => (a === axis ? extent : 1)),
  );
}

/**
 * Rows of the identity: y[…, j] = 1 where indices[…] = j, 0 elsewhere (all 0 for an index outside).
 *
 * Shapes  indices: [...s], int32 → [...s, size]
 * Errors  DTypeError for indices that are not int32; ShapeError unless the size is a non-negative integer
 */
export function oneHot(indices: ArrayLike, size: number, dtype: FloatDType = "float64"): NdArray {
  checkCount("oneHot", "the size", size);
  checkDType("oneHot", dtype);
  return convert(equal(expandDims(asIndices("oneHot", indices), -1), arange(size, "int32")), dtype);
}
