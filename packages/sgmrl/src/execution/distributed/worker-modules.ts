/**
 * Modules that a worker may run. These are only the ones it was started with: a job names a module by the hash of its
 * code and can only choose among them; it cannot make a worker load another file.
 */
import { resolve } from "node:path";
import { hashModule, type ModulePaths } from "../../config/modules.ts";
import type { Experiment } from "../../settings.ts";
import { commandLine } from "../../wording.ts";

/** The path of each module, by the hash of its code. */
export type WorkerModules = ReadonlyMap<string, string>;

export function workerModules(paths: readonly string[]): WorkerModules {
  return new Map(paths.map((path) => [hashModule(resolve(path)), resolve(path)]));
}

/** The paths of the modules of an experiment on this worker, and the names of the missing ones. */
export function locateModules(
  { modules = {} }: Pick<Experiment, "modules">,
  known: WorkerModules,
): { readonly paths: ModulePaths; readonly missing: readonly string[] } {
  const entries = Object.entries(modules);
  return {
    paths: Object.fromEntries(
      entries.flatMap(([name, sha256]) => {
        const path = known.get(sha256);
        return path === undefined ? [] : [[name, path]];
      }),
    ),
    missing: entries.filter(([, sha256]) => !known.has(sha256)).map(([name]) => name),
  };
}

/** The reason why a worker does not take a run's groups. */
export function missingText(run: string, missing: readonly string[]): string {
  const [shown, flags] = [missing.join(", "), missing.flatMap((name) => ["--module", name])];
  return (
    `run ${run} uses ${shown}, which this worker lacks, or has in another version; it takes none of the run's groups.\n` +
    `Start it with the same files as the run's: ${commandLine("worker", ...flags, "--broker", "…")}`
  );
}
