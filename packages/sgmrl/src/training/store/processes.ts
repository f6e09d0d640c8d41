/** Whose files those of a run are: the names that processes leave in the names of files. */
import { hostname } from "node:os";

/** The name of this machine, as a part of a file's name. */
export function machineName(): string {
  return hostname().replace(/[^A-Za-z0-9.-]/g, "_") || "unnamed";
}

/**
 * Whether this machine has such a process. Signal 0 is sent to nobody: it only asks. EPERM says that there is one, of
 * another user.
 */
export function processLives(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
