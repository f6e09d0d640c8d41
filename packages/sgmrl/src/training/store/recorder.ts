/** Writes the files of a run as it proceeds. Every failure to write says what is safe and how to go on. */
import { renameSync } from "node:fs";
import { fileProblem, RunError } from "../../errors.ts";
import type { ParameterBlock } from "../../policy/layout.ts";
import type { RunConfig } from "../../settings.ts";
import { commandLine } from "../../wording.ts";
import type { Disk } from "./atomic-write.ts";
import {
  type Checkpoint,
  listCheckpoints,
  type RunState,
  removeCheckpoint,
  writeCheckpoint,
  writeParameters,
} from "./checkpoint.ts";
import { createJournal, type Journal, reopenJournal } from "./journal.ts";
import { timingProblem } from "./lines.ts";
import { type RunFiles, readLines } from "./run-directory.ts";

export interface Recorder {
  metrics(line: object): void;
  evaluation(line: object): void;
  timing(line: object): void;
  best(state: RunState): void;
  checkpoint(state: RunState): void;
  close(): void;
}

export interface RecorderOptions {
  readonly files: RunFiles;
  readonly config: RunConfig;
  readonly configSha256: string;
  readonly blocks: readonly ParameterBlock[];
  /** The checkpoint to go on from; without one, the files start empty. */
  readonly from?: Checkpoint | undefined;
  readonly disk?: Disk | undefined;
  /** Told of what is damaged and does not matter. */
  readonly warn?: (text: string) => void;
}

export function openRecorder({
  files,
  config,
  configSha256,
  blocks,
  from,
  disk,
  warn = () => {},
}: RecorderOptions): Recorder {
  const open = (path: string, name: "metrics" | "evaluations"): Journal =>
    from === undefined ? createJournal(path) : reopenJournal(path, from.journals[name]!);
  const metrics = open(files.metrics, "metrics");
  const evaluations = open(files.evaluations, "evaluations");
  const timings = reopenTimings(files.timings, from?.state.iteration ?? 0, warn);

  const safely = (write: () => void): void => {
    try {
      write();
    } catch (error) {
      const last = listCheckpoints(files.checkpoints).at(-1);
      const intact =
        last === undefined
          ? "No checkpoint has been written yet."
          : `The checkpoint of iteration ${last} is intact; go on from it with: ${commandLine("resume", files.root)}`;
      throw new RunError(`${files.root}: cannot write: ${fileProblem(error)}. ${intact}`);
    }
  };
  return {
    metrics: (line) => safely(() => metrics.append(line)),
    evaluation: (line) => safely(() => evaluations.append(line)),
    timing: (line) => safely(() => timings.append(line)),
    best: (state) => safely(() => writeParameters(files.best, blocks, state)),
    checkpoint: (state) =>
      safely(() => {
        const journals = { metrics: metrics.mark(), evaluations: evaluations.mark() };
        writeCheckpoint(
          files.checkpoints,
          blocks,
          { state, configSha256, seed: config.seed, journals },
          disk,
        );
        for (const iteration of listCheckpoints(files.checkpoints))
          if (iteration < state.iteration && iteration % config.checkpointEvery !== 0)
            removeCheckpoint(files.checkpoints, iteration); // left by an interruption
      }),
    close: () => {
      for (const journal of [metrics, evaluations, timings]) journal.close();
    },
  };
}

/**
 * Timings are not determined by the config, so no checkpoint holds their hash. Lines from `iteration` on are removed, and
 * a damaged line with all that follow it. A file that holds no lines at all is set aside: the run must be able to go on.
 */
function reopenTimings(path: string, iteration: number, warn: (text: string) => void): Journal {
  const { lines, damage } = readLines<{ readonly iteration: number }>(path, timingProblem);
  for (const problem of damage) warn(`${problem}; seconds from there on are lost.`);
  if (damage.length > 0 && lines.length === 0) renameSync(path, `${path}.damaged`);
  const kept = lines.filter((line) => line.iteration < iteration);
  const journal = createJournal(path);
  for (const line of kept) journal.append(line);
  return journal;
}
