import { type ArrayType, type DType, type NdArray, refuseToRead, type TypedArray } from "./ndarray.ts";
import type { Shape } from "./shape.ts";

/** What stands for a bundle among the types of arrays: no elements, of a type that is not differentiated. */
export const bundleType: ArrayType = { shape: [0], dtype: "int32" };

/**
 * Several arrays under one name: what a loop returns, since primitives have one output each. The primitive `part`
 * takes an array out of it. Tangents and cotangents of a bundle are bundles too, null where they are zero.
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
