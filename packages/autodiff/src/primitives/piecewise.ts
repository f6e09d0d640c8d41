import type { NdArray } from "../array/ndarray.ts";
import { add, mul } from "./arithmetic.ts";
import { convert, equal, less } from "./comparison.ts";
import { type Binary, binary, type Unary, unary } from "./elementwise.ts";

// At a kink the derivative given is the mean of the one-sided ones: 0 for |x| at 0, one half to each argument
// of a maximum or minimum at a tie.

/** y = |x|                  [eq:abs]   dy = sign(x) dx */
export const abs: Unary = unary({
  name: "abs",
  integers: true,
  jvp: (dx, x) => mul(dx, sign(x)),
  vjp: (yBar, x) => mul(yBar, sign(x)),
});

/** y = −1, 0 or 1           [eq:sign]   dy = 0 */
export const sign: Unary = unary({ name: "sign", integers: true, jvp: null, vjp: null });

/**
 * z = max(x, y), NaN if either is NaN                     [eq:maximum]
 *   dz = w dx + (1 − w) dy,   w = 1 where x > y, 1/2 where x = y, 0 where x < y
 */
export const maximum: Binary = binary({
  name: "maximum",
  integers: true,
  commutative: true,
  jvp: [(dx, x, y) => mul(dx, shareOfLarger(x, y)), (dy, x, y) => mul(dy, shareOfLarger(y, x))],
  vjp: [(zBar, x, y) => mul(zBar, shareOfLarger(x, y)), (zBar, x, y) => mul(zBar, shareOfLarger(y, x))],
  plus: () => add,
});

/**
 * z = min(x, y), NaN if either is NaN                     [eq:minimum]
 *   dz = w dx + (1 − w) dy,   w = 1 where x < y, 1/2 where x = y, 0 where x > y
 */
export const minimum: Binary = binary({
  name: "minimum",
  integers: true,
  commutative: true,
  jvp: [(dx, x, y) => mul(dx, shareOfLarger(y, x)), (dy, x, y) => mul(dy, shareOfLarger(x, y))],
  vjp: [(zBar, x, y) => mul(zBar, shareOfLarger(y, x)), (zBar, x, y) => mul(zBar, shareOfLarger(x, y))],
  plus: () => add,
});

/** 1 where a > b, 1/2 where a = b, 0 elsewhere. */
function shareOfLarger(a: NdArray, b: NdArray): NdArray {
  return add(convert(less(b, a), a.dtype), mul(0.5, convert(equal(a, b), a.dtype)));
}
