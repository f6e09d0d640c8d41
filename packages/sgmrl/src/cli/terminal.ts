import type { Group } from "../report/runs.ts";

/** Where a command writes. Results go to `out`, progress and messages to `err`. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** Where progress is drawn; absent in tests. */
  readonly progress?: NodeJS.WriteStream;
}

/** Rows as aligned columns, two spaces apart. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

export function warn(terminal: Terminal, warnings: readonly string[]): void {
  for (const text of warnings) terminal.err(`warning: ${text}`);
}

/** Warns on stderr about damaged files of the runs that a table or a page shows. */
export function warnOfDamage(terminal: Terminal, groups: readonly Group[]): void {
  for (const { runs } of groups)
    for (const { damage } of runs) for (const problem of damage) terminal.err(`warning: damaged: ${problem}`);
}
