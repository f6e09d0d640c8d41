import { ConcreteArray, type NdArray } from "../array/ndarray.ts";
import { select } from "./comparison.ts";

/** The matrix (or batch) with everything outside one triangle, diagonal included, or outside the diagonal set to 0. */
export function maskTriangle(x: NdArray, part: "lower" | "upper" | "diagonal"): NdArray {
  const n = x.shape.at(-1)!;
  const mask = new Int32Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const kept = part === "lower" ? j <= i : part === "upper" ? j >= i : i === j;
      mask[i * n + j] = kept ? 1 : 0;
    }
  }
  // Chosen, not multiplied: a NaN or an infinity outside the triangle does not count.
  return select(new ConcreteArray(mask, [n, n], "int32"), x, 0);
}
