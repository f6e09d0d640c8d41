import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import { dirname } from "node:path";

/** The file operations of a write: those of node:fs, or others in tests. */
export type Disk = Pick<
  typeof fs,
  "openSync" | "writeSync" | "fsyncSync" | "closeSync" | "renameSync" | "rmSync"
>;

/** Ends the names of files that are not complete yet. */
export const temporarySuffix = ".tmp";

/**
 * Replaces a file as a whole: whatever happens, `path` has its old content or its new one, on the disk.
 * Write under a temporary name, fsync, rename, fsync the directory.
 */
export function writeAtomically(path: string, content: string | Uint8Array, disk: Disk = fs): void {
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  const temporary = `${path}.${randomBytes(6).toString("hex")}${temporarySuffix}`; // two writers never share one
  try {
    withFile(disk, temporary, "w", (file) => {
      writeFully(disk, file, bytes);
      disk.fsyncSync(file);
    });
    disk.renameSync(temporary, path);
  } catch (error) {
    disk.rmSync(temporary, { force: true });
    throw error;
  }
  // Windows cannot fsync a directory; there, a rename is as durable as its file system makes it.
  if (process.platform !== "win32") withFile(disk, dirname(path), "r", (folder) => disk.fsyncSync(folder));
}

/** Writes all of the bytes; one call of `write` may write fewer. */
export function writeFully(disk: Pick<Disk, "writeSync">, file: number, bytes: Uint8Array): void {
  for (let offset = 0; offset < bytes.length; ) {
    offset += disk.writeSync(file, bytes, offset, bytes.length - offset);
  }
}

function withFile(disk: Disk, path: string, flags: string, use: (file: number) => void): void {
  const file = disk.openSync(path, flags);
  try {
    use(file);
  } finally {
    disk.closeSync(file);
  }
}
