import type { ArrayLike, NdArray } from "../array/ndarray.ts";
import { factorial } from "../elementary/factorial.ts";
import { add, div, mul, neg, sub } from "../primitives/arithmetic.ts";
import { asArray } from "../primitives/broadcasting.ts";
import { equal, filledLike, less, select } from "../primitives/comparison.ts";
import { elementwiseType, requireFloat, type Unary, unary } from "../primitives/elementwise.ts";
import { abs } from "../primitives/piecewise.ts";
import { type Primitive, sameSettings } from "../primitives/primitive.ts";
import { cos, log, sin } from "../primitives/transcendental.ts";
import { bind } from "../trace/bind.ts";
import { horner } from "./error-function.ts";
import { round } from "./rounding.ts";

/** The Bernoulli numbers B_2, B_4, …, B_16. */
const bernoulli = [1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510];

/** ln(2π)/2 */
const halfLogTwoPi = 0.91893853320467274178;

/** Stirling's series is used from here on; smaller x are shifted up by the recursion Γ(x + 1) = x Γ(x). */
const far = 8;

/**
 * y = ln |Γ(x)|                                           [eq:lgamma]   dy = ψ(x) dx
 *
 *   x ≥ 8     (x − 1/2) ln x − x + ln(2π)/2 + Σ_k B_2k / (2k (2k − 1) x^(2k−1))
 *   x < 8     ln Γ(x + 8) − ln (x (x + 1) … (x + 7))
 *   x < 1/2   ln (π / |sin πx|) − ln Γ(1 − x)
 *   |x| < 10⁻²⁰   −ln |x|
 *
 * Numerics  absolute error about 1e-14 (4e-6 in float32) where y is small, as at its zeros 1 and 2
 * Edges     ∞ at 0, −1, −2, … and at ±∞
 * Source    NIST Digital Library of Mathematical Functions, 5.5 and 5.11, https://dlmf.nist.gov/5.11
 */
export const lgamma: Unary = unary({
  name: "lgamma",
  jvp: (dx, x) => mul(dx, digamma(x)),
  vjp: (yBar, x) => mul(yBar, digamma(x)),
  expand: (x) => {
    const { isLeft, z, isNear, near, w } = moved(x);
    const series = horner(
      div(1, mul(w, w)),
      bernoulli.map((b, i) => b / ((2 * i + 2) * (2 * i + 1))),
    );
    const stirling = add(sub(mul(sub(w, 0.5), log(w)), w), add(halfLogTwoPi, div(series, w)));
    const steps = Array.from({ length: far }, (_, k) => add(near, k)).reduce((product, factor) =>
      mul(product, factor),
    );
    const ofZ = sub(select(equal(z, Number.POSITIVE_INFINITY), z, stirling), select(isNear, log(steps), 0));
    const { sine } = turn(x);
    const ofX = select(isLeft, sub(log(div(Math.PI, abs(sine))), ofZ), ofZ);
    const orTiny = select(less(abs(x), 1e-20), neg(log(abs(x))), ofX); // 1/x may overflow
    return select(equal(x, Number.NEGATIVE_INFINITY), Number.POSITIVE_INFINITY, orTiny);
  },
});

/**
 * y = ψ⁽ⁿ⁾(x), the n-th derivative of ψ = d/dx ln Γ                               [eq:polygamma]   dy = ψ⁽ⁿ⁺¹⁾(x) dx
 *
 *   x ≥ 8     ψ ~ ln x − 1/(2x) − Σ_k B_2k / (2k x^2k), differentiated n times
 *   x < 8     ψ(x) = ψ(x + 8) − Σ_{k<8} 1/(x + k), likewise
 *   x < 1/2   ψ(x) = ψ(1 − x) − π cot πx, likewise; the derivatives of the cotangent are polynomials of it
 *
 * Edges   NaN at the poles 0, −1, −2, …
 * Source  NIST Digital Library of Mathematical Functions, 5.5, 5.11 and 5.15, https://dlmf.nist.gov/5.15
 */
