import { resume } from "../training/resume.ts";
import { readConfig } from "../training/store/run-directory.ts";
import { type AddCommand, examples, filePath, wholeNumber } from "./command.ts";
import { addEngineOptions, type EngineFlags } from "./engine-options.ts";
import { runWithProgress } from "./run-with-progress.ts";

interface ResumeFlags extends EngineFlags {
  readonly from?: number;
  readonly report: boolean;
  readonly json?: boolean;
}

export const addResume: AddCommand = (command, terminal, exit) => {
  command
    .argument("<dir>", "directory of the run", filePath)
    .option("--from <iteration>", "checkpoint to go on from (default: the last)", wholeNumber(0))
    .option("--workers <n>", "worker threads (default: one per core)", wholeNumber(0))
    .option("--no-report", "write no report at the end")
    .option("--json", "print the result as JSON");
  addEngineOptions(command)
    .addHelpText("after", examples("resume runs/maml-1", "resume runs/maml-1 --from 100"))
    .action(async (directory: string, options: ResumeFlags) => {
      const { config } = readConfig(directory);
      const { from } = options;
      await runWithProgress(terminal, exit, { ...options, config, directory }, (runOptions) =>
        resume(directory, { ...runOptions, ...(from === undefined ? {} : { from }) }),
      );
    });
};
