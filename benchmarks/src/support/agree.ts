/** A wrong answer is not timed: results are compared with the float64 oracle first. */

type Results = readonly ArrayLike<number>[];

/** Largest error of any number, relative to the largest of its array. */
export function largestError(results: Results, expected: Results): number {
  if (results.length !== expected.length)
    throw new Error(`${results.length} results where ${expected.length} were expected`);
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

export function assertAgrees(name: string, results: Results, expected: Results, tolerance: number): number {
  const error = largestError(results, expected);
  if (!(error <= tolerance))
    throw new Error(`${name} is off by ${error.toExponential(1)}, more than ${tolerance}: not timed`);
  return error;
}
