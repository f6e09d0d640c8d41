import { type ArrayLike, arange, type FloatDType, type NdArray } from "../array/ndarray.ts";
import { convert, equal } from "../primitives/comparison.ts";
import { asIndices } from "../primitives/indexing.ts";
import { expandDims } from "../primitives/movement.ts";

/**
 * Rows of the identity: y[…, j] = 1 where indices[…] = j, 0 elsewhere (all 0 for an index outside).
 *
 * Shapes  indices: [...s], int32 → [...s, size]
 */
export function oneHot(indices: ArrayLike, size: number, dtype: FloatDType = "float64"): NdArray {
  return convert(equal(expandDims(asIndices(indices), -1), arange(size, "int32")), dtype);
}
