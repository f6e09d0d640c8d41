/** The initial θ of a run: drawn from its seed, or the θ that another run has reached (a warm start). */

import { InputError } from "../errors.ts";
import { sha256, thetaBytes } from "../files/sha256.ts";
import type { Unit } from "../meta-gradient/unit.ts";
import type { RunConfig, WarmStart } from "../settings.ts";
import { initializationKey } from "./keys.ts";
import { listCheckpoints, readCheckpoint } from "./store/checkpoint.ts";
import { readConfig, runFiles } from "./store/run-directory.ts";

/**
 * The θ of a run's last checkpoint, as a config names it. `unit` is that of the run that begins there.
 *
 * Errors  InputError if the directory holds no run, no checkpoint, or one of another layout of θ
 */
export function warmStart(run: string, unit: Unit): WarmStart {
  const iteration = listCheckpoints(runFiles(run).checkpoints).at(-1);
  if (iteration === undefined) throw new InputError(`${run}: the run has no checkpoint yet.`);
  try {
    return { run, iteration, sha256: sha256(thetaBytes(readTheta(run, iteration, unit))) };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(
      `${run}: ${error.message} A warm start keeps the environment's spaces and the policy of that run (--env, --policy, --hidden).`,
    );
  }
}

/** θ_0: [d]. */
export function firstTheta({ seed, start }: Pick<RunConfig, "seed" | "start">, unit: Unit): Float64Array {
  if (start === undefined) return unit.initialize(initializationKey(seed));
  const theta = readTheta(start.run, start.iteration, unit);
  if (sha256(thetaBytes(theta)) !== start.sha256)
    throw new InputError(
      `${start.run}: the parameters of iteration ${start.iteration} differ from those that this run began with; the run was replaced.`,
    );
  return theta;
}

/** Refuses a run that cannot begin, because the run that it started from was replaced. */
export function requireStart(config: Pick<RunConfig, "seed" | "start">, unit: Unit): void {
  if (config.start !== undefined) firstTheta(config, unit);
}

function readTheta(run: string, iteration: number, unit: Unit): Float64Array {
  const { configSha256 } = readConfig(run);
  return readCheckpoint(runFiles(run).checkpoints, iteration, unit.parameters, configSha256).state.theta;
}
