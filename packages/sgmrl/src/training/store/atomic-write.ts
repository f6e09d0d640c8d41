import * as fs from "node:fs";
import { dirname, join, resolve } from "node:path";
import { ownerOf, ownMark, stateOf } from "./processes.ts";

/** The file operations of a write: those of node:fs, or others in tests. */
export type Disk = Pick<
  typeof fs,
  "openSync" | "writeSync" | "fsyncSync" | "closeSync" | "renameSync" | "rmSync"
>;

/** <file>.<mark of the writer>.tmp: files that are not complete yet. */
const temporary = /\.([1-9]\d*-\d+\.[0-9a-f]+@.+)\.tmp$/;

/** A write takes seconds, an hour on no disk: so old, it is nobody's whose life cannot be asked for. */
const abandonedAfter = 3_600_000; // milliseconds

/** Removes files that dead (most likely killed) writers left in a folder, as far as possible. */
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
      // It is in nobody's way.
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
 * Makes a directory and those above it. mkdirSync's own way of doing so never returns where a file system lets nobody make
 * any, as /proc.
 */
export function makeDirectory(folder: string): void {
  const isThere = (): boolean => fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
  for (let attempt = 0; !isThere(); attempt++) {
    try {
      fs.mkdirSync(folder);
    } catch (error) {
      const above = dirname(resolve(folder));
      const lacksParent = error instanceof Error && "code" in error && error.code === "ENOENT";
      if (isThere()) return; // somebody else made it just now
      // The one above may have been made just now, too; where nobody can make any, it is there and this fails again.
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
  removeUnfinished(dirname(file)); // so that no writer need think of it
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
