import type { NdArray } from "../array/ndarray.ts";
import { add, div, mul, neg, sub } from "./arithmetic.ts";
import { equal, less, select } from "./comparison.ts";
import { type Binary, binary, type Unary, unary } from "./elementwise.ts";
import { abs, maximum } from "./piecewise.ts";

// Standard derivatives. At the edge of a domain they are what IEEE arithmetic makes of the formula (log and
// sqrt at 0: +∞); outside it they are NaN. Each keeps its relative accuracy where it is small: 1 − y² and y
// (1 − y) would be correct for tanh and sigmoid, but lose all digits as y approaches 1.

/** y = exp x                [eq:exp]   dy = y dx */
export const exp: Unary = unary({
  name: "exp",
  jvp: (dx, _x, y) => mul(dx, y),
  vjp: (yBar, _x, y) => mul(yBar, y),
});

/** y = exp(x) − 1, accurate near 0     [eq:expm1]   dy = exp(x) dx */
export const expm1: Unary = unary({
  name: "expm1",
  jvp: (dx, x) => mul(dx, exp(x)),
  vjp: (yBar, x) => mul(yBar, exp(x)),
});

/** y = ln x                 [eq:log]   dy = dx / x */
export const log: Unary = unary({
  name: "log",
  jvp: (dx, x) => div(dx, nonNegative(x)),
  vjp: (yBar, x) => div(yBar, nonNegative(x)),
});

/** y = ln(1 + x), accurate near 0      [eq:log1p]   dy = dx / (1 + x) */
export const log1p: Unary = unary({
  name: "log1p",
  jvp: (dx, x) => div(dx, nonNegative(add(x, 1))),
  vjp: (yBar, x) => div(yBar, nonNegative(add(x, 1))),
});

/** x, or NaN where x < 0, so that log has no slope where it has no value. Its derivative is that of x. */
export const nonNegative: Unary = unary({
  name: "nonNegative",
  jvp: (dx) => dx,
  vjp: (yBar) => yBar,
  expand: (x) => select(less(x, 0), Number.NaN, x),
});

/** y = √x                   [eq:sqrt]   dy = dx / (2 y) */
export const sqrt: Unary = unary({
  name: "sqrt",
  jvp: (dx, _x, y) => div(dx, mul(2, y)),
  vjp: (yBar, _x, y) => div(yBar, mul(2, y)),
});

/** y = tanh x               [eq:tanh]   dy = sech²(x) dx */
export const tanh: Unary = unary({
  name: "tanh",
  jvp: (dx, x) => mul(dx, sechSquared(x)),
  vjp: (yBar, x) => mul(yBar, sechSquared(x)),
});

/** y = 1 / (1 + exp(−x))    [eq:sigmoid]   dy = sech²(x/2)/4 dx */
export const sigmoid: Unary = unary({
  name: "sigmoid",
  jvp: (dx, x) => mul(dx, slopeOfSigmoid(x)),
  vjp: (yBar, x) => mul(yBar, slopeOfSigmoid(x)),
});

function slopeOfSigmoid(x: NdArray): NdArray {
  return mul(0.25, sechSquared(mul(0.5, x)));
}

/**
 * y = sech² x = 4 t / (1 + t)²,  t = exp(−2|x|)           [eq:sech-squared]   dy = −2 tanh(x) y dx
 *
 * Numerics  nothing cancels: the relative error is a few ulp until the result becomes subnormal
 */
export const sechSquared: Unary = unary({
  name: "sechSquared",
  jvp: (dx, x, y) => mul(dx, mul(-2, mul(tanh(x), y))),
  vjp: (yBar, x, y) => mul(yBar, mul(-2, mul(tanh(x), y))),
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
  jvp: [(dy, y, x) => mul(dy, overSquares(x, y)), (dx, y, x) => neg(mul(dx, overSquares(y, x)))],
  vjp: [(zBar, y, x) => mul(zBar, overSquares(x, y)), (zBar, y, x) => neg(mul(zBar, overSquares(y, x)))],
  plus: () => add,
});

/**
 * z = x / (x² + y²)                                       [eq:over-squares]
 *   dz = (w² − z²) dx − 2 z w dy,  w = y / (x² + y²)
 *
 * Numerics  x and y are first divided by the larger, so that no square over- or underflows
 * Edges     0 where either is infinite, NaN at the origin
 */
export const overSquares: Binary = binary({
  name: "overSquares",
  jvp: [
    (dx, x, y, z) => mul(dx, differenceOfSquares(overSquares(y, x), z)),
    (dy, x, y, z) => mul(dy, mul(-2, mul(z, overSquares(y, x)))),
  ],
  vjp: [
    (zBar, x, y, z) => mul(zBar, differenceOfSquares(overSquares(y, x), z)),
    (zBar, x, y, z) => mul(zBar, mul(-2, mul(z, overSquares(y, x)))),
  ],
  plus: () => add,
  expand: (x, y) => {
    const larger = maximum(abs(x), abs(y));
    const infinite = equal(larger, Number.POSITIVE_INFINITY);
    const s = select(infinite, 1, larger);
    const [u, v] = [div(select(infinite, 0, x), s), div(select(infinite, 1, y), s)];
    return div(div(u, add(mul(u, u), mul(v, v))), s);
  },
});

function differenceOfSquares(a: NdArray, b: NdArray): NdArray {
  return mul(sub(a, b), add(a, b));
}
