/** Exports recorded runs as files for other programs. */
import { basename, dirname, join, resolve } from "node:path";
import { fileProblem, InputError } from "../../errors.ts";
import { makeDirectory, writeAtomically } from "../../training/store/atomic-write.ts";
import { refuseOwned } from "../../training/store/ownership.ts";
import { type RecordedRun, readRun } from "../runs.ts";
import { type Event, eventFile } from "./event-file.ts";
import { csvText, tablesOf } from "./tables.ts";

export const exportFormats = ["csv", "tensorboard"] as const;
export type ExportFormat = (typeof exportFormats)[number];

/**
 * Writes the runs' files below `folder`; returns their paths, and the problems of damaged runs.
 *
 *   csv           metrics.csv, evaluations.csv, timings.csv, a row for each line of each run
 *   tensorboard   <run>/events.out.tfevents.0.sgmrl: training and evaluation by iteration; times count from
 *                 the start of the run, so that equal runs differ only in them
 */
export function exportRuns(
  directories: readonly string[],
  format: ExportFormat,
  folder: string,
): { readonly files: readonly string[]; readonly damage: readonly string[] } {
  const runs = new Map(namesOf(directories).map((name, i) => [name, readRun(directories[i]!)]));
  const contents: readonly (readonly [string, string | Uint8Array])[] =
    format === "csv"
      ? tablesOf(runs).map((table) => [`${table.name}.csv`, csvText(table)])
      : [...runs].map(([name, run]) => [join(name, "events.out.tfevents.0.sgmrl"), eventFile(eventsOf(run))]);
  const files = contents.map(([name, content]) => {
    const path = join(folder, name);
    refuseOwned(path);
    try {
      makeDirectory(dirname(path));
      writeAtomically(path, content);
    } catch (error) {
      throw new InputError(`${path}: cannot be written: ${fileProblem(error)}.`);
    }
    return path;
  });
  return { files, damage: [...runs.values()].flatMap(({ damage }) => damage) };
}

/**
 * The last component of each path, or as many trailing components as needed to distinguish the runs. To a spreadsheet a
 * cell that begins with one of = + - @ is a formula: such a name begins with "./", which is the same path.
 */
function namesOf(directories: readonly string[]): readonly string[] {
  const paths = directories.map((directory) => resolve(directory).split(/[\\/]/).filter(Boolean));
  const longest = Math.max(...paths.map((path) => path.length));
  for (let parts = 1; parts <= longest; parts++) {
    const names = paths.map((path) => path.slice(-parts).join("/"));
    if (new Set(names).size === names.length)
      return names.map((name) => name.replace(/^[=+\-@\t\r]/, "./$&"));
  }
  throw new InputError(`${directories.map((one) => basename(one)).join(", ")}: the same run is given twice.`);
}

/** Metrics under `train/…`, returns on held-out tasks under `evaluation/return after k steps`. */
function eventsOf({ metrics, evaluations, timings }: RecordedRun): readonly Event[] {
  const timeOf = secondsBefore(timings);
  const training = metrics.map((line): Event => {
    const { iteration, ...numbers } = line;
    const step = iteration ?? 0;
    return { step, wallTime: timeOf(step + 1), values: prefixed("train/", numbers) };
  });
  const held = evaluations.map(({ iteration, returns }): Event => {
    const values = Object.fromEntries(
      returns.map(({ mean }, k) => [`return after ${k} step${k === 1 ? "" : "s"}`, mean]),
    );
    return { step: iteration, wallTime: timeOf(iteration), values: prefixed("evaluation/", values) };
  });
  return [...training, ...held].sort((a, b) => a.step - b.step || a.wallTime - b.wallTime);
}

/** Seconds of training before an iteration; those whose time was lost count none. */
function secondsBefore(timings: RecordedRun["timings"]): (iteration: number) => number {
  const lines = timings.toSorted((a, b) => (a.iteration ?? 0) - (b.iteration ?? 0));
  const sums = [0];
  for (const { wall } of lines) sums.push(sums.at(-1)! + (wall ?? 0));
  return (iteration) => {
    let [low, high] = [0, lines.length]; // lines before `low` are earlier, those from `high` on are not
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if ((lines[middle]!.iteration ?? 0) < iteration) low = middle + 1;
      else high = middle;
    }
    return sums[low]!;
  };
}

function prefixed(prefix: string, values: Readonly<Record<string, number | null>>): Event["values"] {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === null ? [] : [[prefix + name, value]])),
  );
}
