/** Starts a new run, from its config to the files of its directory. */
import { loadModules } from "../config/modules.ts";
import { checkNewConfig, configText } from "../config/parse-config.ts";
import { InputError, requireWhole } from "../errors.ts";
import { checkedEngine } from "../execution/checked-engine.ts";
import { defaultWorkers, localEngine, localUnits, type UnitSource } from "../execution/create-engine.ts";
import type { Engine } from "../execution/engine.ts";
import { sha256 } from "../files/sha256.ts";
import { asObject } from "../meta-gradient/parts.ts";
import type { Unit } from "../meta-gradient/unit.ts";
import type { RunConfig } from "../settings.ts";
import { type LoopOptions, runLoop, type TrainResult } from "./loop.ts";
import { refuseTooLarge } from "./size.ts";
import { requireStart } from "./start.ts";
import { createRunDirectory, refuseRun } from "./store/run-directory.ts";

/** Makes the engine of one run. */
export type EngineFactory = (config: RunConfig, unit: Unit) => Engine | Promise<Engine>;

/** Where a run is computed, and who is notified; no result depends on these options. */
export interface TrainOptions extends LoopOptions {
  /** Worker threads; one per core by default. With 0, units run in this thread. */
  readonly workers?: number;
  readonly units?: UnitSource;
  /** Where units run; by default threads of this machine. Closed at the end. */
  readonly engine?: EngineFactory;
}

/**
 * Trains in a new directory until the run is finished or the signal is aborted.
 *
 * Errors   InputError if the config is not valid, would not fit into memory, or the directory holds a run already;
 *          RunError or DivergenceError if a unit fails: the run can be resumed from its last checkpoint
 * Example  docs/examples/meta-training.ts: what it does, on one screen
 */
export async function train(
  given: RunConfig,
  directory: string,
  options: TrainOptions = {},
): Promise<TrainResult> {
  const config = checkNewConfig(given);
  const unit = await unitOf(config, options);
  refuseRun(directory);
  requireStart(config, unit);
  // The engine is created before the directory, so a broker that refuses leaves nothing behind.
  return withEngine(config, unit, options, async (engine) => {
    const { files, unlock } = createRunDirectory(directory, config);
    try {
      const run = { config, configSha256: sha256(configText(config)), unit, files };
      return await runLoop(run, engine, options);
    } finally {
      unlock();
    }
  });
}

/** The unit that a config describes; its modules are loaded. */
export async function unitOf(
  { experiment }: RunConfig,
  { units = localUnits }: Pick<TrainOptions, "units"> = {},
): Promise<Unit> {
  await loadModules(experiment);
  try {
    return units.unitFor(experiment);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`config.experiment: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
}

/** Work with the engine of a run, which is closed at the end. */
export async function withEngine<T>(
  config: RunConfig,
  unit: Unit,
  { engine: makeEngine, units = localUnits, workers: wanted }: TrainOptions,
  work: (engine: Engine) => Promise<T>,
): Promise<T> {
  const objects = Object.entries(config.experiment.modules ?? {}).filter(
    ([, version]) => version === asObject,
  );
  if (objects.length > 0 && (makeEngine !== undefined || (wanted ?? 0) > 0))
    throw new InputError(
      `"${objects[0]![0]}" was given as an object, which cannot leave this thread. Give the path of a module instead ` +
        "to run in worker threads or on other machines, or set workers to 0.",
    );
  const workers = wanted ?? (objects.length > 0 ? 0 : defaultWorkers());
  requireWhole("workers", workers, 0);
  refuseTooLarge(config, unit, makeEngine === undefined ? workers : 0);
  const engine = await (makeEngine ?? (() => localEngine(config.experiment, unit, units, workers)))(
    config,
    unit,
  );
  try {
    return await work(checkedEngine(engine, unit.parameterCount));
  } finally {
    await engine.close();
  }
}
