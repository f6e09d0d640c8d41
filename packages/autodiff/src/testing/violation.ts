import type { NdArray, TypedArray } from "../array/ndarray.ts";
import { sameShape } from "../array/shape.ts";
import { AutodiffError } from "../errors.ts";

/** A law that derivatives obey does not hold. `op` names the law. */
export class LawViolation extends AutodiffError {
  override readonly name = "LawViolation";
}

/**
 * Requires |got_i − expected_i| ≤ tolerance (1 + |expected_i|) for every element; NaN agrees with NaN.
 *
 * Returns the largest left side over (1 + |expected_i|).
 */
export function requireClose(
  law: string,
  what: string,
  got: TypedArray,
  expected: TypedArray,
  tolerance: number,
): number {
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
    if (Object.is(a, b) || a === b) continue;
    const discrepancy = Math.abs(a - b) / (1 + Math.abs(b));
    // Written so that a NaN on one side only is a violation.
    if (!(discrepancy <= tolerance)) {
      throw new LawViolation(
        law,
        `${what} must agree to ${tolerance}; element ${i} is ${a}, expected ${b}`,
        "Print the derivative with show, and compare it with the formula of the rule.",
      );
    }
    largest = Math.max(largest, discrepancy);
  }
  return largest;
}

/** The same for arrays, whose types must agree too. */
export function requireCloseArrays(
  law: string,
  what: string,
  got: readonly NdArray[],
  expected: readonly NdArray[],
  tolerance: number,
): number {
  return Math.max(
    0,
    ...expected.map((want, i) => {
      const have = got[i];
      if (have === undefined || !sameShape(have.shape, want.shape) || have.dtype !== want.dtype) {
        const text = have ? `${have.dtype}[${have.shape.join(", ")}]` : "missing";
        throw new LawViolation(
          law,
          `${what} ${i} must be ${want.dtype}[${want.shape.join(", ")}]; it is ${text}`,
          "Check the shapes that the rule returns.",
        );
      }
      return requireClose(law, `${what} ${i}`, have.data, want.data, tolerance);
    }),
  );
}
