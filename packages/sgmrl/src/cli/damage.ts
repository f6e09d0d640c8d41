import type { Group } from "../report/runs.ts";
import type { Terminal } from "./terminal.ts";

/** Says on stderr what is damaged of the runs that a table or a page shows. */
export function warnOfDamage(terminal: Terminal, groups: readonly Group[]): void {
  for (const { runs } of groups)
    for (const { damage } of runs) for (const problem of damage) terminal.err(`damaged: ${problem}`);
}
