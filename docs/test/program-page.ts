/** Runs inside the browser's page: programs handed to the worker of *Derivatives are programs*, as the page hands them. */
import type { ProgramResult } from "../.vitepress/theme/derivatives/program.worker.ts";
import { startTask, TaskFailure } from "../.vitepress/theme/live/worker-task.ts";

export type Outcome =
  | { readonly value: number; readonly gradient: string }
  | { readonly message: string; readonly line: number | undefined };

/** What comes of each program, all at the same time, in at most so many seconds each. */
function attempt(programs: readonly string[], seconds: number): Promise<Outcome[]> {
  return Promise.all(programs.map((program) => outcome(program, seconds)));
}

async function outcome(program: string, seconds: number): Promise<Outcome> {
  const create = (): Worker => new Worker("/program.worker.js", { type: "module" });
  try {
    const { value, gradient } = await startTask<ProgramResult>(create, program, seconds).result;
    return { value, gradient };
  } catch (error) {
    if (!(error instanceof TaskFailure)) throw error;
    return { message: error.message, line: error.line };
  }
}

Object.assign(globalThis, { attempt });
