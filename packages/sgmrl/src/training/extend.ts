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
import type { RunConfig } from "../settings.ts";
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

/** Changes the number of iterations of a run that nobody is writing. */
export function changeLength(files: RunFiles, unit: Unit, iterations: number): void {
  const { config, configSha256 } = readConfig(files.root);
  const done = listCheckpoints(files.checkpoints);
  const last = done.at(-1) ?? 0;
  if (iterations < last)
    throw new InputError(
      `--iterations: expected at least ${last}, as the run has done that many already; got ${iterations}.`,
    );
  const read = (iteration: number): RunState =>
    readCheckpoint(files.checkpoints, iteration, unit.parameters, configSha256).state;
  const ends = [config.iterations, iterations];
  const base = done.findLast((iteration) => canGoOn(files, ends, done, read(iteration)));
  for (const iteration of done) if (iteration > (base ?? -1)) removeCheckpoint(files.checkpoints, iteration);
  if (base !== undefined) restoreBest(files, unit, read, read(base));

  const longer: RunConfig = { ...config, iterations };
  writeAtomically(files.nextConfig, configText(longer));
  finishChange(files);
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
