import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { machineName, processLives } from "./processes.ts";

/** The file operations of a write: those of node:fs, or others in tests. */
export type Disk = Pick<
  typeof fs,
  "openSync" | "writeSync" | "fsyncSync" | "closeSync" | "renameSync" | "rmSync"
>;

/** <file>.<process>-<random>@<machine>.tmp: files that are not complete yet. */
const temporary = /\.(\d+)-[0-9a-f]+@(.+)\.tmp$/;

/**
 * Removes what interrupted writes left in a folder, as far as that can be done. Where others may be writing, only what
 * belonged to processes that have gone.
 */
export function removeTemporaryFiles(folder: string, whose: "anybody" | "the dead"): void {
  for (const name of fs.existsSync(folder) ? fs.readdirSync(folder) : []) {
    const [, id, machine] = temporary.exec(name) ?? [];
    if (id === undefined) continue;
    if (whose === "the dead" && (machine !== machineName() || processLives(Number(id)))) continue;
    try {
      fs.unlinkSync(path.join(folder, name));
    } catch {
      // It is in nobody's way.
    }
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
      const above = path.dirname(path.resolve(folder));
      const lacksParent = error instanceof Error && "code" in error && error.code === "ENOENT";
      if (isThere()) return; // somebody else made it just now
      if (attempt > 0 || !lacksParent || fs.existsSync(above)) throw error;
      makeDirectory(above);
    }
  }
}

/**
 * Replaces a file as a whole: whatever happens, `file` has its old content or its new one, on the disk.
 * Write under a temporary name, fsync, rename, fsync the directory.
 */
export function writeAtomically(file: string, content: string | Uint8Array, disk: Disk = fs): void {
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  const mine = `${process.pid}-${randomBytes(6).toString("hex")}@${machineName()}`; // two writers never share one
  const unfinished = `${file}.${mine}.tmp`;
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
  if (process.platform !== "win32")
    withFile(disk, path.dirname(file), "r", (folder) => disk.fsyncSync(folder));
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
