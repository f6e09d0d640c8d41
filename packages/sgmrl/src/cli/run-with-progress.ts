import { cautionOf } from "../config/combinations.ts";
import type { RunConfig } from "../settings.ts";
import type { TrainResult } from "../training/loop.ts";
import { readLines } from "../training/store/run-directory.ts";
import type { TrainOptions } from "../training/train.ts";
import { commandLine, counted, duration } from "../wording.ts";
import { type EngineFlags, engineFrom } from "./engine-options.ts";
import { showProgress } from "./progress.ts";
import { finishingIteration, interruptible } from "./signals.ts";
import type { Terminal } from "./terminal.ts";

export interface RunSettings extends EngineFlags {
  readonly config: RunConfig;
  readonly directory: string;
  readonly report: boolean;
  readonly json?: boolean;
  /** The directory of another run that the report also shows. */
  readonly shownWith?: string;
  /** Whether the same command goes on with an interrupted run, and with what should follow it. */
  readonly again?: boolean;
}

/**
 * Trains or resumes a run with progress bars, Ctrl-C and a final report; prints the result, returns how it
 * ended.
 */
export async function runWithProgress(
  terminal: Terminal,
  exit: (code: number) => void,
  { config, directory, report, json = false, shownWith, again = false, ...flags }: RunSettings,
  run: (options: TrainOptions) => Promise<TrainResult>,
): Promise<TrainResult["status"]> {
  const observer = showProgress(terminal, config.iterations);
  const engine = await engineFrom(flags, { directory, log: terminal.err, onStatus: observer.status });
  const starting = (checked: RunConfig): void => {
    const { experiment, iterations, tasks, seed } = checked;
    terminal.err(
      `${experiment.environment}, ${experiment.estimator.name}: ${counted(iterations, "iteration")} of ${counted(tasks, "task")}, ` +
        `seed ${seed}, in ${directory}`,
    );
    const caution = cautionOf(checked);
    if (caution !== null) terminal.err(`note: ${caution}`);
  };
  const started = performance.now();
  const { result, exitCode } = await interruptible(
    terminal,
    (signal) =>
      run({
        observer: { ...observer, starting },
        signal,
        ...(flags.workers === undefined ? {} : { workers: flags.workers }),
        ...(engine === undefined ? {} : { engine }),
      }).finally(() => observer.stop()),
    finishingIteration,
  );
  const { status, state, files } = result;
  const seconds = (performance.now() - started) / 1000;
  if (status === "interrupted") {
    terminal.err(
      `Stopped after iteration ${state.iteration}. ` +
        (again
          ? "Run the same command again to continue."
          : `Continue with: ${commandLine("resume", directory)}`),
    );
    exit(exitCode);
  } else {
    terminal.err(`Finished in ${duration(seconds)}.`);
    if (report) {
      const { writeReport } = await import("../report/report.ts");
      const note = "The two runs have the same seed, tasks and number of iterations.";
      await (shownWith === undefined
        ? writeReport([directory], files.report)
        : writeReport([directory, shownWith], files.report, { note, own: directory }));
    }
    if (report && !json) terminal.out(`Report: ${files.report}`);
  }
  if (json)
    terminal.out(
      JSON.stringify({
        status,
        directory,
        iteration: state.iteration,
        best: state.best,
        evaluation: readLines<object>(files.evaluations, () => "").lines.at(-1) ?? null,
        ...(report && status === "finished" ? { report: files.report } : {}),
      }),
    );
  return status;
}
