/** Runs as tables for other programs: one row per iteration or evaluation, with the recorded numbers. */
import type { RecordedRun } from "../runs.ts";

export interface Table {
  /** The file name without its extension. */
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/** null is an empty cell. */
export type Cell = string | number | null;

/**
 * The records of `runs`, each under its name: `metrics` and `timings` with a column for every number that any
 * run has, `evaluations` with a row for each number of adaptation steps k.
 */
export function tablesOf(runs: ReadonlyMap<string, RecordedRun>): readonly Table[] {
  return [
    linesTable("metrics", runs, ({ metrics }) => metrics),
    {
      name: "evaluations",
      columns: ["run", "seed", "iteration", "tasks", "adaptationSteps", "meanReturn", "margin"],
      rows: [...runs].flatMap(([name, { config, evaluations }]) =>
        evaluations.flatMap(({ iteration, tasks, returns }) =>
          returns.map(({ mean, margin }, k) => [name, config.seed, iteration, tasks, k, mean, margin]),
        ),
      ),
    },
    linesTable("timings", runs, ({ timings }) => timings),
  ];
}

function linesTable(
  name: string,
  runs: ReadonlyMap<string, RecordedRun>,
  linesOf: (run: RecordedRun) => readonly Readonly<Record<string, unknown>>[],
): Table {
  const numbers = new Set(["iteration"]);
  for (const run of runs.values())
    for (const line of linesOf(run))
      for (const [key, value] of Object.entries(line)) if (typeof value === "number") numbers.add(key);
  const cell = (value: unknown): Cell => (typeof value === "number" ? value : null);
  return {
    name,
    columns: ["run", "seed", ...[...numbers].map(plain)],
    rows: [...runs].flatMap(([run, record]) =>
      linesOf(record).map((line) => [run, record.config.seed, ...[...numbers].map((key) => cell(line[key]))]),
    ),
  };
}

/** A name of a statistic, which an estimator chooses, as a cell that no spreadsheet takes for a formula. */
function plain(name: string): string {
  return name.replace(/^[=+\-@\t\r]/, "'$&");
}

/**
 * Comma-separated values. Numbers have enough digits to be read back exactly.
 *
 * Source  RFC 4180
 */
export function csvText({ columns, rows }: Table): string {
  const text = (cell: Cell): string => {
    const word = String(cell ?? "");
    return /[",\r\n]/.test(word) ? `"${word.replaceAll('"', '""')}"` : word;
  };
  return [columns, ...rows].map((row) => `${row.map(text).join(",")}\r\n`).join("");
}
