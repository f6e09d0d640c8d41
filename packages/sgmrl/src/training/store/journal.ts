/**
 * A file of JSON lines that only grows. A checkpoint records its length and hash (`JournalMark`); resuming cuts the file
 * back to that mark, and what followed the checkpoint is written again, with the same bytes.
 */
import { createHash, type Hash } from "node:crypto";
import * as fs from "node:fs";
import { basename } from "node:path";
import { z } from "zod";
import { InputError } from "../../errors.ts";
import { hashBeginning } from "../../files/read-file.ts";
import { schemaProblem } from "../../files/schema-errors.ts";
import { type Disk, writeFully } from "./atomic-write.ts";

export interface JournalMark {
  readonly bytes: number;
  readonly sha256: string;
}

export interface Journal {
  append(line: object): void;
  /** Everything appended so far, forced to the disk. */
  mark(): JournalMark;
  close(): void;
}

/** An empty journal, replacing whatever was there. */
export function createJournal(path: string, disk: Disk = fs): Journal {
  const { O_WRONLY, O_CREAT, O_TRUNC, O_APPEND } = fs.constants;
  const file = disk.openSync(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND);
  return journal(path, disk, file, createHash("sha256"), 0);
}

/** The journal as it was at the mark. */
export function reopenJournal(path: string, mark: JournalMark, disk: Disk = fs): Journal {
  const hash = requireIntact(path, mark);
  if (mark.bytes === 0) return createJournal(path, disk);
  fs.truncateSync(path, mark.bytes);
  return journal(path, disk, disk.openSync(path, "a"), hash, mark.bytes);
}

/** The hash of a journal up to the mark; refuses one that differs from what it was then. */
export function requireIntact(path: string, mark: JournalMark): Hash {
  const { hash, damage } = compare(path, mark);
  if (damage === undefined) return hash;
  throw new InputError(`${damage}. Resume from an earlier checkpoint (--from), or start the run again.`);
}

/** How the beginning of a file differs from its content at the mark; nothing if it is the same. */
export function damageOf(path: string, mark: JournalMark): string | undefined {
  return compare(path, mark).damage;
}

function compare(
  path: string,
  { bytes, sha256 }: JournalMark,
): { readonly hash: Hash; readonly damage?: string } {
  const name = basename(path);
  const { hash, length } = fs.existsSync(path)
    ? hashBeginning(path, bytes, name)
    : { hash: createHash("sha256"), length: 0 };
  if (length === bytes && hash.copy().digest("hex") === sha256) return { hash };
  const damage = `${name}: its first ${bytes} bytes are not what they were at the checkpoint; the file was changed`;
  return { hash, damage };
}

function journal(path: string, disk: Disk, file: number, hash: Hash, length: number): Journal {
  let bytes = length;
  return {
    append(line) {
      const text = Buffer.from(`${JSON.stringify(line)}\n`);
      writeFully(disk, file, text);
      hash.update(text);
      bytes += text.length;
    },
    mark() {
      disk.fsyncSync(file);
      // A checkpoint must not refer to lines that are not on the disk yet.
      const there = fs.statSync(path, { throwIfNoEntry: false });
      if (there?.ino !== fs.fstatSync(file).ino || there.size !== bytes)
        throw new Error(`${basename(path)} was removed, replaced or changed while the run wrote to it`);
      return { bytes, sha256: hash.copy().digest("hex") };
    },
    close: () => disk.closeSync(file),
  };
}

const count = z.int().min(0);
const estimate = z.object({ mean: z.number(), margin: z.number().min(0) });
const metrics = z.object({ iteration: count }).catchall(z.number());
const evaluation = z.object({ iteration: count, tasks: count.min(1), returns: z.array(estimate).min(1) });
const name = z.string().max(40);
const commit = z.string().regex(/^[0-9a-f]{40,64}$/);
const program = z.strictObject({
  sgmrl: name,
  node: name,
  architecture: name,
  platform: z.exactOptional(name),
  processor: z.exactOptional(z.string().max(100)),
  commit: z.exactOptional(commit),
  sourceCommit: z.exactOptional(commit),
});
const timing = z
  .object({ iteration: count, wall: z.number().min(0), by: z.exactOptional(program) })
  .catchall(z.number());

const problemBy =
  (schema: z.ZodType) =>
  (line: unknown): string =>
    schemaProblem(schema, line, (path) => path || "the line");

export const metricsProblem: (line: unknown) => string = problemBy(metrics);
export const evaluationProblem: (line: unknown) => string = problemBy(evaluation);
export const timingProblem: (line: unknown) => string = problemBy(timing);
