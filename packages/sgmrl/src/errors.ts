/** The user's to mend: a setting, a flag, a directory, a damaged file. The command line exits with code 2. */
export class InputError extends Error {
  override readonly name = "InputError";
}

/** Something went wrong during a run that was asked for correctly. The command line exits with code 1. */
export class RunError extends Error {
  override readonly name: string = "RunError";
}

/** The numbers of a run are no longer finite. Its settings are the cause; to resume it ends in the same place. */
export class DivergenceError extends RunError {
  override readonly name: string = "DivergenceError";
}

/** The system's words for a failed file operation, and what to do about it. */
export function fileProblem(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : undefined;
  const advice: Readonly<Record<string, string>> = {
    ENOSPC: "the disk is full; free some space",
    EDQUOT: "the disk quota is used up; free some space",
    EFBIG: "the file would exceed the size limit; raise it (ulimit -f)",
    EACCES: "permission denied; choose a directory you may write to",
    EPERM: "not permitted; choose a directory you may write to",
    EROFS: "the file system is read-only; choose another directory",
    ENOENT: "no such file or directory",
    ENOTDIR: "a part of the path is a file, not a directory",
    EIO: "the device failed",
  };
  const known = code === undefined ? undefined : advice[code];
  return known === undefined ? String(error instanceof Error ? error.message : error) : `${known} (${code})`;
}
