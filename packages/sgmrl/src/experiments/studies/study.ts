import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { InputError } from "../../errors.ts";
import { limits, parseJson, readText } from "../../files/read-file.ts";
import type { Figure } from "../../report/figure.ts";
import { makeDirectory, writeAtomically } from "../../training/store/atomic-write.ts";
import type { TrainOptions } from "../../training/train.ts";
import { excerpt } from "../../wording.ts";

/** A question answered by computation: numbers that documents may quote, written as JSON, and figures of them. */
export interface Study<Numbers = unknown> {
  readonly name: string;
  /** The question, for --help. */
  readonly summary: string;
  /** It consists of training runs: it can be stopped, continued, computed by workers, and written down unfinished. */
  readonly trains?: true;
  /** The names of its parts, of which some may be computed alone. */
  readonly parts?: readonly string[];
  /**
   * `progress` is told what is being computed. The numbers, plain JSON data, are reproducible, except for processor times. A
   * long study stores intermediate results in `folder`, and continues from there when it is rerun.
   */
  run(progress: (text: string) => void, folder: string, options?: StudyOptions): Numbers | Promise<Numbers>;
  /** The figures of its numbers, rounded as they are written: each can be drawn again from the file beside it. */
  draw?(numbers: Numbers): readonly Figure[];
}

/** For studies that train. */
export interface StudyOptions {
  /** When aborted, the current run ends with a checkpoint, no other starts, and the result holds what is finished. */
  readonly signal?: AbortSignal;
  /** Compute these parts alone; the result holds what is finished of the others. */
  readonly parts?: readonly string[];
  /** Where the run in a directory is computed; by default in this thread. */
  readonly placed?: (directory: string) => Promise<Pick<TrainOptions, "workers" | "engine">>;
}

/** Whether `kept` has a result of this name. */
export function isKept(folder: string, name: string): boolean {
  return existsSync(join(folder, `${name}.json`));
}

/**
 * The result of `compute`, computed once per folder and read from there afterwards: plain JSON data.
 *
 * Errors  InputError if the file there is not JSON, or neither a list nor an object
 */
export function kept<T extends object>(folder: string, name: string, compute: () => T): T {
  const path = join(folder, `${name}.json`);
  if (existsSync(path)) return read<T>(path);
  const value = compute();
  makeDirectory(dirname(path));
  writeAtomically(path, `${JSON.stringify(value)}\n`);
  return value;
}

function read<T extends object>(path: string): T {
  try {
    const value = parseJson(readText(path, limits.journal), path);
    if (typeof value === "object" && value !== null) return value as T; // as `kept` wrote it
    throw new InputError(`${path}: expected a list or an object; got ${excerpt(JSON.stringify(value))}.`);
  } catch (error) {
    throw new InputError(
      `${error instanceof Error ? error.message : error} Delete it to have it computed again.`,
    );
  }
}

/** Rounds to six significant digits: enough for a reader, and few enough to agree between machines. */
export function rounded<T>(value: T): T {
  return JSON.parse(
    JSON.stringify(value, (_, entry: unknown) =>
      typeof entry === "number" && Number.isFinite(entry) ? Number(entry.toPrecision(6)) : entry,
    ),
  ) as T;
}
