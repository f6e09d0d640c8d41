import type { Program } from "../training/store/version.ts";
import { htmlTable, type Section } from "./page.ts";
import type { Group, RecordedRun } from "./runs.ts";

/** The programs that computed the runs, as recorded with the timings, and for how long. */
export function provenanceSection(groups: readonly Group[]): Section {
  const columns = [
    "sgmrl",
    "sourceCommit",
    "commit",
    "node",
    "platform",
    "architecture",
    "processor",
  ] as const;
  const head = [
    "",
    "sgmrl",
    "its commit",
    "your commit",
    "Node",
    "platform",
    "architecture",
    "processor",
    "seconds",
  ];
  return {
    title: "Where it was computed",
    body: `${htmlTable(
      head,
      groups.map(({ label, runs }) => [
        label,
        ...columns.map((column) => distinct(programsOf(runs).map((program) => shortened(program[column])))),
        secondsOf(runs).toFixed(1),
      ]),
    )}<p>Wall-clock seconds, summed over iterations and seeds, without evaluations. Commits are those checked out when the run started, in the sources of sgmrl and in the folder where it was started; uncommitted changes are not recorded.</p>`,
  };
}

/** The different programs that computed the runs. */
export function programsOf(runs: readonly RecordedRun[]): Program[] {
  const all = runs.flatMap(
    ({ timings }) => timings.flatMap((line) => (line as { readonly by?: Program }).by ?? []), // checked as it was read
  );
  return [...new Map(all.map((program) => [JSON.stringify(program), program])).values()];
}

/** A commit by its first twelve digits. */
function shortened(text: string | undefined): string | undefined {
  return text !== undefined && /^[0-9a-f]{40,64}$/.test(text) ? text.slice(0, 12) : text;
}

function distinct(values: readonly (string | undefined)[]): string {
  const known = new Set(values.filter((value) => value !== undefined));
  return known.size === 0 ? "not recorded" : [...known].join("; ");
}

/** Wall-clock seconds of all iterations, without evaluations. */
export function secondsOf(runs: readonly RecordedRun[]): number {
  const lines = runs.flatMap(({ timings }) => timings);
  return lines.reduce((sum, { wall }) => sum + (wall ?? 0), 0);
}
