import { InputError } from "../errors.ts";
import { defaultWorkers, localEngine, localUnits, type UnitSource } from "../execution/create-engine.ts";
import { evaluateHeldOut, type HeldOut } from "./evaluate.ts";
import { loadCheckpoint } from "./resume.ts";
import { readConfig, runFiles } from "./store/run-directory.ts";
import { unitOf } from "./train.ts";

export interface EvaluateOptions {
  /** Held-out tasks; 1000 by default. The first ones are those of the run's own evaluations. */
  readonly tasks?: number | undefined;
  /** K; by default as in the run's own evaluations. */
  readonly steps?: number | undefined;
  /** The checkpoint to evaluate; the last by default. */
  readonly from?: number | undefined;
  readonly workers?: number | undefined;
  readonly units?: UnitSource;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, tasks: number) => void;
}

export interface RunEvaluation extends HeldOut {
  /** The iteration of the checkpoint. */
  readonly iteration: number;
}

/** Measures a checkpoint of a run on held-out tasks; nothing if the signal stops it half-way. */
export async function evaluate(
  directory: string,
  {
    tasks = 1000,
    steps,
    from,
    workers = defaultWorkers(),
    units = localUnits,
    signal,
    onProgress,
  }: EvaluateOptions = {},
): Promise<RunEvaluation | undefined> {
  const { config, configSha256 } = readConfig(directory);
  const unit = unitOf(config, { units });
  const checkpoint = loadCheckpoint(runFiles(directory), unit, configSha256, from);
  if (checkpoint === undefined) throw new InputError(`${directory}: the run has no checkpoint yet.`);
  const { iteration, theta } = checkpoint.state;
  const engine = localEngine(config.experiment, unit, units, workers);
  try {
    const heldOut = await evaluateHeldOut(engine, theta, {
      seed: config.seed,
      tasks,
      steps: steps ?? config.evaluation.steps,
      signal,
      onProgress: (done) => onProgress?.(done, tasks),
    });
    return heldOut && { iteration, ...heldOut };
  } finally {
    await engine.close();
  }
}
