/**
 * Changes the length of a run; the results are those of a run that had this length from the start. It continues from
 * the last checkpoint before the old end and the new one, because the final evaluation, on more tasks, belongs to the end
 * alone.
 */

import { existsSync, rmSync } from "node:fs";
import { checkConfig, configText } from "../config/parse-config.ts";
import { InputError } from "../errors.ts";
import { limits, parseJson, readText } from "../files/read-file.ts";
import { sha256 } from "../files/sha256.ts";
import { isFinished } from "./loop.ts";
import { writeAtomically } from "./store/atomic-write.ts";
import { type BestOf, findBest } from "./store/best.ts";
import { listCheckpoints, type RunState, removeCheckpoint, resealCheckpoint } from "./store/checkpoint.ts";
import { type RunFiles, readConfig } from "./store/run-directory.ts";

export interface LengthChange {
  readonly iterations: number;
  /** The iteration of the checkpoint to continue from; the last possible by default. */
  readonly from?: number | undefined;
  /** The state of a checkpoint. */
  readonly read: (iteration: number) => RunState;
  readonly warn?: ((text: string) => void) | undefined;
}

/**
 * The iteration of the checkpoint that a run continues from when it gets another length; nothing if it begins anew. Warns
 * if that is earlier than the evaluations at its ends require.
 *
 * Errors  InputError if the run has done more iterations than that, or is to continue `from` a later checkpoint
 */
export function baseOf(run: BestOf, { iterations, from, read, warn }: LengthChange): number | undefined {
  const { root, checkpoints } = run.files;
  const { config } = readConfig(root);
  const done = listCheckpoints(checkpoints);
  const last = done.at(-1) ?? 0;
  if (iterations < last)
    throw new InputError(
      `--iterations: expected at least ${last}, as the run has done that many already; got ${iterations}.`,
    );
  // Whoever names a checkpoint may know that a later one is damaged.
  const states = done.filter(
    (iteration) => from === undefined || iteration <= from || reads(() => read(iteration)),
  );
  const ends = [config.iterations, iterations];
  const isFree = (iteration: number): boolean => !ends.some((end) => isFinished(read(iteration), end));
  const hasBest = (iteration: number): boolean => {
    const { best } = read(iteration);
    return best === null || findBest(run, best) !== undefined;
  };
  const free = states.findLast(isFree);
  const base = states.findLast((iteration) => isFree(iteration) && hasBest(iteration));
  const why = `with --iterations ${iterations}, as an evaluation at the old or new end has affected`;
  if (from !== undefined && base !== undefined && from > base)
    throw new InputError(`--from: expected at most ${base} ${why} later checkpoints; got ${from}.`);
  if (from !== undefined && base === undefined && done.length > 0)
    throw new InputError(`--from: the run begins anew ${why} every checkpoint; leave it out.`);
  if (from === undefined && free !== base)
    warn?.(
      `${root}: ${base === undefined ? "the run begins anew" : `the run goes on from iteration ${base}, not ${free}`}: ` +
        `the parameters of iteration ${read(free!).best!.iteration}, the best until then, are no longer there.`,
    );
  return base;
}

/** Whether nothing that the work reads is damaged. */
export function reads(work: () => unknown): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if (error instanceof InputError) return false;
    throw error;
  }
}

/**
 * Changes the number of iterations of a run that nobody is writing, and that continues from its checkpoint of iteration
 * `start`, or begins anew. Returns the hash of its new config.
 */
export function changeLength(files: RunFiles, iterations: number, start: number | undefined): string {
  const { config } = readConfig(files.root);
  for (const iteration of listCheckpoints(files.checkpoints))
    if (iteration > (start ?? -1)) removeCheckpoint(files.checkpoints, iteration);

  const text = configText({ ...config, iterations });
  writeAtomically(files.nextConfig, text);
  finishChange(files);
  return sha256(text);
}

/**
 * Applies a pending config to a run, if there is one. config.json and the checkpoints that contain its hash cannot be
 * replaced in one operation, so a change that was killed halfway is finished by the next process that writes the run.
 */
export function finishChange({ nextConfig, config, checkpoints }: RunFiles): void {
  if (!existsSync(nextConfig)) return;
  const text = readText(nextConfig, limits.settings);
  try {
    checkConfig(parseJson(text, nextConfig));
  } catch (error) {
    throw new InputError(`${nextConfig}: ${error instanceof Error ? error.message : error} Delete it.`);
  }
  for (const iteration of listCheckpoints(checkpoints))
    reads(() => resealCheckpoint(checkpoints, iteration, sha256(text))); // a damaged one stays as it is
  writeAtomically(config, text);
  rmSync(nextConfig);
}
