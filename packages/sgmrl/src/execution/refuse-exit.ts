import { RunError } from "../errors.ts";

/**
 * From now on process.exit throws in this thread, so that a module of the user's that calls it ends neither the command
 * silently nor the thread without a reason. Node itself still may. Returns the real one.
 */
export function refuseExit(): typeof process.exit {
  const { exit } = process;
  process.exit = (code = process.exitCode) => {
    const refused = new RunError(
      `process.exit(${code ?? ""}) was called before the command was done. Throw an error instead.`,
    );
    const [, , caller = ""] = (refused.stack ?? "").split("\n");
    if (caller.includes("(node:internal/main/")) return exit(code);
    throw refused;
  };
  return exit.bind(process);
}
