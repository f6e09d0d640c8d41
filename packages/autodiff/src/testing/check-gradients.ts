import { array, type NdArray } from "../array/ndarray.ts";
import { sizeOf } from "../array/shape.ts";
import { flatten, unflatten } from "../array/tree.ts";
import { DTypeError } from "../errors.ts";
import { dot } from "../functions/arithmetic.ts";
import { reshape } from "../primitives/broadcasting.ts";
import { concat } from "../primitives/movement.ts";
import { fold, type Key, key } from "../random/key.ts";
import { fillNormal } from "../random/normal.ts";
import {
  type ArrayFunction,
  type Arrays,
  derivativesAreLinear,
  jvpMatchesDifferences,
  primalIsKept,
  vjpIsTransposeOfJvp,
} from "./first-order.ts";
import { hessianIsSymmetric, hessianProductsAgree } from "./second-order.ts";

export interface GradientCheck {
  /** Seeds the random directions (default key(0)). */
  readonly key?: Key;
  /** How many random directions to try (default 3). */
  readonly directions?: number;
  /** What is allowed between a derivative and its difference quotient (default 1e-7). */
  readonly tolerance?: number;
  /** Whether second derivatives are checked too (default yes; no for functions with kinks). */
  readonly secondOrder?: boolean;
}

/** The largest relative discrepancy that each law showed. */
export interface GradientReport {
  readonly jvp: number;
  readonly vjp: number;
  readonly hvp: number | undefined;
}

/**
 * Checks all derivatives of a function at a point: of any tree of float64 arrays, to any tree of them.
 *
 *   checkGradients((theta, x) => sum(tanh(matmul(theta.weight, x))), [theta, x])
 *
 * jvp against difference quotients, vjp against jvp, linearity of both, values kept under every transform, and
 * (of ⟨w, f⟩ for a random w) Hessian-vector products against each other and against differences. Throws a
 * LawViolation that says what disagreed.
 */
export function checkGradients<Args extends readonly unknown[], Y>(
  f: (...args: Args) => Y,
  args: Args,
  { key: seed = key(0), directions = 3, tolerance = 1e-7, secondOrder = true }: GradientCheck = {},
): GradientReport {
  const { structure, leaves } = flatten(args, "checkGradients", "args");
  for (const { dtype } of leaves) {
    if (dtype === "float64") continue;
    throw new DTypeError(
      "checkGradients",
      `difference quotients need float64; got ${dtype}`,
      "Convert the arguments, and close over whole numbers.",
    );
  }
  const raveled: ArrayFunction = (...xs) =>
    concat(
      flatten(f(...unflatten<Args>(structure, xs)), "checkGradients").leaves.map((y) => reshape(y, [-1])),
    );
  const y = raveled(...leaves);

  const reports = Array.from({ length: directions }, (_, i) => {
    const [dxs, others] = [like(leaves, fold(seed, i, 0)), like(leaves, fold(seed, i, 1))];
    const [yBar, otherBar] = like([y, y], fold(seed, i, 2)) as [NdArray, NdArray]; // as many as were given
    primalIsKept(raveled, leaves, dxs);
    const jvp = jvpMatchesDifferences(raveled, leaves, dxs, tolerance / 2);
    const vjp = vjpIsTransposeOfJvp(raveled, leaves, dxs, yBar, 1e-10);
    derivativesAreLinear(raveled, leaves, [dxs, others], [yBar, otherBar], 0.5, 1e-10);
    if (!secondOrder) return { jvp, vjp, hvp: undefined };
    const weighted: ArrayFunction = (...xs) => dot(yBar, raveled(...xs));
    const hvp = hessianProductsAgree(weighted, leaves, dxs, others, {
      tolerance: 1e-10,
      differences: tolerance / 2,
    });
    hessianIsSymmetric(weighted, leaves, dxs, others, 1e-10);
    return { jvp, vjp, hvp };
  });
  return {
    jvp: Math.max(...reports.map(({ jvp }) => jvp)),
    vjp: Math.max(...reports.map(({ vjp }) => vjp)),
    hvp: secondOrder ? Math.max(...reports.map(({ hvp }) => hvp ?? 0)) : undefined,
  };
}

/** Arrays of standard normal draws, of the same shapes. */
function like(xs: Arrays, seed: Key): Arrays {
  return xs.map(({ shape }, i) => {
    const draws = new Float64Array(sizeOf(shape));
    fillNormal(fold(seed, i), draws);
    return array(draws, shape);
  });
}
