/**
 * A run is a directory:
 *
 *   config.json          the complete settings
 *   metrics.jsonl        a line per iteration
 *   evaluations.jsonl    a line per evaluation on held-out tasks
 *   timings.jsonl        seconds per iteration and phase; the one file that differs between equal runs
 *   checkpoints/         what `resume` continues from, and best.safetensors
 *   divergence.json      only if the numbers are no longer finite: which, and where
 *   report.html, figures/
 */
import { accessSync, constants, existsSync, lstatSync } from "node:fs";
import { basename, join } from "node:path";
import { checkConfig, configText } from "../../config/parse-config.ts";
import { fileProblem, InputError } from "../../errors.ts";
import { limits, parseJson, readText } from "../../files/read-file.ts";
import { sha256 } from "../../files/sha256.ts";
import type { RunConfig } from "../../settings.ts";
import { makeDirectory, removeUnfinished, writeAtomically } from "./atomic-write.ts";
import { removeLoneArrays } from "./checkpoint.ts";
import { isA, refuseAmongRuns, refuseInsideRun } from "./ownership.ts";
import { lockRun } from "./run-lock.ts";

export interface RunFiles {
  readonly root: string;
  readonly config: string;
  /** The config of a run whose length is being changed. */
  readonly nextConfig: string;
  readonly metrics: string;
  readonly evaluations: string;
  readonly timings: string;
  readonly checkpoints: string;
  readonly best: string;
  readonly bestBeforeEnd: string;
  readonly divergence: string;
  readonly report: string;
  readonly figures: string;
}

export function runFiles(root: string): RunFiles {
  const checkpoints = join(root, "checkpoints");
  return {
    root,
    config: join(root, "config.json"),
    nextConfig: join(root, "config.next.json"),
    metrics: join(root, "metrics.jsonl"),
    evaluations: join(root, "evaluations.jsonl"),
    timings: join(root, "timings.jsonl"),
    checkpoints,
    best: join(checkpoints, "best.safetensors"),
    bestBeforeEnd: join(checkpoints, "best-before-end.safetensors"),
    divergence: join(root, "divergence.json"),
    report: join(root, "report.html"),
    figures: join(root, "figures"),
  };
}

/**
 * Refuses a directory that already holds a run, files that a run would replace, or other runs, or that lies in that of a run.
 */
export function refuseRun(root: string): void {
  const files = runFiles(root);
  // Looked for before the config, which a run that is just beginning elsewhere writes first: its files are not taken for others.
  const { metrics, evaluations, timings, divergence, report } = files;
  const replaced = [metrics, evaluations, timings, divergence, report].find((path) =>
    isA("file", path, lstatSync),
  );
  if (existsSync(files.config))
    throw new InputError(`${root}: already holds a run. Continue it with "resume", or choose another --out.`);
  refuseInsideRun(root);
  refuseAmongRuns(root);
  if (replaced !== undefined)
    throw new InputError(`${replaced}: a new run would replace this file. Move it, or choose another --out.`);
}

/**
 * Refuses a run whose journals are not regular files, or whose folders are not directories: a pipe would block for ever,
 * and a link could lead to any file that the author of the directory has chosen. Files that cannot be written are refused
 * too, before anything is removed. The run's directory itself may be a link.
 */
export function refuseOddFiles({ metrics, evaluations, timings, checkpoints, figures }: RunFiles): void {
  const check = (path: string, kind: "a regular file" | "a directory"): void => {
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found === undefined) return;
    if (!(kind === "a directory" ? found.isDirectory() : found.isFile()))
      throw new InputError(
        `${path}: expected ${kind} that is not a link, as a run writes only to its own files. Remove it.`,
      );
    try {
      accessSync(path, constants.W_OK);
    } catch (error) {
      throw new InputError(`${path}: cannot be written: ${fileProblem(error)}.`);
    }
  };
  for (const path of [metrics, evaluations, timings]) check(path, "a regular file");
  for (const path of [checkpoints, figures]) check(path, "a directory");
}

/** Removes what killed processes left in the directory of a run. The caller must hold its lock. */
export function clearAway({ root, checkpoints, figures }: RunFiles): void {
  for (const folder of [root, checkpoints, figures]) removeUnfinished(folder);
  removeLoneArrays(checkpoints);
}

/** Does the same for a run that should have no writer; if it has one, leaves it alone. */
export function clearAwayUnlessBusy(root: string): void {
  let unlock: () => void;
  try {
    unlock = lockRun(root);
  } catch {
    return;
  }
  try {
    clearAway(runFiles(root));
  } finally {
    unlock();
  }
}

/** Creates the directory of a new run and locks it; one that already holds a run is refused. */
export function createRunDirectory(
  root: string,
  config: RunConfig,
): { readonly files: RunFiles; readonly unlock: () => void } {
  const files = runFiles(root);
  const attempt = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      if (error instanceof InputError) throw error;
      throw new InputError(`${root}: a run cannot start here: ${fileProblem(error)}.`);
    }
  };
  attempt(() => makeDirectory(root));
  const unlock = lockRun(root);
  try {
    // Checked under the lock, so that no other process can begin a run here between this check and the write.
    refuseRun(root);
    attempt(() => refuseOddFiles(files));
    attempt(() => {
      makeDirectory(files.checkpoints);
      writeAtomically(files.config, configText(config));
    });
  } catch (error) {
    unlock();
    throw error;
  }
  return { files, unlock };
}

/** The config of the run in a directory, and the hash of its file. */
export function readConfig(root: string): { readonly config: RunConfig; readonly configSha256: string } {
  const { config: path } = runFiles(root);
  let text: string;
  try {
    text = readText(path, limits.settings, "config.json");
  } catch (error) {
    throw new InputError(
      `${root}: not the directory of a run: ${error instanceof Error ? error.message : error}`,
    );
  }
  return { config: checkConfig(parseJson(text, path)), configSha256: sha256(text) };
}

/**
 * The objects of a file of JSON lines up to the first invalid one. `check` returns "" for a valid line, otherwise the
 * problem. An incomplete last line is ignored; a problem before it is returned as `damage`.
 */
export function readLines<T>(
  path: string,
  check: (line: unknown) => string,
): { readonly lines: readonly T[]; readonly damage: readonly string[] } {
  if (!existsSync(path)) return { lines: [], damage: [] };
  const name = basename(path);
  const lines: T[] = [];
  try {
    for (const [i, text] of readText(path, limits.journal, name).split("\n").slice(0, -1).entries()) {
      const line = parseJson(text, `${name}, line ${i + 1}`);
      const problem = check(line);
      if (problem !== "") return { lines, damage: [`${name}, line ${i + 1}: ${problem}`] };
      lines.push(line as T); // checked by `check`
    }
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { lines, damage: [error.message.replace(/\.$/, "")] };
  }
  return { lines, damage: [] };
}
