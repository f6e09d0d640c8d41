/** Writes the files of a run as it proceeds. Every write error says what is safe and how to continue. */
import * as fs from "node:fs";
import { fileProblem, InputError, RunError } from "../../errors.ts";
import type { ParameterBlock } from "../../policy/layout.ts";
import type { RunConfig } from "../../settings.ts";
import { commandLine } from "../../wording.ts";
import type { Disk } from "./atomic-write.ts";
import { restoreBest, writeBest } from "./best.ts";
import {
  type Checkpoint,
  listCheckpoints,
  type RunState,
  removeCheckpoint,
  writeCheckpoint,
} from "./checkpoint.ts";
import { writeDivergence } from "./divergence.ts";
import { createJournal, type Journal, reopenJournal, timingProblem } from "./journal.ts";
import { type RunFiles, readLines } from "./run-directory.ts";
import { mayDiffer, type Program, programText, thisProgram } from "./version.ts";

export interface Recorder {
  metrics(line: object): void;
  evaluation(line: object): void;
  timing(line: object): void;
  best(state: RunState): void;
  /** The run goes on from this state. */
  restoreBest(state: RunState): void;
  checkpoint(state: RunState): void;
  /** The run cannot go on from this state, the last checkpoint. */
  divergence(state: RunState, reason: string): void;
  close(): void;
}

export interface RecorderOptions {
  readonly files: RunFiles;
  readonly config: RunConfig;
  readonly configSha256: string;
  readonly blocks: readonly ParameterBlock[];
  /** The checkpoint to continue from; without one, the files start empty. */
  readonly from?: Checkpoint | undefined;
  readonly disk?: Disk | undefined;
  /** Called with a description of damage that does not matter. */
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
  const safely = <T>(write: () => T): T => {
    try {
      return write();
    } catch (error) {
      if (error instanceof InputError) throw error;
      const last = listCheckpoints(files.checkpoints).at(-1);
      const intact =
        last === undefined
          ? "No checkpoint has been written yet."
          : `The checkpoint of iteration ${last} is intact; continue from it with: ${commandLine("resume", files.root)}`;
      throw new RunError(`${files.root}: cannot write: ${fileProblem(error)}. ${intact}`);
    }
  };
  const run = { files, blocks, configSha256 };
  const open = (path: string, name: "metrics" | "evaluations"): Journal =>
    safely(() =>
      from === undefined ? createJournal(path, disk) : reopenJournal(path, from.journals[name]!, disk),
    );
  const metrics = open(files.metrics, "metrics");
  const evaluations = open(files.evaluations, "evaluations");
  safely(() => (disk ?? fs).rmSync(files.divergence, { force: true }));
  const by = thisProgram();
  const timings = safely(() => reopenTimings(files.timings, from?.state.iteration ?? 0, by, warn, disk));

  return {
    metrics: (line) => safely(() => metrics.append(line)),
    evaluation: (line) => safely(() => evaluations.append(line)),
    timing: (line) => safely(() => timings.append({ ...line, by })),
    best: (state) => safely(() => writeBest(run, config, state, disk)),
    restoreBest: (state) => safely(() => restoreBest(run, state, disk)),
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
    divergence: ({ iteration }, reason) =>
      safely(() => writeDivergence(files.divergence, { iteration, configSha256, reason }, disk)),
    close: () => {
      for (const journal of [metrics, evaluations, timings]) journal.close();
    },
  };
}

/**
 * Timings are not determined by the config, so no checkpoint holds their hash. Lines from `iteration` on are removed, as
 * is a damaged line with all lines after it. A file without any valid line is set aside, so that the run can continue.
 */
function reopenTimings(
  path: string,
  iteration: number,
  now: Program,
  warn: (text: string) => void,
  disk: Disk | undefined,
): Journal {
  const { lines, damage } = readLines<{ readonly iteration: number; readonly by?: Program }>(
    path,
    timingProblem,
  );
  for (const problem of damage) warn(`${problem}; the times recorded from there on are lost.`);
  if (damage.length > 0 && lines.length === 0) fs.renameSync(path, `${path}.damaged`);
  const kept = lines.filter((line) => line.iteration < iteration);
  const before = kept.at(-1)?.by;
  if (before !== undefined && mayDiffer(before, now))
    warn(
      `the run was written by ${programText(before)}; it continues with ${programText(now)}. ` +
        "The two may not give the same bits.",
    );
  const journal = createJournal(path, disk);
  for (const line of kept) journal.append(line);
  return journal;
}
