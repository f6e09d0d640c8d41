import type { NdArray } from "../array/ndarray.ts";
import { bind } from "../trace/bind.ts";
import { add, mul } from "./arithmetic.ts";
import { convert, equal, less, select } from "./comparison.ts";
import { type Binary, binary, elementwiseType, type Unary, unary } from "./elementwise.ts";
import { type NoParams, type Primitive, sameSettings } from "./primitive.ts";

// At a kink the derivative is the mean of the one-sided derivatives: 0 for |x| at 0, and one half for each
// argument of a maximum or minimum at a tie. Where the value is NaN, no derivative is finite.

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
 *   dz = w dx + (1 − w) dy,   w = 1 where x > y, 1/2 where x = y, 0 where x < y, NaN where z is
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
 *   dz = w dx + (1 − w) dy,   w = 1 where x < y, 1/2 where x = y, 0 where x > y, NaN where z is
 */
export const minimum: Binary = binary({
  name: "minimum",
  integers: true,
  commutative: true,
  jvp: [(dx, x, y) => mul(dx, shareOfLarger(y, x)), (dy, x, y) => mul(dy, shareOfLarger(x, y))],
  vjp: [(zBar, x, y) => mul(zBar, shareOfLarger(y, x)), (zBar, x, y) => mul(zBar, shareOfLarger(x, y))],
  plus: () => add,
});

/** 1 where a > b, 1/2 where a = b, 0 where a < b, NaN where either is NaN: piecewise constant. */
const share: Primitive<NoParams> = {
  name: "shareOfLarger",
  elementwise: true,
  batching: sameSettings,
  outputType: ([a, b]) => elementwiseType("shareOfLarger", { a: a!, b: b! }, false),
  jvp: () => null,
  vjp: () => [null, null],
  expand: ([a, b]) => {
    const larger = convert(less(b!, a!), a!.dtype);
    const tied = convert(equal(a!, b!), a!.dtype);
    const areNumbers = mul(equal(a!, a!), equal(b!, b!));
    return select(areNumbers, add(larger, mul(0.5, tied)), Number.NaN);
  },
};

function shareOfLarger(a: NdArray, b: NdArray): NdArray {
  return bind(share, [a, b], {});
}
