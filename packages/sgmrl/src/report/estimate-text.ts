import { decimals } from "@sgmrl/envs";
import type { Estimate } from "../statistics/confidence.ts";
import type { Interval } from "../statistics/run-statistics.ts";
import type { SeedStatistics } from "./over-seeds.ts";

/** -31.46 ± 0.52, with as many digits as the margin justifies. */
export function estimateText({ mean, margin }: Estimate): string {
  const digits = digitsFor(margin);
  return `${decimals(mean, digits)} ± ${margin.toFixed(digits)}`;
}

/** Decimal places that show two significant digits of the margin. */
function digitsFor(margin: number): number {
  if (!(margin > 0)) return 3;
  const exponent = Number(margin.toExponential().split("e")[1]); // ⌊log₁₀ margin⌋, exactly
  return Math.min(6, Math.max(0, 1 - exponent));
}

/** The columns "before", "after 1", … of a table, and every row's returns in them. */
export function returnColumns(rows: readonly (readonly Estimate[])[]): {
  readonly head: readonly string[];
  readonly cells: readonly (readonly string[])[];
} {
  const columns = [...Array(Math.max(0, ...rows.map((returns) => returns.length))).keys()];
  return {
    head: columns.map((k) => (k === 0 ? "before" : `after ${k}`)),
    cells: rows.map((returns) =>
      columns.map((k) => (returns[k] === undefined ? "" : estimateText(returns[k]))),
    ),
  };
}

/** -13.15 [-14.66, -13.10], with as many digits as the interval's width justifies. */
function intervalText({ value, low, high }: Interval): string {
  const digits = digitsFor((high - low) / 2);
  return `${decimals(value, digits)} [${decimals(low, digits)}, ${decimals(high, digits)}]`;
}

/** A table of `seedStatistics`: the column heads, and a row for each group. */
export function seedColumns(rows: readonly SeedStatistics[]): {
  readonly head: readonly string[];
  readonly cells: readonly (readonly string[])[];
} {
  return {
    head: ["interquartile mean", "P(better than the first)"],
    cells: rows.map(({ interquartileMean, improvement }) => [
      intervalText(interquartileMean),
      improvement === undefined ? "" : intervalText(improvement),
    ]),
  };
}
