import type { Terminal } from "./terminal.ts";
import { endAtOnce } from "./unexpected-end.ts";

const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const;

/** The answer to Ctrl-C while a run trains. */
export const finishingIteration =
  "Finishing the current iteration, then writing a checkpoint. Press Ctrl-C again to stop at once.";

/**
 * Runs interruptible work. The first Ctrl-C (or SIGTERM) aborts the signal: `answer` is printed, and the work
 * stops at the next safe point. The second ends the process at once.
 */
export async function interruptible<T>(
  terminal: Terminal,
  work: (signal: AbortSignal) => Promise<T>,
  answer: string,
): Promise<{ readonly result: T; readonly exitCode: number }> {
  const controller = new AbortController();
  let exitCode = 0;
  const onSignal = (name: keyof typeof exitCodes): void => {
    if (controller.signal.aborted) endAtOnce(exitCodes[name]);
    exitCode = exitCodes[name];
    terminal.err(`\n${answer}`);
    controller.abort();
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  try {
    const result = await work(controller.signal);
    return { result, exitCode };
  } finally {
    process.off("SIGINT", onSignal);
    process.off("SIGTERM", onSignal);
  }
}
