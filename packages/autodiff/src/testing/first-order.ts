import { item, type NdArray } from "../array/ndarray.ts";
import { reference } from "../backends/reference/backend.ts";
import { compile } from "../compile.ts";
import { AutodiffError } from "../errors.ts";
import { dot } from "../functions/arithmetic.ts";
import { add, mul } from "../primitives/arithmetic.ts";
import { sum } from "../primitives/broadcasting.ts";
import { abs } from "../primitives/piecewise.ts";
import { grad } from "../transforms/grad.ts";
import { jvp } from "../transforms/jvp.ts";
import { vjp } from "../transforms/vjp.ts";
import { type DifferenceQuotient, differentiateByDifferences, noiseOf } from "./differences.ts";
import { LawViolation, largestOf, requireClose, requireCloseArrays, type Tolerance } from "./violation.ts";

/** A function from float64 arrays to one array, to which the laws apply. */
export type ArrayFunction = (...xs: NdArray[]) => NdArray;
export type Arrays = readonly NdArray[];

/** J dx, for any number of arguments. */
export function tangentOf(f: ArrayFunction, xs: Arrays, dxs: Arrays): NdArray {
  return jvp<Arrays, NdArray>(f)(xs, dxs)[1];
}

/** Jᵀ yBar, for any number of arguments. */
export function cotangentsOf(f: ArrayFunction, xs: Arrays, yBar: NdArray): Arrays {
  return vjp<Arrays, NdArray>(f)(...xs)[1](yBar);
}

/** Every transform returns the plain value, bit for bit (except for the sign of zero). */
export function primalIsKept(f: ArrayFunction, xs: Arrays, dxs: Arrays): void {
  const plain = f(...xs);
  const pairOf = (...at: NdArray[]): [NdArray, NdArray] => jvp<Arrays, NdArray>(f)(at, dxs);
  const throughVjp = (...at: NdArray[]): NdArray => vjp<Arrays, NdArray>(f)(...at)[0];
  const values: Readonly<Record<string, NdArray>> = {
    jvp: pairOf(...xs)[0],
    vjp: throughVjp(...xs),
    compile: compile(f, { backend: reference })(...xs),
    "compile of jvp": compile(pairOf, { backend: reference })(...xs)[0],
    "jvp of vjp": jvp<Arrays, NdArray>(throughVjp)(xs, dxs)[0],
    "vjp of jvp": vjp<Arrays, NdArray>((...at) => pairOf(...at)[0])(...xs)[0],
  };
  for (const [transform, value] of Object.entries(values)) {
    requireCloseArrays("primal is kept", `the value under ${transform}`, [value], [plain], 0);
  }
}

/** Tolerances of a derivative against difference quotients. */
export interface DifferenceTolerance {
  /**
   * Relative to the derivative (default 1e-8), so that a small slope is checked as closely as a large one.
   */
  readonly relative?: number;
  /** Default: 2^−40 times the largest value or slope, so that it does not depend on the units of f. */
  readonly absolute?: number;
}

/**
 * Derivatives agree with difference quotients, to the accuracy of these. Quotients from short steps assume
 * that f has an error of at most 64 roundings of its largest value. Where that exceeds the tolerance, the
 * noise of f is measured and long steps are tried; their quotient is used where it is more accurate and
 * within the other's error.
 */
export function agreesWithDifferences(
  law: string,
  what: string,
  derivatives: Float64Array,
  along: (t: number) => Float64Array,
  { relative = 1e-8, absolute }: DifferenceTolerance,
): number {
  const short = differentiateByDifferences(along);
  const floor = absolute ?? 2 ** -40 * largestOf([along(0), short.derivative]);
  const floorOf = (quotient: DifferenceQuotient): number => (quotient === short ? floor : (absolute ?? 0));
  const doubtOf = (quotient: DifferenceQuotient, i: number): number =>
    floorOf(quotient) + 8 * quotient.error[i]!;

  const isCoarse = derivatives.some((ours, i) => {
    const slope = Math.max(Math.abs(ours), Math.abs(short.derivative[i]!));
    return slope !== 0 && doubtOf(short, i) > relative * slope;
  });
  const long = isCoarse ? byLongSteps(along) : undefined;
  const isSettled = (quotient: DifferenceQuotient, i: number): boolean => {
    const own = Math.abs(quotient.derivative[i]!);
    // A NaN has not settled.
    return quotient.error[i]! <= relative * own + floorOf(quotient) + 64 * quotient.rounding[i]!;
  };
  const chosen = (i: number): DifferenceQuotient => {
    // At a jump or a kink short steps do not settle, and the noise that is measured there is none.
    if (long === undefined || !isSettled(short, i) || !isSettled(long, i)) return short;
    if (!(doubtOf(long, i) < doubtOf(short, i))) return short;
    return Math.abs(long.derivative[i]! - short.derivative[i]!) <= doubtOf(short, i) ? long : short;
  };

  const unsettled = derivatives.findIndex((_, i) => !isSettled(chosen(i), i));
  if (unsettled !== -1) {
    const { derivative, error } = chosen(unsettled);
    throw new LawViolation(
      law,
      `difference quotients of ${what} do not settle: element ${unsettled} is ` +
        `${derivative[unsettled]} ± ${error[unsettled]}`,
      "Move the point away from a jump, a kink or the edge of the domain.",
    );
  }
  const expected = derivatives.map((_, i) => chosen(i).derivative[i]!);
  return requireClose(law, what, derivatives, expected, {
    relative: 2 * relative,
    absolute: derivatives.map((_, i) => doubtOf(chosen(i), i)),
  });
}

