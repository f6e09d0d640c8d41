/**
 * A file of JSON lines that only grows. A checkpoint notes how long it was and its hash (`Mark`); resuming cuts the
 * file back to that mark, so that what was written after the checkpoint is written again, with the same bytes.
 */
import { createHash, type Hash } from "node:crypto";
import * as fs from "node:fs";
import { basename } from "node:path";
import { InputError } from "../../errors.ts";
import { writeFully } from "./atomic-write.ts";

export interface Mark {
  readonly bytes: number;
  readonly sha256: string;
}

export interface Journal {
  append(line: object): void;
  /** Everything appended so far, forced to the disk. */
  mark(): Mark;
  close(): void;
}

/** An empty journal, in place of whatever was there. */
export function createJournal(path: string): Journal {
  return journal(fs.openSync(path, "w"), createHash("sha256"), 0);
}

/** The journal as it was at the mark. */
export function reopenJournal(path: string, { bytes, sha256 }: Mark): Journal {
  const name = basename(path);
  const content = fs.existsSync(path) ? fs.readFileSync(path) : Buffer.alloc(0);
  const hash = createHash("sha256").update(content.subarray(0, bytes));
  if (content.length < bytes || hash.copy().digest("hex") !== sha256)
    throw new InputError(
      `${name}: its first ${bytes} bytes are not those that the checkpoint was written after; ` +
        "the file was changed. Resume from an earlier checkpoint (--from), or start the run again.",
    );
  fs.truncateSync(path, bytes);
  return journal(fs.openSync(path, "a"), hash, bytes);
}

function journal(file: number, hash: Hash, length: number): Journal {
  let bytes = length;
  return {
    append(line) {
      const text = Buffer.from(`${JSON.stringify(line)}\n`);
      writeFully(fs, file, text);
      hash.update(text);
      bytes += text.length;
    },
    mark() {
      fs.fsyncSync(file);
      return { bytes, sha256: hash.copy().digest("hex") };
    },
    close: () => fs.closeSync(file),
  };
}
