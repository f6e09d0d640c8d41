/**
 * A run is a directory:
 *
 *   config.json          what was asked for, complete
 *   metrics.jsonl        a line per iteration
 *   evaluations.jsonl    a line per evaluation on held-out tasks
 *   timings.jsonl        seconds per iteration and phase; the one file that differs between equal runs
 *   checkpoints/         what `resume` continues from, and best.safetensors
 *   report.html, figures/
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { checkConfig } from "../../config/parse-config.ts";
import type { RunConfig } from "../../config/run-config.ts";
import { fileProblem, InputError } from "../../errors.ts";
import { temporarySuffix, writeAtomically } from "./atomic-write.ts";
import { sha256 } from "./checkpoint.ts";
import { lockRun } from "./run-lock.ts";

export interface RunFiles {
  readonly root: string;
  readonly config: string;
  readonly metrics: string;
  readonly evaluations: string;
  readonly timings: string;
  readonly checkpoints: string;
  readonly best: string;
  readonly report: string;
  readonly figures: string;
}

export function runFiles(root: string): RunFiles {
  const checkpoints = join(root, "checkpoints");
  return {
    root,
    config: join(root, "config.json"),
    metrics: join(root, "metrics.jsonl"),
    evaluations: join(root, "evaluations.jsonl"),
    timings: join(root, "timings.jsonl"),
    checkpoints,
    best: join(checkpoints, "best.safetensors"),
    report: join(root, "report.html"),
    figures: join(root, "figures"),
  };
}

/** Refuses a directory that already holds a run. */
export function refuseRun(root: string): void {
  if (existsSync(runFiles(root).config))
    throw new InputError(`${root}: already holds a run. Continue it with "resume", or choose another --out.`);
}

/** Makes the directory of a new run and locks it; one that already holds a run is refused. */
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
      throw new InputError(`${root}: cannot start a run here: ${fileProblem(error)}.`);
    }
  };
  attempt(() => mkdirSync(root, { recursive: true }));
  const unlock = lockRun(root);
  try {
    // Only now can nobody else begin a run here between the look and the write.
    refuseRun(root);
    attempt(() => {
      mkdirSync(files.checkpoints, { recursive: true });
      writeAtomically(files.config, configText(config));
    });
  } catch (error) {
    unlock();
    throw error;
  }
  return { files, unlock };
}

export function configText(config: RunConfig): string {
  return `${JSON.stringify(config, null, 2)}\n`;
}

/** The config of the run in a directory, and the hash of its file. */
export function readConfig(root: string): { readonly config: RunConfig; readonly configSha256: string } {
  const { config: path } = runFiles(root);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new InputError(`${root}: not the directory of a run: config.json: ${fileProblem(error)}.`);
  }
  return { config: checkConfig(parseJson(text, path)), configSha256: sha256(text) };
}

export function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, "")); // the byte order mark that editors on Windows write
  } catch (error) {
    throw new InputError(`${path}: not JSON: ${error instanceof Error ? error.message : error}.`);
  }
}

/** The objects of a file of JSON lines; a last line cut short is left out. */
export function readLines<T>(path: string): T[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, "utf8").split("\n").slice(0, -1);
  return lines.map((line) => parseJson(line, path) as T); // written by this program
}

/** Removes what an interrupted write left behind. */
export function removeTemporaryFiles(files: RunFiles): void {
  for (const folder of [files.root, files.checkpoints]) {
    for (const name of existsSync(folder) ? readdirSync(folder) : [])
      if (name.endsWith(temporarySuffix)) rmSync(join(folder, name), { force: true });
  }
}
