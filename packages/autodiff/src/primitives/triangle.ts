import { ConcreteArray, type NdArray, typedArray } from "../array/ndarray.ts";
import { liftTogether } from "../trace/bind.ts";
import { mul } from "./arithmetic.ts";
import { broadcastTo } from "./broadcasting.ts";

/** The matrix (or batch) with everything outside one triangle, diagonal included, or outside the diagonal set to 0. */
export function maskTriangle(x: NdArray, part: "lower" | "upper" | "diagonal"): NdArray {
  const n = x.shape.at(-1)!;
  const mask = typedArray(x.dtype, n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const kept = part === "lower" ? j <= i : part === "upper" ? j >= i : i === j;
      mask[i * n + j] = kept ? 1 : 0;
    }
  }
  const [lifted] = liftTogether([new ConcreteArray(mask, [n, n], x.dtype), x]);
  return mul(broadcastTo(lifted!, x.shape), x);
}
