/** The record of a checkpoint: its text, and what is refused. */
import { z } from "zod";
import { InputError } from "../../errors.ts";
import { parseJson } from "../../files/read-file.ts";
import { parsed, schemaProblem } from "../../files/schema-errors.ts";
import { sha256 } from "../../files/sha256.ts";
import type { ScoreMemory } from "../../meta-gradient/score-coefficient.ts";
import type { JournalMark } from "./journal.ts";

/** Incremented when checkpoints of older versions can no longer be read. */
export const checkpointVersion = 1;

/** The best parameters so far, by the return on held-out tasks after adaptation. */
export interface Best {
  readonly iteration: number;
  readonly return: number;
}

/** What a checkpoint belongs to. */
export interface Belonging {
  readonly configSha256: string;
  readonly seed: number;
  /** The length of each journal of the run at that time. */
  readonly journals: Readonly<Record<string, JournalMark>>;
}

export interface CheckpointRecord extends Belonging {
  readonly version: number;
  readonly iteration: number;
  readonly arraysSha256: string;
  readonly optimizerStep: number;
  readonly evaluated: number;
  readonly best: Best | null;
  /** The numbers of the memory; its vectors are with the arrays. */
  readonly scoreMemory?: Omit<ScoreMemory, "pathwise" | "score">;
}

/** The files of the checkpoint of an iteration. */
export function checkpointNames(iteration: number): { readonly arrays: string; readonly record: string } {
  const stem = String(iteration).padStart(6, "0");
  return { arrays: `${stem}.safetensors`, record: `${stem}.json` };
}

/** A record, verified. */
export function parseRecord(text: string, file: string): CheckpointRecord {
  const value: unknown = parsed(z.looseObject({}), parseJson(text, file), file);
  const { sha256: seal, ...record } = value as CheckpointRecord & { readonly sha256?: string }; // checked below
  if (record.version !== checkpointVersion)
    throw new InputError(
      `${file}: version ${record.version} is not the version ${checkpointVersion} of this program. ` +
        "Use the release of sgmrl that wrote it.",
    );
  if (seal !== sha256(JSON.stringify(record)))
    throw new InputError(`${file}: its checksum does not match its content; the file was changed.`);
  // The checksum detects accidents; the checks below detect forged or renamed records.
  const problem = schemaProblem(recordSchema, record, (path) => path || "the record");
  if (problem !== "") throw new InputError(`${file}: ${problem}.`);
  if (checkpointNames(record.iteration).record !== file)
    throw new InputError(
      `${file}: holds the checkpoint of iteration ${record.iteration}; the file was renamed.`,
    );
  return record;
}

const count = z.int().min(0);
const hash = z.string().regex(/^[0-9a-f]{64}$/, "expected a SHA-256 in 64 hexadecimal digits");
const mark = z.strictObject({ bytes: count, sha256: hash });
const recordSchema = z
  .strictObject({
    version: z.literal(checkpointVersion),
    iteration: count,
    arraysSha256: hash,
    optimizerStep: count,
    evaluated: z.int().min(-1),
    best: z.nullable(z.strictObject({ iteration: count, return: z.number() })),
    scoreMemory: z.optional(
      z.strictObject({
        weight: z.number(),
        pairs: z.number(),
        squaredMean: z.number(),
        square: z.number(),
        covariance: z.number(),
      }),
    ),
    configSha256: hash,
    seed: count,
    journals: z.strictObject({ metrics: mark, evaluations: mark }),
  })
  .refine(
    ({ iteration, evaluated, best }) => evaluated <= iteration && (best?.iteration ?? 0) <= iteration,
    "its last evaluation is later than its own iteration",
  );
