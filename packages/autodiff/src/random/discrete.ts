import { assertNatural, assertRange, RandomArgumentError } from "./errors.ts";
import type { Key } from "./key.ts";
import { uniform, uniformAt } from "./uniform.ts";

/**
 * One draw from the categorical distribution with P(k) proportional to weights[k], by inversion:   [eq:categorical]
 *
 *   k = min { k : u W < w_0 + ... + w_k },   W = w_0 + ... + w_(K-1),   u uniform on [0, 1)
 *
 * Weights need not sum to 1; one of weight 0 is never drawn. For logits, pass softmax(logits).
 */
export function categorical(key: Key, weights: ArrayLike<number>): number {
  return categoryAt("categorical", uniformAt(key, 0), weights, 0, weights.length);
}

/** Row i of `weights` [rows, categories] gives out[i], from draw i of the key. */
export function fillCategorical(
  key: Key,
  weights: ArrayLike<number>,
  categories: number,
  out: Int32Array,
): void {
  const rows = out.length;
  if (weights.length !== rows * categories) {
    const expected = `rows x categories = ${rows} x ${categories} = ${rows * categories}`;
    throw new RandomArgumentError("fillCategorical", "weights.length", weights.length, expected);
  }
  for (let row = 0; row < rows; row++) {
    out[row] = categoryAt("fillCategorical", uniformAt(key, row), weights, row * categories, categories);
  }
}

/** The category that u falls in, among weights[offset .. offset + count). */
export function categoryAt(
  op: string,
  u: number,
  weights: ArrayLike<number>,
  offset: number,
  count: number,
): number {
  assertRange(op, weights.length, offset, count);
  let total = 0;
  for (let k = 0; k < count; k++) {
    const weight = weights[offset + k]!;
    if (!(weight >= 0)) throw new RandomArgumentError(op, `weights[${offset + k}]`, weight, "at least 0");
    total += weight;
  }
  if (!(total > 0 && total < Number.POSITIVE_INFINITY)) {
    throw new RandomArgumentError(op, "the sum of the weights", total, "positive and finite");
  }
  const threshold = u * total;
  let cumulative = 0;
  let last = 0; // u W may round up to W: the last category of positive weight takes that case
  for (let k = 0; k < count; k++) {
    const weight = weights[offset + k]!;
    if (weight === 0) continue;
    cumulative += weight;
    last = k;
    if (threshold < cumulative) break;
  }
  return last;
}

/**
 * A permutation of 0..n-1, each of the n! equally likely, by exchanges from the end:   [eq:permutation]
 *
 *   for i = n-1 .. 1:  swap p_i and p_j,  j = floor(u_i (i + 1))
 *
 * Numerics  u_i has 53 bits, so no j is off its probability by more than 2^-53
 * Source    Durstenfeld, Algorithm 235, Communications of the ACM 7(7), 1964, doi:10.1145/364520.364540
 */
export function permutation(key: Key, n: number): Int32Array {
  assertNatural("permutation", "n", n);
  const p = Int32Array.from({ length: n }, (_, i) => i);
  const u = uniform(key, n);
  for (let i = n - 1; i >= 1; i--) {
    const j = Math.floor(u[i]! * (i + 1));
    [p[i], p[j]] = [p[j]!, p[i]!];
  }
  return p;
}
