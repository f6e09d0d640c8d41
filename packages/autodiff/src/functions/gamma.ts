import type { ArrayLike, NdArray } from "../array/ndarray.ts";
import { add, div, mul, sub } from "../primitives/arithmetic.ts";
import { asArray } from "../primitives/broadcasting.ts";
import { equal, less, select } from "../primitives/comparison.ts";
import { type Unary, unary } from "../primitives/elementwise.ts";
import { abs } from "../primitives/piecewise.ts";
import { cos, log, sin } from "../primitives/transcendental.ts";
import { horner } from "./error-function.ts";
import { floor } from "./rounding.ts";

/** Bernoulli's numbers B_2, B_4, …, B_16. */
const bernoulli = [1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510];

/** Where Stirling's series is used: below, the recursion Γ(x + 1) = x Γ(x) leads there. */
const far = 8;

/**
 * y = ln |Γ(x)|                                           [eq:lgamma]   dy = ψ(x) dx
 *
 *   x ≥ 8     (x − 1/2) ln x − x + ln(2π)/2 + Σ_k B_2k / (2k (2k − 1) x^(2k−1))
 *   x < 8     ln Γ(x + 8) − ln (x (x + 1) … (x + 7))
 *   x < 1/2   ln (π / |sin πx|) − ln Γ(1 − x)
 *
 * Numerics  absolute error about 1e-14 (4e-6 in float32) where y is small, as at its zeros 1 and 2; ∞ at 0, −1, −2, …
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
    const stirling = add(sub(mul(sub(w, 0.5), log(w)), w), add(0.5 * Math.log(2 * Math.PI), div(series, w)));
    const steps = Array.from({ length: far }, (_, k) => add(near, k)).reduce((product, factor) =>
      mul(product, factor),
    );
    const ofZ = sub(select(equal(z, Number.POSITIVE_INFINITY), z, stirling), select(isNear, log(steps), 0));
    const { sine } = turn(x);
    return select(isLeft, sub(log(div(Math.PI, abs(sine))), ofZ), ofZ);
  },
});

/**
 * ψ(x) = d/dx ln Γ(x), and by differentiating it trigamma and the rest            [eq:digamma]
 *
 *   x ≥ 8     ln x − 1/(2x) − Σ_k B_2k / (2k x^2k)
 *   x < 8     ψ(x + 8) − Σ_{k<8} 1/(x + k)
 *   x < 1/2   ψ(1 − x) − π / tan πx
 *
 * Source  NIST Digital Library of Mathematical Functions, 5.5 and 5.11, https://dlmf.nist.gov/5.11
 */
export function digamma(x: ArrayLike): NdArray {
  const input = asArray(x, "digamma");
  const { isLeft, isNear, near, w } = moved(input);
  const r = div(1, mul(w, w));
  const series = mul(
    r,
    horner(
      r,
      bernoulli.map((b, i) => b / (2 * i + 2)),
    ),
  );
  const asymptotic = sub(sub(log(w), div(0.5, w)), series);
  const steps = Array.from({ length: far }, (_, k) => div(1, add(near, k))).reduce((sum, term) =>
    add(sum, term),
  );
  const ofZ = sub(asymptotic, select(isNear, steps, 0));
  const { sine, cosine } = turn(select(isLeft, input, 0.25));
  return select(isLeft, sub(ofZ, mul(Math.PI, div(cosine, sine))), ofZ);
}

/** z = x or 1 − x, 1/2 at least; w = z or z + 8, 8 at least; near: z where it was moved, else a number. */
function moved(x: NdArray): Readonly<Record<"isLeft" | "z" | "isNear" | "near" | "w", NdArray>> {
  const isLeft = less(x, 0.5);
  const z = select(isLeft, sub(1, x), x);
  const isNear = less(z, far);
  return { isLeft, z, isNear, near: select(isNear, z, 1), w: select(isNear, add(z, far), z) };
}

/** sin πx and cos πx up to their common sign, of the exact part of a turn. */
function turn(x: NdArray): Readonly<Record<"sine" | "cosine", NdArray>> {
  const angle = mul(Math.PI, sub(x, floor(x)));
  return { sine: sin(angle), cosine: cos(angle) };
}
