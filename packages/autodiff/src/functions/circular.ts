import type { NdArray } from "../array/ndarray.ts";
import { add, div, mul, neg, sub } from "../primitives/arithmetic.ts";
import { filledLike, less, select } from "../primitives/comparison.ts";
import { type Unary, unary } from "../primitives/elementwise.ts";
import { abs, sign } from "../primitives/piecewise.ts";
import {
  atan2,
  exp,
  expm1,
  log,
  log1p,
  nonNegative,
  overSquares,
  sqrt,
} from "../primitives/transcendental.ts";

// Inverse circular, hyperbolic and inverse hyperbolic functions. Outside the domain, value and derivative are
// NaN.

/** y = arcsin x             [eq:asin]    dy = dx / √(1 − x²) */
export const asin: Unary = unary({
  name: "asin",
  jvp: (dx, x) => div(dx, otherSide(x)),
  vjp: (yBar, x) => div(yBar, otherSide(x)),
  expand: (x) => atan2(x, otherSide(x)),
});

/** y = arccos x             [eq:acos]    dy = −dx / √(1 − x²) */
export const acos: Unary = unary({
  name: "acos",
  jvp: (dx, x) => neg(div(dx, otherSide(x))),
  vjp: (yBar, x) => neg(div(yBar, otherSide(x))),
  expand: (x) => atan2(otherSide(x), x),
});

/** √(1 − x²) */
function otherSide(x: NdArray): NdArray {
  return sqrt(oneMinusSquare(x));
}

/**
 * y = 1 − x²               [eq:one-minus-square]   dy = −2 x dx
 *
 * Numerics  (1 − x)(1 + x) does not cancel near ±1; differentiating this product would cancel near 0
 */
export const oneMinusSquare: Unary = unary({
  name: "oneMinusSquare",
  jvp: (dx, x) => mul(dx, mul(-2, x)),
  vjp: (yBar, x) => mul(yBar, mul(-2, x)),
  expand: (x) => mul(sub(1, x), add(1, x)),
});

/** y = arctan x             [eq:atan]    dy = dx / (1 + x²) */
export const atan: Unary = unary({
  name: "atan",
  jvp: (dx, x) => mul(dx, overSquares(filledLike(x, 1), x)),
  vjp: (yBar, x) => mul(yBar, overSquares(filledLike(x, 1), x)),
  expand: (x) => atan2(x, 1),
});

/**
 * y = sinh x               [eq:sinh]    dy = cosh(x) dx
 *
 * Numerics  near 0 (e + e/(1 + e))/2 with e = exp|x| − 1; elsewhere (exp(|x|/2)/2) exp(|x|/2) − exp(−|x|)/2,
 *           which overflows only where y does
 */
export const sinh: Unary = unary({
  name: "sinh",
  jvp: (dx, x) => mul(dx, cosh(x)),
  vjp: (yBar, x) => mul(yBar, cosh(x)),
  expand: (x) => {
    const a = abs(x);
    const isSmall = less(a, 1);
    const e = expm1(select(isSmall, a, 0));
    const small = mul(0.5, add(e, div(e, add(1, e))));
    const { grown, fallen } = halves(a);
    const y = select(isSmall, small, sub(grown, fallen));
    return select(less(x, 0), neg(y), y);
  },
});

/** y = cosh x               [eq:cosh]    dy = sinh(x) dx */
export const cosh: Unary = unary({
  name: "cosh",
  jvp: (dx, x) => mul(dx, sinh(x)),
  vjp: (yBar, x) => mul(yBar, sinh(x)),
  expand: (x) => {
    const { grown, fallen } = halves(abs(x));
    return add(grown, fallen);
  },
});

/** exp(a)/2 and exp(−a)/2 for a ≥ 0. */
function halves(a: NdArray): { readonly grown: NdArray; readonly fallen: NdArray } {
  const root = exp(mul(0.5, a));
  return { grown: mul(mul(0.5, root), root), fallen: mul(0.5, exp(neg(a))) };
}

/**
 * y = arsinh x             [eq:asinh]   dy = dx / √(1 + x²)
 *
 * Numerics  ln(1 + a + a²/(1 + √(1 + a²))), a = |x|; from 10⁹ on ln a + ln 2
 */
export const asinh: Unary = unary({
  name: "asinh",
  jvp: (dx, x) => mul(dx, overRoot(x)),
  vjp: (yBar, x) => mul(yBar, overRoot(x)),
  expand: (x) => {
    const a = abs(x);
    const isLarge = less(1e9, a);
    const b = select(isLarge, 1, a);
    const square = mul(b, b);
    const small = log1p(add(b, div(square, add(1, sqrt(add(1, square))))));
    return mul(sign(x), select(isLarge, add(log(a), Math.LN2), small));
  },
});

/**
 * y = 1/√(1 + x²)          [eq:over-root]   dy = −x y³ dx
 *
 * Numerics  from 10⁹ on 1/|x|, as x² would overflow later
 */
export const overRoot: Unary = unary({
  name: "overRoot",
  jvp: (dx, x, y) => neg(mul(dx, mul(mul(x, y), mul(y, y)))),
  vjp: (yBar, x, y) => neg(mul(yBar, mul(mul(x, y), mul(y, y)))),
  expand: (x) => {
    const a = abs(x);
    const isLarge = less(1e9, a);
    const b = select(isLarge, 1, a);
    return div(1, select(isLarge, a, sqrt(add(1, mul(b, b)))));
  },
});

/**
 * y = arcosh x ≥ 0, x ≥ 1  [eq:acosh]   dy = dx / (√(x − 1) √(x + 1))
 *
 * Numerics  ln(1 + t + √(t (t + 2))), t = x − 1; from 10⁹ on ln x + ln 2
 */
export const acosh: Unary = unary({
  name: "acosh",
  jvp: (dx, x) => div(dx, mul(sqrt(sub(x, 1)), sqrt(add(x, 1)))),
  vjp: (yBar, x) => div(yBar, mul(sqrt(sub(x, 1)), sqrt(add(x, 1)))),
  expand: (x) => {
    const isLarge = less(1e9, x);
    const t = sub(select(isLarge, 1, x), 1);
    const small = log1p(add(t, mul(sqrt(t), sqrt(add(t, 2)))));
    return select(isLarge, add(log(x), Math.LN2), small);
  },
});

/**
 * y = artanh x, |x| ≤ 1    [eq:atanh]   dy = dx / (1 − x²)
 *
 * Numerics  ln(1 + 2a/(1 − a))/2, a = |x|
 */
export const atanh: Unary = unary({
  name: "atanh",
  jvp: (dx, x) => div(dx, nonNegative(oneMinusSquare(x))),
  vjp: (yBar, x) => div(yBar, nonNegative(oneMinusSquare(x))),
  expand: (x) => {
    const a = abs(x);
    return mul(mul(0.5, sign(x)), log1p(div(mul(2, a), sub(1, a))));
  },
});
