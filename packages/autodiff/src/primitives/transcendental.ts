import type { NdArray } from "../array/ndarray.ts";
import { add, div, mul, neg, sub } from "./arithmetic.ts";
import { equal, select } from "./comparison.ts";
import { type Binary, binary, type Unary, unary } from "./elementwise.ts";

// The derivatives are those of any calculus text; at the edge of a domain they are what IEEE arithmetic makes
// of the formula (log at 0: +∞, sqrt at 0: +∞), outside it NaN.

/** y = exp x                [eq:exp]   dy = y dx */
export const exp: Unary = unary({
  name: "exp",
  jvp: (dx, _x, y) => mul(dx, y),
  vjp: (yBar, _x, y) => mul(yBar, y),
});

/** y = exp(x) − 1, accurate near 0     [eq:expm1]   dy = (y + 1) dx */
export const expm1: Unary = unary({
  name: "expm1",
  jvp: (dx, _x, y) => mul(dx, add(y, 1)),
  vjp: (yBar, _x, y) => mul(yBar, add(y, 1)),
});

/** y = ln x                 [eq:log]   dy = dx / x */
export const log: Unary = unary({
  name: "log",
  jvp: (dx, x) => div(dx, x),
  vjp: (yBar, x) => div(yBar, x),
});

/** y = ln(1 + x), accurate near 0      [eq:log1p]   dy = dx / (1 + x) */
export const log1p: Unary = unary({
  name: "log1p",
  jvp: (dx, x) => div(dx, add(x, 1)),
  vjp: (yBar, x) => div(yBar, add(x, 1)),
});

/** y = √x                   [eq:sqrt]   dy = dx / (2 y) */
export const sqrt: Unary = unary({
  name: "sqrt",
  jvp: (dx, _x, y) => div(dx, mul(2, y)),
  vjp: (yBar, _x, y) => div(yBar, mul(2, y)),
});

/** y = tanh x               [eq:tanh]   dy = (1 − y²) dx */
export const tanh: Unary = unary({
  name: "tanh",
  jvp: (dx, _x, y) => mul(dx, sub(1, mul(y, y))),
  vjp: (yBar, _x, y) => mul(yBar, sub(1, mul(y, y))),
});

/** y = 1 / (1 + exp(−x))    [eq:sigmoid]   dy = y (1 − y) dx */
export const sigmoid: Unary = unary({
  name: "sigmoid",
  jvp: (dx, _x, y) => mul(dx, mul(y, sub(1, y))),
  vjp: (yBar, _x, y) => mul(yBar, mul(y, sub(1, y))),
});

/** y = ln(1 + exp x)        [eq:softplus]   dy = sigmoid(x) dx */
export const softplus: Unary = unary({
  name: "softplus",
  jvp: (dx, x) => mul(dx, sigmoid(x)),
  vjp: (yBar, x) => mul(yBar, sigmoid(x)),
});

/** y = sin x                [eq:sin]   dy = cos(x) dx */
export const sin: Unary = unary({
  name: "sin",
  jvp: (dx, x) => mul(dx, cos(x)),
  vjp: (yBar, x) => mul(yBar, cos(x)),
});

/** y = cos x                [eq:cos]   dy = −sin(x) dx */
export const cos: Unary = unary({
  name: "cos",
  jvp: (dx, x) => neg(mul(dx, sin(x))),
  vjp: (yBar, x) => neg(mul(yBar, sin(x))),
});

/**
 * z = atan2(y, x), the angle of the point (x, y)          [eq:atan2]
 *   dz = (x dy − y dx) / (x² + y²)
 */
export const atan2: Binary = binary({
  name: "atan2",
  jvp: [
    (dy, y, x) => div(mul(x, dy), squaredRadius(y, x)),
    (dx, y, x) => neg(div(mul(y, dx), squaredRadius(y, x))),
  ],
  vjp: [
    (zBar, y, x) => div(mul(x, zBar), squaredRadius(y, x)),
    (zBar, y, x) => neg(div(mul(y, zBar), squaredRadius(y, x))),
  ],
  plus: () => add,
});

function squaredRadius(y: NdArray, x: NdArray): NdArray {
  return add(mul(x, x), mul(y, y));
}

/**
 * z = x^y                                                 [eq:pow]
 *   dz = y x^(y−1) dx + z ln(x) dy
 *
 * Edges   y = 0: no slope in x, even at x = 0.   x = 0: no slope in y (the limit from y > 0).   x < 0: real for
 *         whole y only, where the slope in x exists and the one in y is NaN.
 */
export const pow: Binary = binary({
  name: "pow",
  jvp: [(dx, x, y) => mul(dx, slopeInBase(x, y)), (dy, x, _y, z) => mul(dy, slopeInExponent(x, z))],
  vjp: [(zBar, x, y) => mul(zBar, slopeInBase(x, y)), (zBar, x, _y, z) => mul(zBar, slopeInExponent(x, z))],
  plus: () => add,
});

function slopeInBase(x: NdArray, y: NdArray): NdArray {
  // At (0, 0) the formula is 0 · 0^(−1). The base is replaced there, not the exponent: y must stay in the
  // power, or the derivative of this line in y would be wrong for every x where y = 0.
  const atOrigin = mul(equal(x, 0), equal(y, 0));
  return mul(y, pow(select(atOrigin, 1, x), sub(y, 1)));
}

function slopeInExponent(x: NdArray, z: NdArray): NdArray {
  return mul(z, log(select(equal(x, 0), 1, x)));
}
