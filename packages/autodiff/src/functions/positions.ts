import { arange, type NdArray } from "../array/ndarray.ts";
import type { Shape } from "../array/shape.ts";
import { reshape } from "../primitives/broadcasting.ts";

/** 0, 1, …, n − 1 along one axis of a shape, as an int32 array that broadcasts to it. */
export function positions(shape: Shape, axis: number): NdArray {
  return reshape(
    arange(shape[axis]!, "int32"),
    shape.map((extent, a) => (a === axis ? extent : 1)),
  );
}
