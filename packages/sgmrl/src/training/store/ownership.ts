/** What lies in the directory of a run is the run's own: a command about something else neither replaces nor nests there. */
import { realpathSync, type Stats, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { InputError } from "../../errors.ts";

/** What a run, its report and its animation are made of; see run-directory.ts. */
const ofRun =
  /^(config(\.next)?\.json|(metrics|evaluations|timings)\.jsonl|report\.html|motion\.(html|svg)|(checkpoints|figures)([\\/].*)?)$/i;

/**
 * Refuses to write `file` where it would replace a file of a run, or come among them. `own` is the run that the command
 * is about, and may replace its own report and animation.
 */
export function refuseFileOfRun(file: string, own?: string): void {
  const path = real(file);
  const run = runAround(dirname(path));
  if (run === undefined || !ofRun.test(relative(run, path))) return;
  if (own !== undefined && real(own) === run) return;
  throw new InputError(
    `${file}: belongs to the run in ${run}, which this command is not about alone. Choose another name or place for --out.`,
  );
}

/** Refuses to begin a run, or several, in the directory of another. */
export function refuseInsideRun(root: string): void {
  const run = runAround(dirname(real(root)));
  if (run !== undefined)
    throw new InputError(`${root}: lies in the directory of the run ${run}. Choose another --out.`);
}

/** The directory of a run that is `folder`, or holds it. */
function runAround(folder: string): string | undefined {
  if (isA("file", join(folder, "config.json")) && isA("directory", join(folder, "checkpoints")))
    return folder;
  return dirname(folder) === folder ? undefined : runAround(dirname(folder));
}

/**
 * Whether there is one at `path`; not where the system cannot say, as of a name that is too long. A link counts for what it
 * leads to, unless `look` is lstatSync.
 */
export function isA(
  kind: "file" | "directory",
  path: string,
  look: (path: string) => Stats = statSync,
): boolean {
  try {
    const found = look(path);
    return kind === "file" ? found.isFile() : found.isDirectory();
  } catch {
    return false;
  }
}

/** The path without links, as far as it exists. */
function real(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    const above = dirname(resolve(path));
    return above === resolve(path) ? above : join(real(above), basename(path));
  }
}
