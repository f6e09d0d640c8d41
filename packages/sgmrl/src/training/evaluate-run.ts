import { existsSync } from "node:fs";
import { checkConfig } from "../config/parse-config.ts";
import { InputError, requireWhole } from "../errors.ts";
import type { UnitSource } from "../execution/create-engine.ts";
import { evaluateHeldOut, type HeldOut } from "./evaluate.ts";
import { loadCheckpoint } from "./resume.ts";
import { readParameters } from "./store/checkpoint.ts";
import { readConfig, runFiles } from "./store/run-directory.ts";
import { unitOf, withEngine } from "./train.ts";

/** Options of `evaluate`: what it measures, and at which checkpoint. */
export interface EvaluateOptions {
  /** Held-out tasks; 1000 by default. The first ones are those of the run's own evaluations, except for "best". */
  readonly tasks?: number | undefined;
  /** K; by default as in the run's own evaluations. */
  readonly steps?: number | undefined;
  /**
   * The checkpoint to evaluate; the last by default. "best" is the θ whose return in the run's own evaluations was
   * highest; because they chose it, it is evaluated on other tasks.
   */
  readonly from?: number | "best" | undefined;
  readonly workers?: number;
  readonly units?: UnitSource;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, tasks: number) => void;
}

/** The results of `evaluate`: mean returns after 0, 1, …, K adaptation steps, with 95% confidence intervals. */
export interface RunEvaluation extends HeldOut {
  /** The iteration of the checkpoint. */
  readonly iteration: number;
}

/**
 * Evaluates a checkpoint of a run on held-out tasks; returns nothing if the signal interrupts it.
 *
 * Errors  InputError if the directory holds no run, or no such checkpoint; for fewer than 2 tasks, or 1 step
 */
export async function evaluate(
  directory: string,
  { tasks = 1000, steps, from, signal, onProgress, ...where }: EvaluateOptions = {},
): Promise<RunEvaluation | undefined> {
  requireWhole("tasks", tasks, 2);
  if (steps !== undefined) requireWhole("steps", steps, 1);
  const { config: run, configSha256 } = readConfig(directory);
  const evaluation = { ...run.evaluation, finalTasks: tasks, steps: steps ?? run.evaluation.steps };
  const config = checkConfig({ ...run, evaluation });
  const unit = await unitOf(config, where);
  const files = runFiles(directory);
  const chosen =
    from === "best"
      ? existsSync(files.best) && readParameters(files.best, unit.parameters)
      : loadCheckpoint(files, unit, configSha256, from)?.state;
  if (!chosen) throw new InputError(`${directory}: the run has no checkpoint yet.`);
  const { iteration, theta } = chosen;
  const first = from === "best" ? Math.max(run.evaluation.tasks, run.evaluation.finalTasks) : 0;
  return withEngine(config, unit, where, async (engine) => {
    const heldOut = await evaluateHeldOut(engine, theta, {
      seed: config.seed,
      tasks,
      first,
      steps: evaluation.steps,
      signal,
      onProgress: (done) => onProgress?.(done, tasks),
    });
    return heldOut && { iteration, ...heldOut };
  });
}
