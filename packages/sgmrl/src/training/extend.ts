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
import type { Unit } from "../meta-gradient/unit.ts";
import { isFinished } from "./loop.ts";
import { writeAtomically } from "./store/atomic-write.ts";
import {
  listCheckpoints,
  parametersIteration,
  type RunState,
  readCheckpoint,
  removeCheckpoint,
  resealCheckpoint,
  writeParameters,
} from "./store/checkpoint.ts";
import { type RunFiles, readConfig } from "./store/run-directory.ts";

/**
 * The iteration of the checkpoint that a run continues from when it gets another length; nothing if it begins anew.
 *
 * Errors  InputError if the run has done more iterations than that, or is to continue `from` a later checkpoint
 */
export function baseOf(files: RunFiles, unit: Unit, iterations: number, from?: number): number | undefined {
  const { config } = readConfig(files.root);
  const done = listCheckpoints(files.checkpoints);
  const last = done.at(-1) ?? 0;
  if (iterations < last)
    throw new InputError(
      `--iterations: expected at least ${last}, as the run has done that many already; got ${iterations}.`,
    );
  const read = reader(files, unit);
  const ends = [config.iterations, iterations];
  const base = done.findLast((iteration) => canGoOn(files, ends, done, read(iteration)));
  const why = `with --iterations ${iterations}, as an evaluation at the old or new end has affected`;
  if (from !== undefined && base !== undefined && from > base)
    throw new InputError(`--from: expected at most ${base} ${why} later checkpoints; got ${from}.`);
  if (from !== undefined && base === undefined && done.length > 0)
    throw new InputError(`--from: the run begins anew ${why} every checkpoint; leave it out.`);
  return base;
}

/**
 * Changes the number of iterations of a run that nobody is writing, which continues from its `baseOf`. Returns the hash of
 * its new config.
 */
export function changeLength(
  files: RunFiles,
  unit: Unit,
  iterations: number,
  base: number | undefined,
): string {
  const { config } = readConfig(files.root);
  const read = reader(files, unit);
  for (const iteration of listCheckpoints(files.checkpoints))
    if (iteration > (base ?? -1)) removeCheckpoint(files.checkpoints, iteration);
  if (base !== undefined) restoreBest(files, unit, read, read(base));

  const text = configText({ ...config, iterations });
  writeAtomically(files.nextConfig, text);
  finishChange(files);
  return sha256(text);
}

function reader(files: RunFiles, unit: Unit): (iteration: number) => RunState {
  const { configSha256 } = readConfig(files.root);
  return (iteration) => readCheckpoint(files.checkpoints, iteration, unit.parameters, configSha256).state;
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
    resealCheckpoint(checkpoints, iteration, sha256(text));
  writeAtomically(config, text);
  rmSync(nextConfig);
}

/**
 * Not evaluated at either end, on the tasks of a final evaluation where it is none any more, or not on them where it is
 * one now; and if `best` has changed since, the parameters that were best at that time must still exist.
 */
function canGoOn(
  files: RunFiles,
  ends: readonly number[],
  done: readonly number[],
  state: RunState,
): boolean {
  if (ends.some((end) => isFinished(state, end))) return false;
  const { best } = state;
  return best === null || done.includes(best.iteration) || parametersIteration(files.best) === best.iteration;
}

function restoreBest(
  files: RunFiles,
  unit: Unit,
  read: (iteration: number) => RunState,
  { best }: RunState,
): void {
  if (best === null || parametersIteration(files.best) === best.iteration) return;
  writeParameters(files.best, unit.parameters, read(best.iteration));
}
