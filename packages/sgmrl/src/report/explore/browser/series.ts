/** Transformations of a curve before it is drawn. Runs in the page. */
import type { Column } from "../data.ts";

/**
 * Exponential moving average with weight w on earlier values, with bias correction at the start:
 *
 *   y_i = Σ_{j ≤ i} w^{i−j} x_j / Σ_{j ≤ i} w^{i−j}
 *
 * Missing values stay missing, and are skipped in the sums.
 */
export function smoothed(values: Column, w: number): Column {
  let sum = 0;
  let weight = 0;
  return values.map((value) => {
    if (value === null) return null;
    sum = w * sum + value;
    weight = w * weight + 1;
    return sum / weight;
  });
}

/** Keeps only values that a logarithmic axis can show. */
export function positive(values: Column): Column {
  return values.map((value) => (value !== null && value > 0 ? value : null));
}

/** The index closest to i that has a value. */
export function closest(values: ArrayLike<number | null | undefined>, i: number): number {
  for (let d = 0; d < values.length; d++) {
    if (values[i - d] != null) return i - d;
    if (values[i + d] != null) return i + d;
  }
  return i;
}

/** Four significant digits, without trailing zeros. */
export function short(value: number | null | undefined): string {
  return value == null ? "" : String(Number(value.toPrecision(4)));
}
