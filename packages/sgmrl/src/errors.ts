/** An error that the user can fix: a setting, a flag, a directory, a damaged file. The command line exits with code 2. */
export class InputError extends Error {
  override readonly name = "InputError";
}

/** A failure during a run whose input was correct. The command line exits with code 1. */
export class RunError extends Error {
  override readonly name: string = "RunError";
}

/** Refuses a number that is not whole, or smaller than `least`; `name` is what the user knows it by. */
export function requireWhole(name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new InputError(`${name}: expected a whole number of at least ${least}; got ${value}.`);
}

const smallerSteps = "Smaller steps usually mend this: --learning-rate, --step-size.";

/**
 * The numbers of a run are no longer finite. Its settings are the cause; a resumed run stops at the same place.
 * `what` says which number, as in "iteration 7, task 3: the gradient is not finite".
 */
export class DivergenceError extends RunError {
  override readonly name: string = "DivergenceError";

  constructor(what: string) {
    super(`${what}. ${smallerSteps}`);
  }
}

/** Errors lose their class between threads and machines; a divergence is recognised by its advice, and restored. */
export function revived(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof DivergenceError) return error;
  const end = error.message.indexOf(`. ${smallerSteps}`);
  return end === -1 ? error : new DivergenceError(error.message.slice(0, end));
}

/** The system's words for a failed file operation, and what to do about it. */
export function fileProblem(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : undefined;
  const advice: Readonly<Record<string, string>> = {
    ENOSPC: "the disk is full; free some space",
    EDQUOT: "the disk quota is used up; free some space",
    EFBIG: "the file would exceed the size limit; raise it (ulimit -f)",
    EACCES: "permission denied; change its mode or owner, or choose another place",
    EPERM: "not permitted; change its mode or owner, or choose another place",
    EROFS: "the file system is read-only; choose another directory",
    ENOENT: "no such file or directory",
    ENOTDIR: "part of the path is a file, not a directory",
    EEXIST: "a file of that name already exists; choose another name",
    EISDIR: "it is a directory, not a file",
    ELOOP: "its symbolic links form a loop",
    ENAMETOOLONG: "the name is too long for the file system",
    EXDEV: "it is on another file system",
    EMFILE: "too many files are open; raise the limit (ulimit -n)",
    ENXIO: "no process reads from the pipe",
    EIO: "the device reports an input or output error",
  };
  const known = code === undefined ? undefined : advice[code];
  return known === undefined ? String(error instanceof Error ? error.message : error) : `${known} (${code})`;
}
