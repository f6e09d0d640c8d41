import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { InputError } from "../errors.ts";
import { addAudit } from "./audit.ts";
import type { AddCommand } from "./command.ts";
import { addCompare } from "./compare.ts";
import { addEvaluate } from "./evaluate.ts";
import { addEnvs, addEstimators } from "./lists.ts";
import { addRender } from "./render.ts";
import { addReplay } from "./replay.ts";
import { addReport } from "./report.ts";
import { addResume } from "./resume.ts";
import { addStudy } from "./study.ts";
import { addSweep } from "./sweep.ts";
import type { Terminal } from "./terminal.ts";
import { addTheory } from "./theory.ts";
import { addTrain } from "./train.ts";
import { addWorker } from "./worker.ts";

/** Every command, in the order of --help. A new one is a file beside these and an entry here. */
const commands: readonly AddCommand[] = [
  addTrain,
  addResume,
  addSweep,
  addWorker,
  addReplay,
  addEvaluate,
  addCompare,
  addAudit,
  addTheory,
  addStudy,
  addReport,
  addRender,
  addEnvs,
  addEstimators,
];

function version(): string {
  return JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")).version;
}

/**
 * Runs one command line and returns its exit code: 0 done, 1 a run failed, 2 bad input, 130 interrupted.
 * Only main.ts touches the process.
 */
export async function runCommandLine(args: readonly string[], terminal: Terminal): Promise<number> {
  let exitCode = 0;
  const program = new Command("sgmrl")
    .description("Stochastic-gradient meta-reinforcement learning: train, measure, compare, report.")
    .version(version(), "--version", "print the version")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text.trimEnd()),
      writeErr: (text) => terminal.err(text.trimEnd()),
    });
  for (const add of commands)
    add(program, terminal, (code) => {
      exitCode = code;
    });
  try {
    await program.parseAsync(args, { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2; // it has printed its message
    if (error instanceof Error) terminal.err(`error: ${error.message}`);
    return error instanceof InputError ? 2 : 1;
  }
}
