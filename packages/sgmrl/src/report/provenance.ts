import type { Program } from "../version.ts";
import { htmlTable, type Section } from "./page.ts";
import type { Group, RecordedRun } from "./runs.ts";

/** The programs that computed the runs, as recorded with the timings, and for how long. */
export function provenanceSection(groups: readonly Group[]): Section {
  const columns = ["sgmrl", "node", "platform", "architecture", "processor"] as const;
  return {
    title: "Where it was computed",
    body: `${htmlTable(
      ["", "version", "Node", "platform", "architecture", "processor", "seconds"],
      groups.map(({ label, runs }) => [
        label,
        ...columns.map((column) => distinct(runs.flatMap(programsOf).map((program) => program[column]))),
        totalSeconds(runs),
      ]),
    )}<p>Wall-clock seconds, summed over iterations and seeds, without evaluations.</p>`,
  };
}

function programsOf({ timings }: RecordedRun): Program[] {
  return timings.flatMap((line) => (line as { readonly by?: Program }).by ?? []); // checked as it was read
}

function distinct(values: readonly (string | undefined)[]): string {
  const known = new Set(values.filter((value) => value !== undefined));
  return known.size === 0 ? "not recorded" : [...known].join("; ");
}

function totalSeconds(runs: readonly RecordedRun[]): string {
  const lines = runs.flatMap(({ timings }) => timings);
  return lines.reduce((sum, { wall }) => sum + (wall ?? 0), 0).toFixed(1);
}
