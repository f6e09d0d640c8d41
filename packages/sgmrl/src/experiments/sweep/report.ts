import { join } from "node:path";
import { writeGroupReport } from "../../report/report.ts";
import type { SettingSummary } from "./summary.ts";

/**
 * One page for each environment, since returns of different ones do not belong on one axis: "report.html", or if there
 * are several "<environment>.html". Their paths; a page needs a run that finished.
 */
export async function writeSweepReports(
  root: string,
  summaries: ReadonlyMap<string, readonly SettingSummary[]>,
): Promise<string[]> {
  const pages: string[] = [];
  for (const [environment, rows] of summaries) {
    const groups = rows.flatMap(({ group }) => group ?? []);
    if (groups.length === 0) continue;
    // A module's path would lead elsewhere.
    const name = summaries.size === 1 ? "report" : environment.replace(/^.*\//, "");
    const path = join(root, `${name}.html`);
    await writeGroupReport(groups, path, { note: noteOn(rows) });
    pages.push(path);
  }
  return pages;
}

/** What the curves cannot show. */
function noteOn(rows: readonly SettingSummary[]): string {
  const diverged = rows.filter((row) => row.diverged.length > 0);
  if (diverged.length === 0) return "";
  const seeds = diverged.map((row) => `${row.name} (seed ${row.diverged.join(", ")})`);
  return `Diverged, and in no mean or curve: ${seeds.join("; ")}.`;
}