/** The quotient from long steps; undefined if they leave the domain of the function. */
function byLongSteps(along: (t: number) => Float64Array): DifferenceQuotient | undefined {
  try {
    return differentiateByDifferences(along, { firstStep: 1, noise: noiseOf(along) });
  } catch (error) {
    if (error instanceof AutodiffError) return undefined;
    throw error;
  }
}

/** J dx by the jvp rules is the difference quotient of f along dx. */
export function jvpMatchesDifferences(
  f: ArrayFunction,
  xs: Arrays,
  dxs: Arrays,
  tolerance: DifferenceTolerance = {},
): number {
  const tangent = Float64Array.from(tangentOf(f, xs, dxs).data);
  const along = (t: number): Float64Array =>
    Float64Array.from(f(...xs.map((x, i) => add(x, mul(t, dxs[i]!)))).data);
  return agreesWithDifferences("jvp matches differences", "the tangent", tangent, along, tolerance);
}

/**
 * The vjp is the transpose of the jvp:  ⟨yBar, J dx⟩ = ⟨Jᵀ yBar, dx⟩.
 *
 * The difference is compared with Σ |yBar_i (J dx)_i| + Σ |(Jᵀ yBar)_j dx_j|, since the sums may cancel.
 */
export function vjpIsTransposeOfJvp(
  f: ArrayFunction,
  xs: Arrays,
  dxs: Arrays,
  yBar: NdArray,
  tolerance = 1e-11,
): number {
  const dy = tangentOf(f, xs, dxs);
  const xBars = cotangentsOf(f, xs, yBar);
  const left = item(dot(yBar, dy));
  const right = xBars.reduce((total, xBar, i) => total + item(dot(xBar, dxs[i]!)), 0);
  const terms = [[yBar, dy] as const, ...xBars.map((xBar, i) => [xBar, dxs[i]!] as const)];
  const scale = terms.reduce((total, [a, b]) => total + item(sum(abs(mul(a, b)))), 0);
  const difference = Math.abs(left - right);
  const discrepancy = difference === 0 ? 0 : difference / scale;
  if (!(discrepancy <= tolerance)) {
    throw new LawViolation(
      "vjp is the transpose of jvp",
      `⟨yBar, J dx⟩ = ${left} and ⟨Jᵀ yBar, dx⟩ = ${right} must agree to ${tolerance}`,
      "One of the two rules is wrong; differences tell whether it is the jvp.",
    );
  }
  return discrepancy;
}

/** J (a dx + dx′) = a J dx + J dx′, and the same for Jᵀ. */
export function derivativesAreLinear(
  f: ArrayFunction,
  xs: Arrays,
  dxs: readonly [Arrays, Arrays],
  yBars: readonly [NdArray, NdArray],
  factor: number,
  tolerance = 1e-11,
): number {
  const combine = (a: NdArray, b: NdArray): NdArray => add(mul(factor, a), b);
  const [first, second] = dxs;
  const together = tangentOf(
    f,
    xs,
    first.map((dx, i) => combine(dx, second[i]!)),
  );
  const tangents = [tangentOf(f, xs, first), tangentOf(f, xs, second)] as const;
  const apart = combine(...tangents);
  const ofTangents = requireCloseArrays(
    "jvp is linear",
    "the tangent",
    [together],
    [apart],
    ofTerms(tangents, tolerance),
  );

  const [xBars, others] = [cotangentsOf(f, xs, yBars[0]), cotangentsOf(f, xs, yBars[1])];
  const ofCotangents = requireCloseArrays(
    "vjp is linear",
    "cotangent",
    cotangentsOf(f, xs, combine(...yBars)),
    xBars.map((xBar, i) => combine(xBar, others[i]!)),
    ofTerms([...xBars, ...others], tolerance),
  );
  return Math.max(ofTangents, ofCotangents);
}

/** A tolerance for sums of such terms: relative, plus the same fraction of the largest term. */
export function ofTerms(terms: Arrays, relative: number): Tolerance {
  return { relative, absolute: relative * largestOf(terms.map(({ data }) => data)) };
}

/** grad of a scalar function equals its pullback of 1. */
export function gradIsPullbackOfOne(f: ArrayFunction, xs: Arrays): void {
  const gradient = grad<Arrays, []>((at) => f(...at))(xs);
  const one = mul(0, f(...xs));
  requireCloseArrays("grad is the pullback of 1", "gradient", gradient, cotangentsOf(f, xs, add(one, 1)), 0);
}
