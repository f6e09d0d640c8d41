import { type ArrayType, type DType, type NdArray, refuseToRead, type TypedArray } from "./ndarray.ts";
import type { Shape } from "./shape.ts";

/** The placeholder type of a bundle: no elements, of a type that is not differentiated. */
export const bundleType: ArrayType = { shape: [0], dtype: "int32" };

/**
 * Several arrays as one value: the result of a loop, since a primitive has a single output. The primitive
 * `part` extracts an array from it. Tangents and cotangents of a bundle are bundles too, with null for zero.
 */
export class Bundle implements NdArray {
  readonly shape: Shape = bundleType.shape;
  readonly dtype: DType = bundleType.dtype;
  readonly parts: readonly (NdArray | null)[];

  constructor(parts: readonly (NdArray | null)[]) {
    this.parts = parts;
  }

  get data(): TypedArray {
    return refuseToRead("data of a loop's result", this);
  }
}
