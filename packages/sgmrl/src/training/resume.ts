/** Resuming a run: the checkpoint to start from, and the progress of the run. */

import { InputError, requireWhole } from "../errors.ts";
import type { Unit } from "../meta-gradient/unit.ts";
import type { RunConfig } from "../settings.ts";
import { commandLine } from "../wording.ts";
import { baseOf, changeLength, finishChange, reads } from "./extend.ts";
import { isFinished, runLoop, type TrainResult } from "./loop.ts";
import { createOptimizer } from "./optimizer.ts";
import { requireStart } from "./start.ts";
import {
  type Checkpoint,
  listCheckpoints,
  readCheckpoint,
  readRecord,
  removeCheckpoint,
} from "./store/checkpoint.ts";
import { divergenceAt } from "./store/divergence.ts";
import { requireIntact } from "./store/journal.ts";
import { clearAway, type RunFiles, readConfig, refuseOddFiles, runFiles } from "./store/run-directory.ts";
import { lockRun } from "./store/run-lock.ts";
import { type TrainOptions, unitOf, withEngine } from "./train.ts";

/** How a run goes on. */
export interface ResumeOptions extends TrainOptions {
  /** The iteration of the checkpoint to continue from; the last by default. */
  readonly from?: number;
  /** A new number of iterations for the run, usually to train longer. */
  readonly iterations?: number;
}

/**
 * Continues a run from its last checkpoint, or from that of a given iteration, with the bits of a run that never
 * stopped.
 *
 * Errors  InputError if the directory holds no run, another process writes it, a file was changed or is damaged, or there
 *         is no such checkpoint; otherwise as `train`. A run that is refused stays as it is.
 */
export async function resume(
  directory: string,
  { from, iterations, ...options }: ResumeOptions = {},
): Promise<TrainResult> {
  if (iterations !== undefined) requireWhole("--iterations", iterations, 1);
  const unit = await unitOf(readConfig(directory).config, options);
  const files = runFiles(directory);
  const unlock = lockRun(files.root);
  try {
    refuseOddFiles(files);
    clearAway(files);
    finishChange(files);
    const { config: before, configSha256: sha256Before } = readConfig(directory);
    const config = iterations === undefined ? before : { ...before, iterations };
    const isChanged = config.iterations !== before.iterations;
    const read = (iteration: number) => loadCheckpoint(files, unit, sha256Before, iteration)!.state; // it is there
    const change = { iterations: config.iterations, from, read, warn: options.observer?.warning };
    const last = isChanged
      ? baseOf({ files, blocks: unit.parameters, configSha256: sha256Before }, change)
      : listCheckpoints(files.checkpoints).at(-1);
    const start = from ?? last;
    const checkpoint = start === undefined ? undefined : loadCheckpoint(files, unit, sha256Before, start);
    if (checkpoint === undefined) requireStart(config, unit);
    else checkOwner(files, checkpoint, config);
    // Nothing of the run is removed or changed before the engine is there, the last thing that may be refused.
    return await withEngine(config, unit, options, async (engine) => {
      const configSha256 = isChanged ? changeLength(files, config.iterations, start) : sha256Before;
      // Later checkpoints are removed before the journals are cut back to this one; otherwise a kill in between would
      // leave checkpoints whose journals do not match.
      for (const later of listCheckpoints(files.checkpoints))
        if (later > (start ?? -1)) removeCheckpoint(files.checkpoints, later);
      const run = { config, configSha256, unit, files, from: checkpoint };
      return runLoop(run, engine, options);
    });
  } finally {
    unlock();
  }
}

/** An intact checkpoint may still have been written for other settings than those in its record, or other journals. */
function checkOwner(files: RunFiles, { state, seed, journals }: Checkpoint, config: RunConfig): void {
  const named = (moments: object): string => Object.keys(moments).sort().join(", ");
  const expected = named(createOptimizer(config.optimizer).initialState(0).moments);
  const found = named(state.optimizer.moments);
  const refuse = (what: string): never => {
    throw new InputError(`checkpoint of iteration ${state.iteration}: ${what}; it belongs to another run.`);
  };
  if (found !== expected)
    refuse(`expected the moments of ${config.optimizer.name}, ${expected || "none"}; got ${found || "none"}`);
  if (seed !== config.seed) refuse(`its seed is ${seed}, but the run's is ${config.seed}`);
  if (state.iteration > config.iterations) refuse(`the run has only ${config.iterations} iterations`);
  for (const name of ["metrics", "evaluations"] as const) requireIntact(files[name], journals[name]!);
}

/** The last checkpoint of a run, or that of a given iteration; nothing if none has been written. */
export function loadCheckpoint(
  files: RunFiles,
  unit: Unit,
  configSha256: string,
  iteration?: number,
): Checkpoint | undefined {
  const iterations = listCheckpoints(files.checkpoints);
  const chosen = iteration ?? iterations.at(-1);
  if (chosen === undefined) return undefined;
  if (!iterations.includes(chosen))
    throw new InputError(
      `${files.root}: no checkpoint of iteration ${chosen}. Existing ones: ${iterations.join(", ") || "none"}.`,
    );
  try {
    return orEarlier(files, chosen, (at) =>
      readCheckpoint(files.checkpoints, at, unit.parameters, configSha256),
    );
  } catch (error) {
    // Whoever writes the run has replaced the last checkpoint while it was read.
    const isStale = iteration === undefined && listCheckpoints(files.checkpoints).at(-1) !== chosen;
    if (isStale) return loadCheckpoint(files, unit, configSha256);
    throw error;
  }
}

/** Reads the checkpoint of an iteration. If it is damaged, the error names the earlier ones that are not. */
function orEarlier<T>({ root, checkpoints }: RunFiles, iteration: number, read: (iteration: number) => T): T {
  try {
    return read(iteration);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const earlier = listCheckpoints(checkpoints).filter(
      (other) => other < iteration && reads(() => read(other)),
    );
    if (earlier.length === 0) throw error;
    throw new InputError(
      `${error.message}\nEarlier checkpoints: iterations ${earlier.join(", ")}. ` +
        `Choose one with: ${commandLine("resume", root, "--from", String(earlier.at(-1)))}`,
    );
  }
}

export interface RunProgress {
  readonly iteration: number;
  readonly finished: boolean;
  /** Why it cannot go on, if its numbers are no longer finite. */
  readonly divergence: string | undefined;
}

/** The progress of a run, by its last checkpoint; nothing if none has been written. */
export function progressOf(root: string, { iterations }: RunConfig): RunProgress | undefined {
  const files = runFiles(root);
  const last = listCheckpoints(files.checkpoints).at(-1);
  if (last === undefined) return undefined;
  const record = orEarlier(files, last, (at) => readRecord(files.checkpoints, at));
  return {
    iteration: record.iteration,
    finished: isFinished(record, iterations),
    divergence: divergenceAt(files.divergence, record),
  };
}
