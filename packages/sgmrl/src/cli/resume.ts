import { resume } from "../training/resume.ts";
import { readConfig } from "../training/store/run-directory.ts";
import { type AddCommand, examples, filePath, wholeNumber } from "./command.ts";
import { addEngineOptions, type EngineFlags } from "./engine-options.ts";
import { runWithProgress } from "./run-with-progress.ts";

interface ResumeFlags extends EngineFlags {
  readonly from?: number;
  readonly iterations?: number;
  readonly report: boolean;
  readonly json?: boolean;
}

export const addResume: AddCommand = (command, terminal, exit) => {
  command
    .argument("<dir>", "directory of the run", filePath)
    .option("--from <iteration>", "checkpoint to continue from (default: the last)", wholeNumber(0))
    .option("--iterations <n>", "train longer: the new total number of iterations", wholeNumber(1))
    .option("--workers <n>", "worker threads (default: one per core)", wholeNumber(0))
    .option("--no-report", "do not write a report")
    .option("--json", "print the result as JSON");
  addEngineOptions(command)
    .addHelpText(
      "after",
      examples("resume runs/maml-1", "resume runs/maml-1 --from 100", "resume runs/maml-1 --iterations 800"),
    )
    .action(async (directory: string, options: ResumeFlags) => {
      const { config: before } = readConfig(directory);
      const { from, iterations = before.iterations } = options;
      const config = { ...before, iterations };
      await runWithProgress(terminal, exit, { ...options, config, directory }, (runOptions) =>
        resume(directory, {
          ...runOptions,
          ...(options.iterations === undefined ? {} : { iterations }),
          ...(from === undefined ? {} : { from }),
        }),
      );
    });
};
