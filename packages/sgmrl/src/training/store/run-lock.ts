import { closeSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { fileProblem, InputError } from "../../errors.ts";

const name = "run.lock";

/**
 * Takes the one place as writer of a run, and returns how to give it back. The lock is a file with the writer's process
 * id; one whose process has gone (killed, most likely) is taken over.
 */
export function lockRun(root: string): () => void {
  const path = join(root, name);
  const holder = readHolder(path);
  if (holder !== undefined && isAlive(holder))
    throw new InputError(
      `${root}: process ${holder} is writing this run. Wait for it, or stop it; if it is no sgmrl, delete ${path}.`,
    );
  try {
    rmSync(path, { force: true });
    const file = openSync(path, "wx"); // of two that arrive at once, one fails here
    writeSync(file, String(process.pid));
    closeSync(file);
  } catch (error) {
    throw new InputError(`${root}: cannot write here: ${fileProblem(error)}.`);
  }
  return () => rmSync(path, { force: true });
}

function readHolder(path: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(path, "utf8"), 10) || undefined;
  } catch {
    return undefined;
  }
}

/** Signal 0 is sent to nobody: it only asks. EPERM says that there is such a process, of another user. */
function isAlive(id: number): boolean {
  try {
    return process.kill(id, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
