/** What is done to a curve before it is drawn. Runs in the page. */
import type { Column } from "../data.ts";

/**
 * Exponential moving average with weight w on what came before, without the bias of the start: over the values so far,
 *
 *   y_i = Σ_{j ≤ i} w^{i−j} x_j / Σ_{j ≤ i} w^{i−j}
 *
 * Missing values stay missing, and count for nothing.
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

/** What a logarithmic axis can show. */
export function positive(values: Column): Column {
  return values.map((value) => (value !== null && value > 0 ? value : null));
}

/** The index, closest to i, at which there is a value. */
export function closest(values: ArrayLike<number | null | undefined>, i: number): number {
  for (let d = 0; d < values.length; d++) {
    if (values[i - d] != null) return i - d;
    if (values[i + d] != null) return i + d;
  }
  return i;
}

/** Four digits, without zeros behind. */
export function short(value: number | null | undefined): string {
  return value == null ? "" : String(Number(value.toPrecision(4)));
}
