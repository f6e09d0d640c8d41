import type { ArrayLike, NdArray } from "../array/ndarray.ts";
import { add, mul, neg, sub } from "../primitives/arithmetic.ts";
import { broadcastPair } from "../primitives/broadcasting.ts";
import { equal, lessEqual, select } from "../primitives/comparison.ts";
import { type Binary, binary, elementwiseType } from "../primitives/elementwise.ts";
import { abs, maximum } from "../primitives/piecewise.ts";
import { log, sigmoid, softplus } from "../primitives/transcendental.ts";

/**
 * x ln y, defined as 0 at x = 0 even for y = 0, as in an entropy.                [eq:xlogy]
 *
 * Edges  at x = 0, where ln y is NaN or infinite (y ≤ 0, y = ∞), value and slopes are 0
 */
export function xlogy(x: ArrayLike, y: ArrayLike): NdArray {
  const [a, b] = broadcastPair("xlogy", { x, y });
  elementwiseType("xlogy", { x: a, y: b }, false);
  const isOutside = add(lessEqual(b, 0), equal(b, Number.POSITIVE_INFINITY));
  return mul(a, log(select(mul(equal(a, 0), isOutside), 1, b)));
}

/**
 * z = ln(exp x + exp y)                                                         [eq:log-add-exp]
 *   dz = sigmoid(x − y) dx + sigmoid(y − x) dy
 *
 * Numerics  max(x, y) + ln(1 + exp(−|x − y|)): nothing overflows, and both slopes keep their relative accuracy
 * Edges     equal infinities share equally
 */
export const logAddExp: Binary = binary({
  name: "logAddExp",
  commutative: true,
  jvp: [(dx, x, y) => mul(dx, sigmoid(difference(x, y))), (dy, x, y) => mul(dy, sigmoid(difference(y, x)))],
  vjp: [
    (zBar, x, y) => mul(zBar, sigmoid(difference(x, y))),
    (zBar, x, y) => mul(zBar, sigmoid(difference(y, x))),
  ],
  plus: () => add,
  expand: (x, y) => add(maximum(x, y), softplus(mul(-1, abs(difference(x, y))))),
});

/** x − y, and 0 for equal infinities. */
export const difference: Binary = binary({
  name: "difference",
  jvp: [(dx) => dx, (dy) => neg(dy)],
  vjp: [(zBar) => zBar, (zBar) => neg(zBar)],
  plus: () => add,
  expand: (x, y) => {
    const sameInfinity = mul(equal(x, y), equal(abs(x), Number.POSITIVE_INFINITY));
    return sub(select(sameInfinity, 0, x), select(sameInfinity, 0, y));
  },
});
