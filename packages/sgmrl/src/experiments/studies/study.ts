import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { InputError } from "../../errors.ts";
import { limits, parseJson, readText } from "../../read-file.ts";
import type { Figure } from "../../report/figure.ts";
import { makeDirectory, writeAtomically } from "../../training/store/atomic-write.ts";

/** A question answered by computation: its figures, and the numbers that a text may quote. */
export interface Study {
  readonly name: string;
  /** The question, for --help. */
  readonly summary: string;
  /**
   * `progress` is told what is being computed. The same numbers every time, processor times apart. A long study keeps what
   * it has in `folder`, and goes on from there when it is run again.
   */
  run(progress: (text: string) => void, folder: string): StudyResult | Promise<StudyResult>;
}

export interface StudyResult {
  readonly figures: readonly Figure[];
  /** Written as JSON beside the figures. */
  readonly numbers: unknown;
}

/**
 * What `compute` returns, computed once for a folder and read from there ever after: plain data, as JSON has it.
 *
 * Errors  InputError for a file there that is no JSON
 */
export function kept<T>(folder: string, name: string, compute: () => T): T {
  const path = join(folder, `${name}.json`);
  if (existsSync(path)) return read<T>(path);
  const value = compute();
  makeDirectory(dirname(path));
  writeAtomically(path, `${JSON.stringify(value)}\n`);
  return value;
}

function read<T>(path: string): T {
  try {
    return parseJson(readText(path, limits.journal), path) as T; // as `kept` wrote it
  } catch (error) {
    throw new InputError(`${error instanceof Error ? error.message : error} Delete it, and it is made anew.`);
  }
}
