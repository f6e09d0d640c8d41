import { item, type NdArray } from "../array/ndarray.ts";
import { reference } from "../backends/reference/backend.ts";
import { compile } from "../compile.ts";
import { dot } from "../functions/arithmetic.ts";
import { add, mul } from "../primitives/arithmetic.ts";
import { abs } from "../primitives/piecewise.ts";
import { grad, valueAndGrad } from "../transforms/grad.ts";
import { valueGradAndHvp } from "../transforms/hvp.ts";
import { jvp } from "../transforms/jvp.ts";
import {
  type ArrayFunction,
  type Arrays,
  agreesWithDifferences,
  type DifferenceTolerance,
  ofTerms,
} from "./first-order.ts";
import { LawViolation, largestOf, requireClose, requireCloseArrays } from "./violation.ts";

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
 * All ways to compute the product of a scalar function's Hessian H with v agree:
 *
 *   forward over reverse     d/dε ∇f(x + ε v)          hvp, the one most used and so most in need of checks
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
  { tolerance = 1e-11, differences = {} }: { tolerance?: number; differences?: DifferenceTolerance } = {},
): number {
  const law = "Hessian-vector products agree";
  const scalar: Scalar = (at) => f(...at);
  const gradientOf = grad<Arrays, []>(scalar);
  const [value, gradient, product] = valueGradAndHvp<Arrays, []>(scalar)(xs, v);

  requireCloseArrays(law, "the value", [value], [f(...xs)], 0);
  const gradientAlone = gradientOf(xs);
  requireCloseArrays(law, "gradient", gradient, gradientAlone, ofTerms(gradientAlone, tolerance));
  // The product may be a small difference of terms as large as the slopes.
  const allowed = ofTerms([value, ...gradient, ...product], tolerance);

  const reverseReverse = grad<Arrays, []>((at) => inner(gradientOf(at), v))(xs);
  const reverseForward = grad<Arrays, []>(slopeAlong(scalar, v))(xs);
  requireCloseArrays(law, "reverse over reverse", reverseReverse, product, allowed);
  requireCloseArrays(law, "reverse over forward", reverseForward, product, allowed);

  const forwardForward = slopeAlong(slopeAlong(scalar, v), u)(xs);
  requireCloseArrays(law, "forward over forward", [forwardForward], [inner(u, product)], {
    relative: tolerance,
    absolute:
      tolerance *
      (1 + largestOf(u.map(({ data }) => data))) *
      largestOf([value, ...gradient, ...product].map(({ data }) => data)),
  });

  // Traced once and run at many points.
  const gradientProgram = compile((at: Arrays) => valueAndGrad<Arrays, []>(scalar)(at), {
    backend: reference,
  });
  if (xs.length > 1) {
    const alone =
      (at: Arrays, i: number): Scalar =>
      ([x]) =>
        f(...at.with(i, x!));
    const forward = grad<Arrays, []>((at) => total(at.map((x, i) => slopeAlong(alone(at, i), [v[i]!])([x]))));
    const reverse = grad<Arrays, []>((at) =>
      total(at.map((x, i) => inner(grad<Arrays, []>(alone(at, i))([x]), [v[i]!]))),
    );
    requireCloseArrays(law, "reverse over forward, argument by argument", forward(xs), product, allowed);
    requireCloseArrays(law, "reverse over reverse, argument by argument", reverse(xs), product, allowed);
  }

  const along = (t: number): Float64Array => {
    const [at, slopes] = gradientProgram(xs.map((x, i) => add(x, mul(t, v[i]!))));
    const all = flat(slopes.map(({ data }) => data));
    if (Number.isFinite(item(at)) && all.includes(Number.NaN)) throw hiddenNaN(law, t);
    return all;
  };
  const ours = flat(product.map(({ data }) => data));
  return agreesWithDifferences(law, "the gradient's slope", ours, along, differences);
}

/** Extrapolation would skip a NaN if the gradient is finite closer to the point. */
function hiddenNaN(law: string, t: number): LawViolation {
  return new LawViolation(
    law,
    `the gradient is NaN at ${t} times the direction from the point, where the value is a number`,
    "Look for 0 times infinity in the rule, or move the point away from the edge of the domain.",
  );
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
  const [Hv, Hu] = [times(v), times(u)];
  const [uHv, vHu] = [item(inner(u, Hv)), item(inner(v, Hu))];
  const terms = inner(
    u.map((x) => abs(x)),
    Hv.map((x) => abs(x)),
  );
  return requireClose(
    "the Hessian is symmetric",
    "⟨u, H v⟩",
    Float64Array.of(uHv),
    Float64Array.of(vHu),
    ofTerms([terms], tolerance),
  );
}

function flat(parts: readonly ArrayLike<number>[]): Float64Array {
  return Float64Array.from(parts.flatMap((part) => Array.from(part)));
}
