/**
 * divergence.json: that the numbers of a run are no longer finite, so that nobody need compute this again to know it. It
 * holds as long as the last checkpoint is the one it was written with, and is removed when the run goes on from there.
 * Which of several overflows is named depends on who came first, unlike the bytes of the other files.
 */
import { existsSync } from "node:fs";
import { z } from "zod";
import { InputError } from "../../errors.ts";
import { limits, parseJson, readText } from "../../files/read-file.ts";
import { parsed } from "../../files/schema-errors.ts";
import { type Disk, writeAtomically } from "./atomic-write.ts";
import type { CheckpointRecord } from "./checkpoint-record.ts";

export interface Divergence extends Pick<CheckpointRecord, "iteration" | "configSha256"> {
  /** Which number overflowed, and where. */
  readonly reason: string;
}

const schema = z.strictObject({ iteration: z.int().min(0), configSha256: z.string(), reason: z.string() });

export function writeDivergence(path: string, divergence: Divergence, disk?: Disk): void {
  writeAtomically(path, `${JSON.stringify(divergence, null, 2)}\n`, disk);
}

/** Why the run cannot go on from its last checkpoint; nothing if nobody has found that. */
export function divergenceAt(
  path: string,
  { iteration, configSha256 }: Pick<CheckpointRecord, "iteration" | "configSha256">,
): string | undefined {
  if (!existsSync(path)) return undefined;
  try {
    const found = parsed(schema, parseJson(readText(path, limits.settings), path), path);
    return found.iteration === iteration && found.configSha256 === configSha256 ? found.reason : undefined;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(`${error.message} Delete it, and the run is tried again.`);
  }
}
