import { type LegendEntry, seriesColor, seriesCount } from "./figure.ts";
import type { Group } from "./runs.ts";

/** Whether group i has its own colour; the remaining groups share a faint one. */
export function hasColor(i: number): boolean {
  return i < seriesCount;
}

export function groupColor(i: number): string {
  return hasColor(i) ? seriesColor(i) : "var(--faint)";
}

export function groupLegend(groups: readonly Group[]): LegendEntry[] {
  const others = groups.length - seriesCount;
  return [
    ...groups.slice(0, seriesCount).map(({ label }, i) => ({ label, color: groupColor(i) })),
    ...(others > 0 ? [{ label: others === 1 ? "1 other" : `${others} others`, color: "var(--faint)" }] : []),
  ];
}

/** The marks of all groups, with the first group on top. */
export function groupMarks<T>(
  groups: readonly Group[],
  draw: (group: Group, color: string, i: number) => readonly T[],
): T[] {
  return groups
    .map((group, i) => draw(group, groupColor(i), i))
    .reverse()
    .flat();
}

/** Of a curve over iterations: a line and, where it is too short to be seen, its points. */
export function lineOf(
  points: readonly object[],
  stroke: string,
): { readonly x: "iteration"; readonly y: "mean"; readonly stroke: string; readonly marker: boolean } {
  return { x: "iteration", y: "mean", stroke, marker: points.length < 4 };
}

/** A page draws this many groups; tables hold more. */
export const mostCurves: number = 20;
