import { estimateText } from "../report/estimate-text.ts";
import { type EvaluateOptions, evaluate } from "../training/evaluate-run.ts";
import { type AddCommand, examples, filePath, wholeNumber } from "./command.ts";
import { showProgress } from "./progress.ts";
import { interruptible } from "./signals.ts";
import { table } from "./terminal.ts";

type EvaluateFlags = Pick<EvaluateOptions, "tasks" | "steps" | "from" | "workers"> & {
  readonly json?: boolean;
};

export const addEvaluate: AddCommand = (command, terminal, exit) => {
  command
    .argument("<dir>", "directory of the run", filePath)
    .option("--tasks <n>", "held-out tasks", wholeNumber(2), 1000)
    .option("--steps <K>", "adaptation steps (default: as in the run's own evaluations)", wholeNumber(1))
    .option(
      "--from <iteration>",
      'checkpoint to evaluate, or "best", on tasks that did not choose it (default: the last)',
      (text) => (text === "best" ? text : wholeNumber(0, undefined, ', or "best"')(text)),
    )
    .option("--workers <n>", "worker threads (default: one per core)", wholeNumber(0))
    .option("--json", "print the result as JSON")
    .addHelpText(
      "after",
      examples(
        "evaluate runs/maml-1",
        "evaluate runs/maml-1 --from best",
        "evaluate runs/maml-1 --tasks 5000 --steps 5 --json",
      ),
    )
    .action(async (directory: string, { json, ...options }: EvaluateFlags) => {
      const { evaluating, stop } = showProgress(terminal, 0);
      const { result, exitCode } = await interruptible(
        terminal,
        (signal) =>
          evaluate(directory, {
            ...options,
            signal,
            onProgress: (done, tasks) => evaluating?.(done, tasks),
          }).finally(stop),
        "Stopping. Press Ctrl-C again to stop at once.",
      );
      if (result === undefined) return exit(exitCode);
      if (json) return terminal.out(JSON.stringify({ directory, ...result }));
      terminal.out(`${directory}, iteration ${result.iteration}, ${result.tasks} held-out tasks`);
      terminal.out(
        table([
          ["steps", "return (95% confidence)"],
          ...result.returns.map((estimate, k) => [String(k), estimateText(estimate)]),
        ]),
      );
    });
};
