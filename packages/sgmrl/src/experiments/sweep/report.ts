import { join } from "node:path";
import { writeGroupReport } from "../../report/report.ts";
import type { SettingSummary } from "./summary.ts";

/**
 * Writes a page for each environment that has a finished run, since returns of different environments do not
 * belong on one axis: "report.html" or, for several environments, "<environment>.html". Returns their paths.
 */
export async function writeSweepReports(
  root: string,
  summaries: ReadonlyMap<string, readonly SettingSummary[]>,
): Promise<string[]> {
  const pages: string[] = [];
  for (const [environment, rows] of summaries) {
    const groups = rows.flatMap(({ group }) => group ?? []);
    if (groups.length === 0) continue;
    // A module's path would lead to another folder.
    const name = summaries.size === 1 ? "report" : environment.replace(/^.*\//, "");
    const path = join(root, `${name}.html`);
    await writeGroupReport(groups, path, { note: noteOn(rows), own: root, isOfSweep: true });
    pages.push(path);
  }
  return pages;
}

/** A note about what the curves cannot show. */
function noteOn(rows: readonly SettingSummary[]): string {
  const diverged = rows.filter((row) => row.diverged.length > 0);
  if (diverged.length === 0) return "";
  const seeds = diverged.map((row) => `${row.name} (seed ${row.diverged.join(", ")})`);
  return `Diverged, and left out of means and curves: ${seeds.join("; ")}.`;
}
