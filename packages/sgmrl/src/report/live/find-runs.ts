/** Finds the runs in folders that may still grow, and their progress. */
import { createHash } from "node:crypto";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileProblem, InputError } from "../../errors.ts";
import { runFiles } from "../../training/store/run-directory.ts";
import { counted } from "../../wording.ts";
import { groupKey, type RecordedRun } from "../runs.ts";

/** A folder of sweeps holds sweeps; a sweep holds a folder for each setting; that holds a run for each seed. */
const deepest = 3;

/**
 * The runs at a path or below it. A path where there is nothing yet has none.
 *
 * @throws InputError for a folder that cannot be read
 */
export function runsBelow(path: string, levels: number = deepest): string[] {
  try {
    if (statSync(runFiles(path).config, { throwIfNoEntry: false })?.isFile()) return [path];
    if (levels === 0 || !statSync(path, { throwIfNoEntry: false })?.isDirectory()) return [];
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory()) // not links, which may form cycles
      .map(({ name }) => join(path, name))
      .sort()
      .flatMap((folder) => runsBelow(folder, levels - 1));
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`${path}: ${fileProblem(error)}.`);
  }
}

/** Changes whenever the name, size or time of a file that the page shows changes, or a problem with it does. */
export function stampOf(directories: readonly string[], problems: readonly string[]): string {
  const hash = createHash("sha256").update(problems.join("\n"));
  for (const directory of directories) {
    const { config, metrics, evaluations, timings, checkpoints } = runFiles(directory);
    for (const file of [config, metrics, evaluations, timings, checkpoints])
      hash.update(`${file}\0${stateOf(file)}\0`);
  }
  return `"${hash.digest("hex").slice(0, 32)}"`;
}

/** A file that cannot be looked at has a state too; reading it says what is wrong. */
function stateOf(file: string): string {
  try {
    const found = statSync(file, { throwIfNoEntry: false });
    return `${found?.size} ${found?.mtimeMs}`;
  } catch (error) {
    return fileProblem(error);
  }
}

export function hasAllIterations({ config, metrics }: RecordedRun): boolean {
  return metrics.length >= config.iterations;
}

/** A run that the page does not show, and why. */
export interface Undrawn {
  readonly directory: string;
  readonly why: string;
}

/**
 * The runs to draw, and what to say of the others. Curves over seeds reach as far as the seed that is furthest behind,
 * so a run waits until it has done half of what the furthest of its group has.
 */
export function runsToDraw(runs: readonly RecordedRun[]): {
  readonly drawn: readonly RecordedRun[];
  readonly undrawn: readonly Undrawn[];
} {
  const furthest = new Map<string, number>();
  for (const run of runs)
    furthest.set(groupKey(run), Math.max(furthest.get(groupKey(run)) ?? 0, run.metrics.length));
  const drawn = new Map<string, RecordedRun>();
  const undrawn: Undrawn[] = [];
  for (const run of runs) {
    const { directory, config, metrics } = run;
    const same = drawn.get(JSON.stringify(config));
    if (metrics.length === 0 || 2 * metrics.length < furthest.get(groupKey(run))!)
      undrawn.push({ directory, why: `${metrics.length} of ${counted(config.iterations, "iteration")}` });
    else if (same !== undefined)
      undrawn.push({ directory, why: `the same settings and seed as ${same.directory}` });
    else drawn.set(JSON.stringify(config), run);
  }
  return { drawn: [...drawn.values()], undrawn };
}

/** "5 runs: 3 finished, 1 in progress, 1 not drawn yet (runs/a/2: 3 of 40 iterations)." */
export function progressText(drawn: readonly RecordedRun[], undrawn: readonly Undrawn[]): string {
  const named = undrawn.slice(0, 5).map(({ directory, why }) => `${directory}: ${why}`);
  if (undrawn.length > named.length) named.push("…");
  const finished = drawn.filter(hasAllIterations).length;
  const counts = [
    finished > 0 ? `${finished} finished` : "",
    drawn.length > finished ? `${drawn.length - finished} in progress` : "",
    undrawn.length > 0 ? `${undrawn.length} not drawn yet (${named.join("; ")})` : "",
  ];
  const total = counted(drawn.length + undrawn.length, "run");
  return `${total}: ${counts.filter((text) => text !== "").join(", ")}.`;
}
