import { full, ones } from "../array/creation.ts";
import type { ArrayLike, NdArray } from "../array/ndarray.ts";
import { normalizeAxis } from "../array/shape.ts";
import { mul } from "../primitives/arithmetic.ts";
import { asArray, type KeepDims, reshape } from "../primitives/broadcasting.ts";
import { convert } from "../primitives/comparison.ts";
import { concat } from "../primitives/joining.ts";
import { pairwise, part, reduceInTurn } from "./along-axis.ts";

/**
 * Π x over axes (all by default); 1 over an empty axis.                          [eq:prod]
 *
 * Pairwise: one half is multiplied by the other until one element is left. Derivatives are products too, so
 * they are correct even where factors are 0.
 *
 * Numerics  n − 1 roundings, whatever the order. float32 factors are multiplied in float64, derivatives included, and
 *           rounded once; not on a graphics card, and not where float64 arguments are compiled with dtype "float32"
 */
export function prod(x: ArrayLike, axes?: number | readonly number[], options: KeepDims = {}): NdArray {
  return inFloat64(asArray(x, "prod"), (factors) => reduceInTurn("prod", factors, axes, options, prodAlong));
}

/** f(x), computed in float64 if x is float32. */
function inFloat64(x: NdArray, f: (x: NdArray) => NdArray): NdArray {
  return x.dtype === "float32" ? convert(f(convert(x, "float64")), "float32") : f(x);
}

function prodAlong(x: NdArray, axis: number): NdArray {
  return x.shape[axis] === 0 ? ones(x.shape.with(axis, 1), x.dtype) : pairwise(x, axis, mul);
}

/**
 * y_i = Π_{j ≤ i} x_j along an axis.                                             [eq:cumprod]
 *
 * Each step multiplies by the element 1, 2, 4, … positions before. Roundings as in prod.
 */
export function cumprod(x: ArrayLike, axis = 0): NdArray {
  const input = asArray(x, "cumprod");
  const at = normalizeAxis("cumprod", axis, input.shape.length);
  return inFloat64(input, (factors) => cumprodAlong(factors, at));
}

function cumprodAlong(x: NdArray, axis: number): NdArray {
  const n = x.shape[axis]!;
  let product = x;
  for (let by = 1; by < n; by *= 2) {
    const before = full(x.shape.with(axis, by), 1, x.dtype);
    product = mul(product, concat([before, part(product, axis, 0, n - by)], axis));
  }
  return reshape(product, x.shape); // a copy, if it is x
}
