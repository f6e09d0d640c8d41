import type { NdArray, TypedArray } from "../array/ndarray.ts";
import { sameShape } from "../array/shape.ts";
import { AutodiffError } from "../errors.ts";

/** A law that derivatives obey does not hold. `op` names the law. */
export class LawViolation extends AutodiffError {
  override readonly name = "LawViolation";
}

/** The allowed difference from the expected number: |a − b| ≤ relative |b| + absolute. */
export interface Tolerance {
  readonly relative: number;
  /** One tolerance for all elements, or one for each (default 0). */
  readonly absolute?: number | Float64Array;
  /** Whether NaN is accepted where NaN is expected (default no: a NaN is not a derivative). */
  readonly nanAgrees?: boolean;
}

/**
 * Requires every element to be within its tolerance of the expected one. A plain number t means t (1 + |b|),
 * with NaN equal to NaN, for expected values written out one by one.
 *
 * Returns the largest |a − b|, as a multiple of the largest |b|.
 */
export function requireClose(
  law: string,
  what: string,
  got: TypedArray,
  expected: TypedArray,
  tolerance: number | Tolerance,
): number {
  const { relative, absolute = 0, nanAgrees = false } = asTolerance(tolerance);
  if (got.length !== expected.length) {
    throw new LawViolation(
      law,
      `${what} has ${got.length} elements, expected ${expected.length}`,
      "Check the shapes that the rule returns.",
    );
  }
  let largest = 0;
  for (let i = 0; i < expected.length; i++) {
    const [a, b] = [got[i]!, expected[i]!];
    if (a === b || (nanAgrees && Object.is(a, b))) continue;
    const difference = Math.abs(a - b);
    const allowed = relative * Math.abs(b) + (typeof absolute === "number" ? absolute : absolute[i]!);
    // Negated so that NaN is a violation, and so is a finite number where infinity is expected.
    if (!(difference <= allowed && Number.isFinite(difference))) {
      throw new LawViolation(
        law,
        `${what} must agree to ${allowed.toPrecision(2)}; element ${i} is ${a}, expected ${b}`,
        "Print the derivative with show, and compare it with the formula of the rule.",
      );
    }
    largest = Math.max(largest, difference);
  }
  return largest === 0 ? 0 : largest / (largestOf([expected]) || 1);
}

function asTolerance(tolerance: number | Tolerance): Tolerance {
  return typeof tolerance === "number"
    ? { relative: tolerance, absolute: tolerance, nanAgrees: true }
    : tolerance;
}

/** The largest |x_i| of all lists: the scale of a comparison whose terms may cancel. */
export function largestOf(lists: readonly TypedArray[]): number {
  let largest = 0;
  for (const list of lists) for (const x of list) largest = Math.max(largest, Math.abs(x));
  return largest;
}

/** The same for arrays, whose types must also agree. */
export function requireCloseArrays(
  law: string,
  what: string,
  got: readonly NdArray[],
  expected: readonly NdArray[],
  tolerance: number | Tolerance,
): number {
  return expected.reduce((largest, want, i) => {
    const have = got[i];
    const name = expected.length === 1 ? what : `${what} ${i}`;
    if (have === undefined || !sameShape(have.shape, want.shape) || have.dtype !== want.dtype) {
      const text = have ? `${have.dtype}[${have.shape.join(", ")}]` : "missing";
      throw new LawViolation(
        law,
        `${name} must be ${want.dtype}[${want.shape.join(", ")}]; it is ${text}`,
        "Check the shapes that the rule returns.",
      );
    }
    return Math.max(largest, requireClose(law, name, have.data, want.data, tolerance));
  }, 0);
}
