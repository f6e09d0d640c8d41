import { Command, CommanderError } from "commander";
import { placeInModule } from "../config/place-in-module.ts";
import { InputError } from "../errors.ts";
import { version } from "../training/store/version.ts";
import { type AddCommand, filePaths } from "./command.ts";
import type { Terminal } from "./terminal.ts";

interface Entry {
  readonly name: string;
  readonly description: string;
  /**
   * Loads the command's options and action on demand, so that --help and other commands do not wait for it.
   */
  readonly load: () => Promise<AddCommand>;
}

/** Every command, in the order of --help. To add one, add a file to this folder and an entry here. */
const commands: readonly Entry[] = [
  {
    name: "train",
    description: "meta-train on an environment; writes a run directory with a report",
    load: async () => (await import("./train.ts")).addTrain,
  },
  {
    name: "resume",
    description: "continue an interrupted run, with the same results as if it had never stopped",
    load: async () => (await import("./resume.ts")).addResume,
  },
  {
    name: "sweep",
    description: "train every combination of settings and seeds; run it again to continue where it stopped",
    load: async () => (await import("./sweep.ts")).addSweep,
  },
  {
    name: "worker",
    description: "compute for runs that other machines coordinate over a broker, until stopped",
    load: async () => (await import("./worker.ts")).addWorker,
  },
  {
    name: "replay",
    description: "rerun single tasks of a run in this process, for instance to debug one that failed",
    load: async () => (await import("./replay.ts")).addReplay,
  },
  {
    name: "evaluate",
    description: "return on held-out tasks after 0, 1, …, K adaptation steps, with 95% confidence intervals",
    load: async () => (await import("./evaluate.ts")).addEvaluate,
  },
  {
    name: "compare",
    description: "compare runs: a table, and a page that overlays their curves (means and bands over seeds)",
    load: async () => (await import("./compare.ts")).addCompare,
  },
  {
    name: "audit",
    description: "exact bias and variance of each estimator, by enumerating all data sets of a small MDP",
    load: async () => (await import("./audit.ts")).addAudit,
  },
  {
    name: "theory",
    description:
      "bounds for a small MDP: smoothness, variance, safe step size, iterations to reach a given ε",
    load: async () => (await import("./theory.ts")).addTheory,
  },
  {
    name: "study",
    description: "recompute a study of the documentation: its figures as SVG, its numbers as JSON",
    load: async () => (await import("./study.ts")).addStudy,
  },
  {
    name: "report",
    description:
      "write the report of a run, or one of several, in which runs that differ only in their seed are averaged",
    load: async () => (await import("./report.ts")).addReport,
  },
  {
    name: "watch",
    description: "serve the report of runs or sweeps to a browser on this machine while they proceed",
    load: async () => (await import("./watch.ts")).addWatch,
  },
  {
    name: "render",
    description: "draw trajectories (web page and film strip): a run's policy before and after adaptation",
    load: async () => (await import("./render.ts")).addRender,
  },
  {
    name: "export",
    description: "write what runs recorded as files for other programs: CSV, TensorBoard",
    load: async () => (await import("./export.ts")).addExport,
  },
  {
    name: "envs",
    description: "list the environments",
    load: async () => (await import("./lists.ts")).addEnvs,
  },
  {
    name: "estimators",
    description: "list the meta-gradient estimators, and what each is unbiased for",
    load: async () => (await import("./lists.ts")).addEstimators,
  },
];

/**
 * Runs one command line and returns its exit code: 0 done, 1 a run failed, 2 bad input, 130 interrupted
 * (SIGINT), 143 terminated (SIGTERM). Only main.ts touches the process.
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
  const exit = (code: number): void => {
    exitCode = code;
  };
  const [first, topic] = args;
  if (first === "help" && topic === "help") return runCommandLine(["--help"], terminal);
  const names = commands.map(({ name }) => name);
  if (
    first === "help" &&
    topic !== undefined &&
    !topic.startsWith("-") &&
    ![...names, "help"].includes(topic)
  ) {
    const { unknownName } = await import("../wording.ts");
    terminal.err(`error: ${unknownName("help", topic, names)}`);
    return 2;
  }
  const named = args.filter((word) => !word.startsWith("-")).slice(0, 2); // two: `help train`
  try {
    for (const { name, description, load } of commands) {
      const command = program.command(name).description(description);
      if (named.includes(name)) (await load())(command, terminal, exit);
      refuseTwice(command);
    }
    await program.parseAsync(args, { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2; // it has printed its message
    terminal.err(
      `error: ${error instanceof Error ? `${error.message}${placeInModule(error.stack ?? "")}` : error}`,
    );
    return error instanceof InputError ? 2 : 1;
  }
}

/**
 * Refuses a flag given twice, of which one value would be silently lost. Flags that collect values may
 * repeat.
 */
function refuseTwice(command: Command): void {
  for (const option of command.options.filter(({ parseArg }) => parseArg !== filePaths)) {
    let given = false;
    command.on(`option:${option.name()}`, () => {
      if (given) command.error(`error: option '${option.flags}' is given twice`, { exitCode: 2 });
      given = true;
    });
  }
}
