import * as fs from "node:fs";
import { dirname, join, resolve } from "node:path";
import { ownerOf, ownMark, stateOf } from "./processes.ts";

/** The file operations of a write: node:fs, or a substitute in tests. */
export type Disk = Pick<
  typeof fs,
  "openSync" | "writeSync" | "fsyncSync" | "closeSync" | "renameSync" | "rmSync"
>;

/** <file>.<mark of the writer>.tmp: files that are still being written. */
const temporary = /\.([1-9]\d*-\d+\.[0-9a-f]+@.+)\.tmp$/;

/** No write takes an hour, so a file this old is abandoned even if its writer cannot be checked. */
const abandonedAfter = 3_600_000; // milliseconds

/** Removes the unfinished files of writers that were killed, as far as possible. */
export function removeUnfinished(folder: string): void {
  for (const name of namesIn(folder)) {
    const owner = ownerOf(temporary.exec(name)?.[1] ?? "");
    if (owner === undefined) continue;
    const path = join(folder, name);
    try {
      const state = stateOf(owner);
      const isOld = Date.now() - fs.statSync(path).mtimeMs > abandonedAfter;
      if (state === "has gone" || (state === "unknown" && isOld)) fs.unlinkSync(path);
    } catch {
      // An unfinished file does no harm.
    }
  }
}

function namesIn(folder: string): string[] {
  try {
    return fs.readdirSync(folder);
  } catch {
    return [];
  }
}

/**
 * Makes a directory and its parents. mkdirSync's `recursive` does not return on a file system where nobody can make one,
 * such as /proc.
 */
export function makeDirectory(folder: string): void {
  const isThere = (): boolean => fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
  for (let attempt = 0; !isThere(); attempt++) {
    try {
      fs.mkdirSync(folder);
    } catch (error) {
      const above = dirname(resolve(folder));
      const lacksParent = error instanceof Error && "code" in error && error.code === "ENOENT";
      if (isThere()) return; // another process has just made it
      // Another process may have made the parent, too. Where nobody can make one, the parent exists and this fails again.
      if (attempt > 1 || !lacksParent) throw error;
      makeDirectory(above);
    }
  }
}

/**
 * Replaces a file as a whole: whatever happens, `file` has either its old or its new content on the disk. Write under a
 * temporary name, fsync, rename, fsync the directory.
 */
export function writeAtomically(file: string, content: string | Uint8Array, disk: Disk = fs): void {
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  const unfinished = `${file}.${ownMark()}.tmp`;
  removeUnfinished(dirname(file)); // here, so that writers need not do it
  try {
    withFile(disk, unfinished, "w", (descriptor) => {
      writeFully(disk, descriptor, bytes);
      disk.fsyncSync(descriptor);
    });
    disk.renameSync(unfinished, file);
  } catch (error) {
    disk.rmSync(unfinished, { force: true });
    throw error;
  }
  // Windows cannot fsync a directory; there, a rename is as durable as its file system makes it.
  if (process.platform !== "win32") withFile(disk, dirname(file), "r", (folder) => disk.fsyncSync(folder));
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
