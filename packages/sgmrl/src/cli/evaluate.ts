import { defaultWorkers, localEngine, localUnits } from "../engine/create-engine.ts";
import { estimateText } from "../report/estimate-text.ts";
import { InputError } from "../run/errors.ts";
import { evaluateHeldOut } from "../run/evaluate.ts";
import { readConfig, runFiles } from "../run/run-directory.ts";
import { loadCheckpoint, unitOf } from "../run/train.ts";
import { type AddCommand, examples, wholeNumber } from "./command.ts";
import { showProgress } from "./progress.ts";
import { interruptible } from "./signals.ts";
import { table } from "./terminal.ts";

interface EvaluateFlags {
  readonly tasks: number;
  readonly steps?: number;
  readonly from?: number;
  readonly workers?: number;
  readonly json?: boolean;
}

export const addEvaluate: AddCommand = (program, terminal, exit) => {
  program
    .command("evaluate")
    .description("return on held-out tasks after 0, 1, …, K adaptation steps, with 95% confidence intervals")
    .argument("<dir>", "directory of the run")
    .option("--tasks <n>", "held-out tasks", wholeNumber(2), 1000)
    .option("--steps <K>", "adaptation steps (default: as the run's own evaluations)", wholeNumber(0))
    .option("--from <iteration>", "checkpoint to evaluate (default: the last)", wholeNumber(0))
    .option("--workers <n>", "worker threads (default: one per core)", wholeNumber(0))
    .option("--json", "print the result as JSON")
    .addHelpText(
      "after",
      examples("evaluate runs/maml-1", "evaluate runs/maml-1 --tasks 5000 --steps 5 --json"),
    )
    .action(async (directory: string, { tasks, steps: given, from, workers, json }: EvaluateFlags) => {
      const { config, configSha256 } = readConfig(directory);
      const unit = unitOf(config);
      const checkpoint = loadCheckpoint(runFiles(directory), unit, configSha256, from);
      if (checkpoint === undefined) throw new InputError(`${directory}: the run has no checkpoint yet.`);
      const { iteration, theta } = checkpoint.state;
      const steps = given ?? config.evaluation.steps;
      const engine = localEngine(config.experiment, unit, localUnits, workers ?? defaultWorkers());
      const { evaluating, stop } = showProgress(terminal, 0);
      const { result, exitCode } = await interruptible(terminal, (signal) =>
        evaluateHeldOut(engine, theta, {
          seed: config.seed,
          tasks,
          steps,
          signal,
          onProgress: (done) => evaluating?.(done, tasks),
        }).finally(() => {
          stop();
          return engine.close();
        }),
      );
      if (result === undefined) return exit(exitCode);
      if (json) return terminal.out(JSON.stringify({ directory, iteration, ...result }));
      terminal.out(`${directory}, iteration ${iteration}, ${tasks} held-out tasks`);
      terminal.out(
        table([
          ["steps", "return (95% confidence)"],
          ...result.returns.map((estimate, k) => [String(k), estimateText(estimate)]),
        ]),
      );
    });
};