export const polygammaPrimitive: Primitive<{ readonly order: number }> = {
  name: "polygamma",
  elementwise: true,
  batching: sameSettings,
  outputType: ([x]) => elementwiseType("polygamma", { x: x! }, false),
  jvp: ([dx], [x], _y, { order }) => (dx ? mul(dx, polygamma(x!, order + 1)) : null),
  vjp: (yBar, [x], _y, { order }) => [mul(yBar, polygamma(x!, order + 1))],
  expand: ([x], { order: n }) => {
    const { isLeft, isNear, near, w } = moved(x!);
    const sign = n % 2 === 0 ? -1 : 1; // (−1)ⁿ⁺¹
    const r = div(1, w);
    const r2 = mul(r, r);
    const terms = bernoulli.map((b, i) => (b * factorial(2 * i + 1 + n)) / factorial(2 * i + 2));
    const head = n === 0 ? neg(log(w)) : mul(factorial(n - 1), power(r, n));
    const rest = mul(power(r, n), add(mul(0.5 * factorial(n), r), mul(r2, horner(r2, terms))));
    const steps = Array.from({ length: far }, (_, k) => power(div(1, add(near, k)), n + 1)).reduceRight(
      (sum, term) => add(sum, term),
    );
    const ofZ = mul(sign, add(add(head, rest), mul(factorial(n), select(isNear, steps, 0))));
    const { sine, cosine } = turn(select(isLeft, x!, 0.25));
    const reflected = sub(
      mul(-sign, ofZ),
      mul(wholePower(Math.PI, n + 1), horner(div(cosine, sine), cotangentDerivative(n))),
    );
    const ofX = select(isLeft, reflected, ofZ);
    return select(equal(sine, 0), Number.NaN, ofX);
  },
};

/** Repeated multiplication, because ** differs between versions of Node. */
function wholePower(base: number, n: number): number {
  return n === 0 ? 1 : base * wholePower(base, n - 1);
}

function polygamma(x: NdArray, order: number): NdArray {
  return bind(polygammaPrimitive, [x], { order });
}

/** ψ(x) = d/dx ln Γ(x), the logarithmic derivative of Γ; its derivatives are polygammas.   [eq:polygamma] */
export function digamma(x: ArrayLike): NdArray {
  const input = asArray(x, "digamma");
  requireFloat("digamma", input.dtype);
  return polygamma(input, 0);
}

/** Coefficients of P with dⁿ/dtⁿ cot t = P(cot t): P_0 = c, P_{n+1} = −(1 + c²) P_n′. */
function cotangentDerivative(n: number): number[] {
  if (n === 0) return [0, 1];
  const before = cotangentDerivative(n - 1);
  const slope = before.slice(1).map((c, i) => c * (i + 1));
  return Array.from({ length: slope.length + 2 }, (_, i) => -(slope[i] ?? 0) - (slope[i - 2] ?? 0));
}

/** xⁿ for an integer n ≥ 0. */
function power(x: NdArray, n: number): NdArray {
  return Array.from({ length: n }, () => x).reduce(
    (product, factor) => mul(product, factor),
    filledLike(x, 1),
  );
}

/**
 * z = x or 1 − x, so that z ≥ 1/2; w = z or z + 8, so that w ≥ 8; near = z where it was shifted, 1 elsewhere.
 */
function moved(x: NdArray): Readonly<Record<"isLeft" | "z" | "isNear" | "near" | "w", NdArray>> {
  const isLeft = less(x, 0.5);
  const z = select(isLeft, sub(1, x), x);
  const isNear = less(z, far);
  return { isLeft, z, isNear, near: select(isNear, z, 1), w: select(isNear, add(z, far), z) };
}

/**
 * sin πx and cos πx up to a common sign, from the distance to the nearest integer, which is exact and small beside a
 * pole. (x − ⌊x⌋ is neither, just below one.)
 */
function turn(x: NdArray): Readonly<Record<"sine" | "cosine", NdArray>> {
  const angle = mul(Math.PI, sub(x, round(x)));
  return { sine: sin(angle), cosine: cos(angle) };
}
