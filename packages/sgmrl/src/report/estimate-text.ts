import type { Estimate } from "../confidence.ts";

/** -31.46 ± 0.52, with as many digits as the margin deserves. */
export function estimateText({ mean, margin }: Estimate): string {
  const digits = margin > 0 ? Math.min(6, Math.max(0, 1 - Math.floor(Math.log10(margin)))) : 3;
  return `${mean.toFixed(digits)} ± ${margin.toFixed(digits)}`;
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
