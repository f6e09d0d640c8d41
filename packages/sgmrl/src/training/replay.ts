/** Reruns some units of a run one by one in this process, where a debugger or a stack trace can show them. */

import { norm } from "../arithmetic.ts";
import { InputError } from "../errors.ts";
import { localUnits, type UnitSource } from "../execution/create-engine.ts";
import type { Terms } from "../meta-gradient/combine.ts";
import { heldOutKeys, trainingKeys } from "./keys.ts";
import { loadCheckpoint } from "./resume.ts";
import { readConfig, runFiles } from "./store/run-directory.ts";
import { unitOf } from "./train.ts";

export interface ReplayOptions {
  /** Indices of the first and of the last task. */
  readonly tasks: readonly [number, number];
  /** Held-out tasks, rather than those of the iteration that follows the checkpoint. */
  readonly heldOut?: boolean | undefined;
  /** The checkpoint to start from; the last by default. */
  readonly from?: number | undefined;
  readonly units?: UnitSource;
}

export interface Replayed {
  readonly iteration: number;
  readonly task: number;
  readonly seconds: number;
  readonly figures: Readonly<Record<string, number>>;
}

/** The result of each unit; errors of a unit are thrown here. */
export async function* replay(
  directory: string,
  { tasks: [first, last], heldOut = false, from, units = localUnits }: ReplayOptions,
): AsyncGenerator<Replayed> {
  const { config, configSha256 } = readConfig(directory);
  const { seed, evaluation } = config;
  const unit = await unitOf(config, { units });
  const checkpoint = loadCheckpoint(runFiles(directory), unit, configSha256, from);
  if (checkpoint === undefined) throw new InputError(`${directory}: the run has no checkpoint yet.`);
  const { iteration, theta } = checkpoint.state;
  const count = heldOut ? Math.max(evaluation.tasks, evaluation.finalTasks) : config.tasks;
  if (first > last || last >= count)
    throw new InputError(
      `--tasks: expected indices below ${count}, the lower one first; got ${first === last ? first : `${first}-${last}`}.`,
    );
  const keys = heldOut ? heldOutKeys(seed, count) : trainingKeys(config, iteration);
  for (const [i, { task, noise }] of keys.slice(first, last + 1).entries()) {
    const started = performance.now();
    const figures = heldOut
      ? Object.fromEntries(
          [...unit.evaluate(theta, task, noise, evaluation.steps).returns].map((r, k) => [`after ${k}`, r]),
        )
      : contribution(unit.contribute(theta, task, noise));
    yield { iteration, task: first + i, seconds: (performance.now() - started) / 1000, figures };
  }
}

function contribution({ pathwise, score, meanReturn }: Terms): Replayed["figures"] {
  return { meanReturn, pathwiseNorm: norm(pathwise), ...(score === null ? {} : { scoreNorm: norm(score) }) };
}
