/** What the user reads if the process would end before its command has, or something throws where nothing catches it. */
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { refuseExit } from "../execution/refuse-exit.ts";
import type { Terminal } from "./terminal.ts";

/** Ends the process at once, because the user asked for it. */
export let endAtOnce: (exitCode: number) => never = process.exit;

/**
 * From now on nothing ends the process silently, or with exit code 0, before the returned function is called: the user
 * reads what ended it and where, and the exit code is 1.
 */
export function watchForTheEnd(terminal: Terminal): () => void {
  const exit = refuseExit();
  const onEmpty = (): void => {
    terminal.err("error: nothing is left to do, and the command is not done: it awaits what does not come.");
    process.exitCode = 1;
  };
  const onUncaught = (error: unknown): void => {
    const { message, stack = "" } = error instanceof Error ? error : new Error(String(error));
    const place = placeInModule(stack);
    terminal.err(`error: ${place === "" ? stack : `${message}${place}, where nothing catches it`}`);
    endAtOnce(1);
  };
  const stop = (): void => {
    process.off("exit", onEmpty).off("uncaughtException", onUncaught);
    process.exit = exit;
  };
  process.on("exit", onEmpty).on("uncaughtException", onUncaught);
  endAtOnce = (exitCode) => {
    stop();
    return exit(exitCode);
  };
  return stop;
}

/**
 * The place in the user's module where an error was thrown or passed on, on a line of its own; nothing if there is
 * none. A module's URL ends in a hash (config/modules.ts).
 */
export function placeInModule(stack: string): string {
  const [, url, place] = /(file:\/\/\S+)\?sha256=[0-9a-f]+(:\d+:\d+)/.exec(stack) ?? [];
  return url === undefined ? "" : `\n  at ${relative("", fileURLToPath(url))}${place}`;
}
