import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { configText } from "../../config/parse-config.ts";
import { leaves } from "../../config/tree.ts";
import { fileProblem, InputError } from "../../errors.ts";
import { limits, readText } from "../../files/read-file.ts";
import { progressOf } from "../../training/resume.ts";
import { readConfig, runFiles } from "../../training/store/run-directory.ts";
import type { PlannedRun } from "./expand.ts";

/** `iteration`: how many are completed at the last checkpoint. */
export type RunStatus =
  | { readonly state: "new" | "interrupted" | "finished"; readonly iteration: number }
  /** Its numbers overflowed: a result of its settings, not a failure of the sweep. */
  | { readonly state: "diverged"; readonly iteration: number; readonly reason: string };

/** The status of a run of a sweep, from its directory: a sweep keeps no separate records. */
export function statusOf(root: string, { name, config }: PlannedRun): RunStatus {
  const directory = join(root, name);
  const { config: path } = runFiles(directory);
  if (!existsSync(path)) return { state: "new", iteration: 0 };
  if (readText(path, limits.settings) !== configText(config))
    throw new InputError(
      `${directory}: holds a run with other settings (${differences(readConfig(directory).config, config)}). ` +
        "Restore them in the sweep, choose another --out, or delete that run.",
    );
  const progress = progressOf(directory, config);
  if (progress === undefined) return { state: "interrupted", iteration: 0 };
  const { iteration, finished, divergence } = progress;
  if (divergence !== undefined) return { state: "diverged", iteration, reason: divergence };
  return { state: finished ? "finished" : "interrupted", iteration };
}

/** "tasks 7, not 8" */
function differences(there: object, wanted: object): string {
  const [old, now] = [leaves(there), leaves(wanted)];
  return (
    [...new Set([...old.keys(), ...now.keys()])]
      .filter((path) => old.get(path) !== now.get(path))
      .map((path) => `${path} ${old.get(path) ?? "unset"}, not ${now.get(path) ?? "unset"}`)
      .join("; ") || "the same settings, written differently"
  );
}

/** Runs below the directory that are not, or no longer, part of the sweep. */
export function strayRuns(root: string, runs: readonly PlannedRun[]): string[] {
  const planned = new Set(runs.map(({ name }) => name));
  return foldersOf(root)
    .flatMap((setting) => foldersOf(join(root, setting)).map((seed) => `${setting}/${seed}`))
    .filter((name) => !planned.has(name) && existsSync(runFiles(join(root, name)).config))
    .sort();
}

function foldersOf(path: string): string[] {
  if (!existsSync(path)) return [];
  try {
    const entries = readdirSync(path, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch (error) {
    throw new InputError(`${path}: ${fileProblem(error)}.`);
  }
}
