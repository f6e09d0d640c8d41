/**
 * What lies in the directory of a run is the run's own, and the pages that a sweep writes about itself are the sweep's: a
 * command about something else neither replaces nor nests there.
 */
import {
  closeSync,
  type Dirent,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  type Stats,
  statSync,
} from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { InputError } from "../../errors.ts";

/** What a run, its report and its animation are made of; see run-directory.ts. */
const ofRun =
  /^(config(\.next)?\.json|divergence\.json|(metrics|evaluations|timings)\.jsonl|report\.html|motion\.(html|svg)|(checkpoints|figures)([\\/].*)?)$/i;

/** Near the start of each page that a sweep writes about itself; nothing else tells its directory from a folder of runs. */
export const markOfSweep = '<meta name="page-of" content="sweep">';

/**
 * Refuses to write `file` where it would replace a file of a run or the page of a sweep, or come among them. `own` is the
 * directory of the run or sweep that the command is about, and may replace its own reports and animation.
 */
export function refuseOwned(file: string, own?: string): void {
  const path = real(file);
  const run = runAround(dirname(path));
  const [kind, owner] =
    run !== undefined && ofRun.test(relative(run, path)) ? ["run", run] : ["sweep", sweepWithPage(path)];
  if (owner === undefined || (own !== undefined && real(own) === owner)) return;
  throw new InputError(
    `${file}: belongs to the ${kind} in ${owner}, which this command is not about alone. Choose another name or place for --out.`,
  );
}

/** Refuses to begin a run, or several, in the directory of another. */
export function refuseInsideRun(root: string): void {
  const run = runAround(dirname(real(root)));
  if (run !== undefined)
    throw new InputError(`${root}: lies in the directory of the run ${run}. Choose another --out.`);
}

/** Refuses to make a folder of runs the directory of one: it would own the others' place. */
export function refuseAmongRuns(root: string): void {
  const run = isA("directory", root) ? runBelow(root, depthOfRuns) : undefined;
  if (run !== undefined)
    throw new InputError(
      `${root}: holds other runs, such as ${relative(root, run)}. A run needs a directory of its own: choose another --out, such as ${join(root, "NAME")}.`,
    );
}

/** From a folder of sweeps to a run: sweep/setting/seed-0. */
const depthOfRuns = 3;

/** A run below `folder`, at most so many folders down; links are not followed. */
function runBelow(folder: string, depth: number): string | undefined {
  const folders = readableEntries(folder).filter(
    (entry) => entry.isDirectory() && !entry.name.startsWith("."),
  );
  for (const { name } of folders) {
    const path = join(folder, name);
    if (isRun(path)) return path;
    const below = depth > 1 && name !== "node_modules" ? runBelow(path, depth - 1) : undefined;
    if (below !== undefined) return below;
  }
  return undefined;
}

function readableEntries(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return []; // what cannot be read holds no run that anybody could continue
  }
}

function isRun(folder: string): boolean {
  return isA("file", join(folder, "config.json")) && isA("directory", join(folder, "checkpoints"));
}

/** The directory of a run that is `folder`, or holds it. */
function runAround(folder: string): string | undefined {
  if (isRun(folder)) return folder;
  return dirname(folder) === folder ? undefined : runAround(dirname(folder));
}

/** The directory of the sweep whose page `path` is, or whose figures it lies among. */
function sweepWithPage(path: string): string | undefined {
  const above = dirname(path);
  const page = path.replace(/(^|[\\/])figures$/i, "$1report.html").replace(/-figures$/i, ".html");
  if (isSweepPage(page)) return above;
  return above === path ? undefined : sweepWithPage(above);
}

/** A page that cannot be read is not known to be one. */
function isSweepPage(path: string): boolean {
  if (!path.toLowerCase().endsWith(".html") || !isA("file", path)) return false;
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, "r");
    const head = Buffer.alloc(1024);
    return head.toString("utf8", 0, readSync(descriptor, head)).includes(markOfSweep);
  } catch {
    return false;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
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
