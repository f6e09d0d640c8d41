/**
 * The sum of n vectors by one binary tree over their indices.                              [eq:tree-sum]
 *
 *   S[a, b) = x_a                             if b − a = 1
 *   S[a, b) = S[a, a + p) + S[a + p, b)       p the largest power of two below b − a
 *
 * The tree depends on n alone: whoever computes the x_i, in whatever order, the sum has the same bits. Blocks of 2^k
 * indices that begin at a multiple of 2^k are subtrees, so that a group of units may also be summed where it ran.
 *
 * Numerics  error bound grows with log₂ n, not n
 * Errors    RangeError for no vectors
 * Source    Higham, SIAM J. Sci. Comput. 14(4), 1993, doi:10.1137/0914050
 */
export function treeSum(vectors: readonly Float64Array[]): Float64Array {
  const { length } = vectors;
  if (length === 0) throw new RangeError("treeSum: expected at least one vector, got none");
  if (length === 1) return vectors[0]!.slice();
  const left = treeSum(vectors.slice(0, largestPowerOfTwoBelow(length)));
  const right = treeSum(vectors.slice(largestPowerOfTwoBelow(length)));
  for (let i = 0; i < left.length; i++) left[i]! += right[i]!;
  return left;
}

/** The mean of numbers, summed by the same tree. */
export function treeMean(values: readonly number[]): number {
  return treeSum(values.map((value) => Float64Array.of(value)))[0]! / values.length;
}

function largestPowerOfTwoBelow(n: number): number {
  return 2 ** (31 - Math.clz32(n - 1));
}

/** 1, 2, 4, … */
export function isPowerOfTwo(n: number): boolean {
  return Number.isSafeInteger(n) && n >= 1 && (BigInt(n) & (BigInt(n) - 1n)) === 0n;
}
