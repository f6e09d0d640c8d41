import type { ArrayLike, NdArray } from "../array/ndarray.ts";
import { add, div, mul, neg, sub } from "../primitives/arithmetic.ts";
import { asArray, broadcastPair } from "../primitives/broadcasting.ts";
import {
  convert,
  equal,
  filledLike,
  less,
  lessEqual,
  select,
  stopGradient,
} from "../primitives/comparison.ts";
import { elementwiseType, requireFloat } from "../primitives/elementwise.ts";
import { abs } from "../primitives/piecewise.ts";

// Step functions: constant between jumps, so their derivative is 0 everywhere.                     [eq:floor]

/** From here on every float64 is an integer. */
const whole = 2 ** 52;

/** ⌊x⌋, the largest integer not above x. Here and below a zero has the sign of x, as in IEEE 754. */
export function floor(x: ArrayLike): NdArray {
  const input = asArray(x, "floor");
  requireFloat("floor", input.dtype);
  const held = stopGradient(input);
  const isSmall = less(abs(held), whole);
  const small = select(isSmall, held, 0);
  // x does not fit one int32, so split it exactly: x = 2²¹ a + b.
  const a = truncated(mul(small, 2 ** -21));
  const t = add(mul(a, 2 ** 21), truncated(sub(small, mul(a, 2 ** 21))));
  return select(isSmall, withSignOf(small, sub(t, convert(less(small, t), t.dtype))), held);
}

/** n with its zeros replaced by 0 x, which have the sign of x. */
function withSignOf(x: NdArray, n: NdArray): NdArray {
  return select(equal(n, 0), mul(0, x), n);
}

function truncated(x: NdArray): NdArray {
  return convert(convert(x, "int32"), x.dtype);
}

/** ⌈x⌉ = −⌊−x⌋ */
export function ceil(x: ArrayLike): NdArray {
  const input = asArray(x, "ceil");
  requireFloat("ceil", input.dtype);
  return neg(floor(neg(input)));
}

/** The nearest integer, with ties to even, as in IEEE 754, NumPy and TensorFlow (not JavaScript). */
export function round(x: ArrayLike): NdArray {
  const input = asArray(x, "round");
  requireFloat("round", input.dtype);
  const held = stopGradient(input);
  const below = floor(held);
  const part = sub(held, below);
  const isOdd = less(mul(2, floor(mul(0.5, below))), below);
  const up = add(less(0.5, part), mul(equal(part, 0.5), isOdd));
  const nearest = withSignOf(held, add(below, convert(up, below.dtype)));
  return select(equal(part, part), nearest, below); // for infinite x, ∞ − ∞ is NaN
}

/**
 * x − y ⌊x/y⌋, with the sign of y.                                               [eq:mod]
 *
 *   slopes 1 and −⌊x/y⌋ between the jumps
 *
 * Numerics  off by the rounding of x; a result that this puts just below 0 or above y is corrected
 * Edges     NaN where it hides the remainder: where x + y/4 is x, |x/y| being about 2⁵² (in float32 2²³) or more
 */
export function mod(x: ArrayLike, y: ArrayLike): NdArray {
  const [a, b] = broadcastPair("mod", { x, y });
  elementwiseType("mod", { x: a, y: b }, false);
  const q = floor(div(a, b));
  const r = sub(a, select(equal(q, 0), 0, mul(b, q)));
  const positive = less(0, b);
  const isBelow = add(mul(positive, less(r, 0)), mul(lessEqual(positive, 0), less(0, r)));
  const isAbove = add(mul(positive, lessEqual(b, r)), mul(lessEqual(positive, 0), lessEqual(r, b)));
  const result = add(sub(r, select(isAbove, b, 0)), select(isBelow, b, 0));
  const isHidden = equal(add(a, mul(0.25, b)), a);
  return mul(result, select(isHidden, Number.NaN, filledLike(a, 1)));
}
