import { item, type NdArray } from "../array/ndarray.ts";
import { reference } from "../backends/reference/backend.ts";
import { compile } from "../compile.ts";
import { dot } from "../functions/arithmetic.ts";
import { add, mul } from "../primitives/arithmetic.ts";
import { grad } from "../transforms/grad.ts";
import { valueGradAndHvp } from "../transforms/hvp.ts";
import { jvp } from "../transforms/jvp.ts";
import { differentiateByDifferences } from "./differences.ts";
import type { ArrayFunction, Arrays } from "./first-order.ts";
import { LawViolation, requireClose, requireCloseArrays } from "./violation.ts";

/** A scalar function of a list of arrays. */
type Scalar = (xs: Arrays) => NdArray;

/** ⟨a, b⟩ over matching lists of arrays. */
function inner(a: Arrays, b: Arrays): NdArray {
  return total(a.map((x, i) => dot(x, b[i]!)));
}

function total(terms: Arrays): NdArray {
  return terms.reduce((sofar, term) => add(sofar, term));
}

function slopeAlong(f: Scalar, v: Arrays): Scalar {
  return (xs) => jvp<readonly [Arrays], NdArray>(f)([xs], [v])[1];
}

/**
 * Every way to the product of a scalar function's Hessian H with v agrees:
 *
 *   forward over reverse     d/dε ∇f(x + ε v)          hvp, the one to trust least and to use most
 *   reverse over reverse     ∇ ⟨∇f(x), v⟩
 *   reverse over forward     ∇ (∂f/∂v)(x)
 *   forward over forward     ∂/∂u ∂f/∂v = ⟨u, H v⟩
 *   argument by argument     ∇ Σ_i ⟨∇_i f(x), v_i⟩ and ∇ Σ_i ∂f/∂v_i, each inner derivative in one argument alone
 *   differences              of ∇f along v
 */
export function hessianProductsAgree(
  f: ArrayFunction,
  xs: Arrays,
  v: Arrays,
  u: Arrays,
  { tolerance = 1e-11, differences = 1e-8 }: { tolerance?: number; differences?: number } = {},
): number {
  const law = "Hessian-vector products agree";
  const scalar: Scalar = (at) => f(...at);
  const gradientOf = grad<Arrays, []>(scalar);
  const [value, gradient, product] = valueGradAndHvp<Arrays, []>(scalar)(xs, v);

  requireCloseArrays(law, "the value", [value], [f(...xs)], 0);
  requireCloseArrays(law, "gradient", gradient, gradientOf(xs), tolerance);

  const reverseReverse = grad<Arrays, []>((at) => inner(gradientOf(at), v))(xs);
  const reverseForward = grad<Arrays, []>(slopeAlong(scalar, v))(xs);
  requireCloseArrays(law, "reverse over reverse", reverseReverse, product, tolerance);
  requireCloseArrays(law, "reverse over forward", reverseForward, product, tolerance);

  const forwardForward = slopeAlong(slopeAlong(scalar, v), u)(xs);
  requireCloseArrays(law, "forward over forward", [forwardForward], [inner(u, product)], tolerance);

  const gradientProgram = compile((at: Arrays) => gradientOf(at), { backend: reference }); // traced once, run at many points
  if (xs.length > 1) {
    const alone =
      (at: Arrays, i: number): Scalar =>
      ([x]) =>
        f(...at.with(i, x!));
    const forward = grad<Arrays, []>((at) => total(at.map((x, i) => slopeAlong(alone(at, i), [v[i]!])([x]))));
    const reverse = grad<Arrays, []>((at) =>
      total(at.map((x, i) => inner(grad<Arrays, []>(alone(at, i))([x]), [v[i]!]))),
    );
    requireCloseArrays(law, "reverse over forward, argument by argument,", forward(xs), product, tolerance);
    requireCloseArrays(law, "reverse over reverse, argument by argument,", reverse(xs), product, tolerance);
  }

  const along = (t: number): Float64Array =>
    flat(gradientProgram(xs.map((x, i) => add(x, mul(t, v[i]!)))).map(({ data }) => data));
  const { derivative, error } = differentiateByDifferences(along);
  if (error.some((spread, i) => spread > differences * (1 + Math.abs(derivative[i]!)))) {
    throw new LawViolation(
      law,
      "difference quotients of the gradient do not settle",
      "Move the point away from a kink.",
    );
  }
  const ours = flat(product.map(({ data }) => data));
  return requireClose(law, "differences of the gradient", ours, derivative, 2 * differences);
}

/** ⟨u, H v⟩ = ⟨v, H u⟩ for a scalar function. */
export function hessianIsSymmetric(
  f: ArrayFunction,
  xs: Arrays,
  v: Arrays,
  u: Arrays,
  tolerance = 1e-11,
): number {
  const times = (direction: Arrays): Arrays =>
    valueGradAndHvp<Arrays, []>((at) => f(...at))(xs, direction)[2];
  const [uHv, vHu] = [item(inner(u, times(v))), item(inner(v, times(u)))];
  return requireClose(
    "the Hessian is symmetric",
    "⟨u, H v⟩",
    Float64Array.of(uHv),
    Float64Array.of(vHu),
    tolerance,
  );
}

function flat(parts: readonly ArrayLike<number>[]): Float64Array {
  return Float64Array.from(parts.flatMap((part) => Array.from(part)));
}
