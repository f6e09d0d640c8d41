/** A wrong answer is not timed: results are compared with the float64 oracle first. */

import { describe } from "../../../packages/autodiff/src/errors.ts";
import { counted } from "../../../packages/sgmrl/src/wording.ts";

/** What a contender computes: arrays of numbers. */
export type Results = readonly ArrayLike<number>[];

/**
 * The largest error of any number, relative to the largest number of its array.
 * Throws where that is more than `tolerance`, and where there is nothing to compare: an array that is none, is empty or is
 * of another length. `name` is the contender.
 */
export function assertAgrees(name: string, results: Results, expected: Results, tolerance: number): number {
  const fault =
    whyNoNumbers("the results", results) ??
    whyNoNumbers("the expected results", expected) ??
    whyOtherLengths(results, expected);
  if (fault !== undefined) throw new Error(`${name}: ${fault}`);
  const error = largestError(results, expected);
  if (!(error <= tolerance))
    throw new Error(`${name} is off by ${error.toExponential(1)}, more than ${tolerance}: not timed`);
  return error;
}

/** Why something, called `what` in the plural, is not a list of arrays of numbers; undefined if it is. */
export function whyNoNumbers(what: string, found: unknown): string | undefined {
  const shouldBe = "expected a list of arrays of numbers, as [[1, 2], new Float32Array(3)]";
  if (!Array.isArray(found)) return `${what} are ${describe(found)}; ${shouldBe}`;
  if (found.length === 0) return `${what} are an empty list; ${shouldBe}`;
  for (const [k, array] of found.entries()) {
    if (!Array.isArray(array) && (!ArrayBuffer.isView(array) || array instanceof DataView))
      return `${what} hold ${describe(array)} at ${k}; ${shouldBe}`;
    const numbers = array as ArrayLike<unknown>;
    if (numbers.length === 0) return `${what} hold an empty array at ${k}; ${shouldBe}`;
    for (let i = 0; i < numbers.length; i++)
      if (typeof numbers[i] !== "number")
        return `${what} hold ${describe(numbers[i])} at ${k}, ${i}; ${shouldBe}`;
  }
  return undefined;
}

function whyOtherLengths(results: Results, expected: Results): string | undefined {
  if (results.length !== expected.length)
    return `${counted(results.length, "array")} where ${were(expected.length)} expected`;
  const k = results.findIndex(({ length }, i) => length !== expected[i]!.length);
  if (k === -1) return undefined;
  return `${counted(results[k]!.length, "number")} in array ${k} where ${were(expected[k]!.length)} expected`;
}

const were = (count: number): string => `${count} ${count === 1 ? "was" : "were"}`;

function largestError(results: Results, expected: Results): number {
  let worst = 0;
  expected.forEach((array, k) => {
    let scale = Number.MIN_VALUE;
    for (let i = 0; i < array.length; i++) scale = Math.max(scale, Math.abs(array[i]!));
    for (let i = 0; i < array.length; i++) {
      const off = Math.abs(array[i]! - results[k]![i]!) / scale;
      worst = Math.max(worst, Number.isNaN(off) ? Number.POSITIVE_INFINITY : off);
    }
  });
  return worst;
}
