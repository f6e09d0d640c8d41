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
  const names = pageNames([...summaries.keys()]);
  for (const [environment, rows] of summaries) {
    const groups = rows.flatMap(({ group }) => group ?? []);
    if (groups.length === 0) continue;
    const path = join(root, `${names.get(environment)}.html`);
    await writeGroupReport(groups, path, { note: noteOn(rows), own: root, isOfSweep: true });
    pages.push(path);
  }
  return pages;
}

/**
 * By environment. A module's path would lead to another folder, so its page has the name of its file; those of one name
 * are numbered, whatever their case, which some file systems ignore.
 */
function pageNames(environments: readonly string[]): ReadonlyMap<string, string> {
  if (environments.length === 1) return new Map([[environments[0]!, "report"]]);
  const taken = new Set<string>();
  const named = (base: string, count = 1): string => {
    const name = count === 1 ? base : `${base}-${count}`;
    if (taken.has(name.toLowerCase())) return named(base, count + 1);
    taken.add(name.toLowerCase());
    return name;
  };
  return new Map(
    environments.map((environment) => [environment, named(environment.replace(/^.*[\\/]/, ""))]),
  );
}

/** A note about what the curves cannot show. */
function noteOn(rows: readonly SettingSummary[]): string {
  const diverged = rows.filter((row) => row.diverged.length > 0);
  if (diverged.length === 0) return "";
  const seeds = diverged.map((row) => `${row.name} (seed ${row.diverged.join(", ")})`);
  return `Diverged, and left out of means and curves: ${seeds.join("; ")}.`;
}
