import type { NdArray } from "../array/ndarray.ts";
import { factorial } from "../elementary/factorial.ts";
import { exp as expOf } from "../elementary/index.ts";
import { add, div, mul, neg, sub } from "../primitives/arithmetic.ts";
import { convert, equal, filledLike, less, select } from "../primitives/comparison.ts";
import { type Unary, unary } from "../primitives/elementwise.ts";
import { abs, maximum, minimum, sign } from "../primitives/piecewise.ts";
import { exp, expm1, log, nonNegative, sqrt } from "../primitives/transcendental.ts";

const slopeAtZero = 2 / Math.sqrt(Math.PI);

/**
 * y = exp(−x²)             [eq:gaussian]   dy = −2 x y dx
 *
 * Numerics  x = h + l with h a multiple of 1/16, so that h² is exact: exp(−h²) exp(−l (x + h)). Computed
 *           directly, the relative error would grow with x²
 */
export const gaussian: Unary = unary({
  name: "gaussian",
  jvp: (dx, x, y) => mul(dx, mul(-2, mul(x, y))),
  vjp: (yBar, x, y) => mul(yBar, mul(-2, mul(x, y))),
  expand: (x) => {
    const a = minimum(abs(x), 40);
    const h = mul(1 / 16, convert(convert(mul(16, a), "int32"), a.dtype));
    return mul(exp(neg(mul(h, h))), exp(neg(mul(sub(a, h), add(a, h)))));
  },
});

/** y = erf x = 2/√π ∫_0^x exp(−t²) dt                  [eq:erf]    dy = 2/√π exp(−x²) dx */
export const erf: Unary = unary({
  name: "erf",
  jvp: (dx, x) => mul(dx, mul(slopeAtZero, gaussian(x))),
  vjp: (yBar, x) => mul(yBar, mul(slopeAtZero, gaussian(x))),
  expand: (x) => select(less(abs(x), 1), erfNearZero(x), mul(sign(x), sub(1, erfcOfMagnitude(x)))),
});

/** y = erfc x = 1 − erf x, accurate where y is small   [eq:erfc]   dy = −2/√π exp(−x²) dx */
export const erfc: Unary = unary({
  name: "erfc",
  jvp: (dx, x) => mul(dx, mul(-slopeAtZero, gaussian(x))),
  vjp: (yBar, x) => mul(yBar, mul(-slopeAtZero, gaussian(x))),
  expand: (x) => {
    const tail = erfcOfMagnitude(x);
    return select(less(abs(x), 1), sub(1, erfNearZero(x)), select(less(x, 0), sub(2, tail), tail));
  },
});

/** Σ_n of the Taylor series of erf x / x, for |x| ≤ 1: 2/√π (−1)ⁿ / (n! (2n + 1)). */
const taylor = Array.from({ length: 19 }, (_, n) => {
  return (slopeAtZero * (n % 2 === 0 ? 1 : -1)) / (factorial(n) * (2 * n + 1));
});

/** Σ_n c_n zⁿ */
export function horner(z: NdArray, coefficients: readonly number[]): NdArray {
  const [last, ...rest] = coefficients.toReversed();
  return rest.reduce<NdArray>((sum, c) => add(mul(sum, z), c), filledLike(z, last!)); // from 0, 0 · ∞ would be NaN
}

function erfNearZero(x: NdArray): NdArray {
  const z = minimum(mul(x, x), 1);
  return mul(x, horner(z, taylor));
}

/**
 * erfc a for a = |x| ≥ 1/2.
 *
 *   erfc a = (2a/π) exp(−a²) ∫_0^∞ exp(−t²) / (a² + t²) dt
 *          = (2ha/π) exp(−a²) (1/(2a²) + Σ_{n≥1} exp(−n²h²) / (a² + n²h²)) − 2/(exp(2πa/h) − 1)
 *
 * by the trapezoidal rule, corrected for the pole at t = ia; with h = 1/2 the error is exp(−π²/h²) = 7e-18.
 *
 * Source  Chiarella & Reichel, Math. Comp. 22, 1968, doi:10.1090/S0025-5718-1968-0223071-4
 */
function erfcOfMagnitude(x: NdArray): NdArray {
  const inRange = minimum(abs(x), 40);
  const a = select(less(inRange, 0.5), 0.5, inRange);
  const square = mul(a, a);
  let sum = div(0.5, square);
  for (let n = 12; n >= 1; n--) sum = add(sum, div(expOf((-n * n) / 4), add(square, (n * n) / 4)));
  const integral = mul(mul(1 / Math.PI, a), mul(gaussian(a), sum));
  const isNear = less(a, 6); // beyond, the pole's contribution is below the rounding error
  const pole = div(2, expm1(mul(4 * Math.PI, select(isNear, a, 1))));
  return select(isNear, sub(integral, pole), integral);
}

/**
 * y with erf y = x                                        [eq:erfinv]   dy = √π/2 exp(y²) dx
 *
 *   two steps of Halley's method, u = (erf y − x) / erf′(y), y ← y − u / (1 + y u), from Winitzki's approximation
 *
 * Numerics  for |x| > 1/2 the difference is taken between erfc y and 1 − |x|, which is exact
 * Edges     ±∞ at ±1, NaN beyond
 */
export const erfinv: Unary = unary({
  name: "erfinv",
  jvp: (dx, _x, y) => div(dx, mul(slopeAtZero, gaussian(y))),
  vjp: (yBar, _x, y) => div(yBar, mul(slopeAtZero, gaussian(y))),
  expand: (x) => {
    const a = abs(x);
    const rest = nonNegative(sub(1, a));
    const isPole = equal(rest, 0);
    const logarithm = minimum(log(select(isPole, 1, mul(rest, add(1, a)))), 0);
    const b = add(2 / (Math.PI * 0.147), mul(0.5, logarithm));
    const c = mul(1 / 0.147, logarithm);
    // √(b² − c) − b without cancellation, as c ≤ 0
    const first = sqrt(div(neg(c), add(b, sqrt(sub(mul(b, b), c)))));
    let y = maximum(first, mul(Math.sqrt(Math.PI) / 2, a)); // the tangent at 0 is below the curve
    for (let step = 0; step < 2; step++) {
      const off = select(less(a, 0.5), sub(erf(y), a), sub(rest, erfc(y)));
      const u = div(off, mul(slopeAtZero, gaussian(y)));
      y = sub(y, div(u, add(1, mul(y, u))));
    }
    return mul(sign(x), select(isPole, Number.POSITIVE_INFINITY, y));
  },
});
