/** What the user reads if the process would end before its command has, or something throws where nothing catches it. */
import { placeInModule } from "../config/place-in-module.ts";
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
