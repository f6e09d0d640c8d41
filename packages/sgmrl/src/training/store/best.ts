/**
 * best.safetensors: the parameters of the best evaluation so far. A final evaluation, on more tasks, belongs to the length
 * of the run; if it is the best, those that were best before are kept beside it unless a checkpoint has them, so that the
 * run can still get another length.
 */
import * as fs from "node:fs";
import { InputError } from "../../errors.ts";
import type { ParameterBlock } from "../../policy/layout.ts";
import type { RunConfig } from "../../settings.ts";
import type { Disk } from "./atomic-write.ts";
import {
  listCheckpoints,
  parametersIteration,
  type RunState,
  readCheckpoint,
  readParameters,
  writeParameters,
} from "./checkpoint.ts";
import type { Best } from "./checkpoint-record.ts";
import type { RunFiles } from "./run-directory.ts";

/** The run whose best parameters are looked for. */
export interface BestOf {
  readonly files: RunFiles;
  readonly blocks: readonly ParameterBlock[];
  readonly configSha256: string;
}

type Parameters = Pick<RunState, "iteration" | "theta">;

/** The parameters that were best, wherever they still are. */
export function findBest({ files, blocks, configSha256 }: BestOf, best: Best): Parameters | undefined {
  const { iteration } = best;
  try {
    for (const path of [files.best, files.bestBeforeEnd])
      if (parametersIteration(path) === iteration) return readParameters(path, blocks);
    if (!listCheckpoints(files.checkpoints).includes(iteration)) return undefined;
    return readCheckpoint(files.checkpoints, iteration, blocks, configSha256).state;
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

/** Records the parameters of a state as the best. */
export function writeBest(
  { files, blocks }: BestOf,
  { iterations, checkpointEvery }: RunConfig,
  state: RunState,
  disk?: Disk,
): void {
  const before = state.best?.iteration;
  const isLost = state.iteration === iterations && before !== undefined && before % checkpointEvery !== 0;
  // Already kept, if the run was killed after this and before its last checkpoint.
  if (isLost && parametersIteration(files.best) === before)
    writeParameters(files.bestBeforeEnd, blocks, readParameters(files.best, blocks), disk);
  writeParameters(files.best, blocks, state, disk);
}

/**
 * Before a run goes on from a checkpoint: makes its best parameters those of that time. If they are nowhere, there are
 * none until the run comes to better ones again.
 */
export function restoreBest(run: BestOf, { best }: RunState, disk: Disk = fs): void {
  const { files, blocks } = run;
  const found = best === null ? undefined : findBest(run, best);
  if (found === undefined) disk.rmSync(files.best, { force: true });
  else if (parametersIteration(files.best) !== found.iteration)
    writeParameters(files.best, blocks, found, disk);
  disk.rmSync(files.bestBeforeEnd, { force: true });
}
