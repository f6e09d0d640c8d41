/**
 * Training, from the first iteration or from a checkpoint. A run is a function of its config: engine, number of
 * workers, interruptions and resumptions leave no trace in its files, timings apart.
 */
import type { RunConfig } from "../config/run-config.ts";
import { InputError } from "../errors.ts";
import { defaultWorkers, localEngine, localUnits, type UnitSource } from "../execution/create-engine.ts";
import type { Engine } from "../execution/engine.ts";
import type { Unit } from "../meta-gradient/unit.ts";
import { evaluateHeldOut, type HeldOut } from "./evaluate.ts";
import { initializationKey } from "./keys.ts";
import { type Metrics, metaIteration } from "./meta-iteration.ts";
import { createOptimizer } from "./optimizer/optimizer.ts";
import type { Disk } from "./store/atomic-write.ts";
import {
  type Checkpoint,
  listCheckpoints,
  type RunState,
  readCheckpoint,
  readRecord,
  sha256,
} from "./store/checkpoint.ts";
import { openRecorder, type Recorder } from "./store/recorder.ts";
import {
  configText,
  createRunDirectory,
  type RunFiles,
  readConfig,
  removeTemporaryFiles,
  runFiles,
} from "./store/run-directory.ts";
import { lockRun } from "./store/run-lock.ts";

/** What a run tells while it proceeds. */
export interface Observer {
  iteration?(metrics: Metrics, seconds: number): void;
  evaluating?(done: number, tasks: number): void;
  evaluation?(iteration: number, heldOut: HeldOut): void;
}

/** Makes the engine of one run. */
export type EngineFactory = (config: RunConfig, unit: Unit) => Engine | Promise<Engine>;

export interface TrainOptions {
  /** Worker threads; all cores by default. */
  readonly workers?: number;
  readonly units?: UnitSource;
  /** Where units run; by default threads of this machine. Closed at the end. */
  readonly engine?: EngineFactory;
  readonly observer?: Observer;
  /** Aborted: the iteration in hand is finished and a checkpoint written. */
  readonly signal?: AbortSignal;
  readonly disk?: Disk;
}

export interface TrainResult {
  readonly status: "finished" | "interrupted";
  readonly state: RunState;
  readonly files: RunFiles;
}

/** Starts a run in a directory of its own. */
export async function train(
  config: RunConfig,
  directory: string,
  options: TrainOptions = {},
): Promise<TrainResult> {
  const unit = unitOf(config, options);
  const files = createRunDirectory(directory, config);
  const configSha256 = sha256(configText(config));
  return locked(files, () => run({ config, configSha256, unit, files, from: undefined }, options));
}

/** Continues a run from its last checkpoint, or from the one of a given iteration. */
export async function resume(
  directory: string,
  { from, ...options }: TrainOptions & { readonly from?: number } = {},
): Promise<TrainResult> {
  const { config, configSha256 } = readConfig(directory);
  const unit = unitOf(config, options);
  const files = runFiles(directory);
  return locked(files, () => {
    removeTemporaryFiles(files);
    const checkpoint = loadCheckpoint(files, unit, configSha256, from);
    return run({ config, configSha256, unit, files, from: checkpoint }, options);
  });
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
      `${files.root}: no checkpoint of iteration ${chosen}. There are ${iterations.join(", ") || "none"}.`,
    );
  return orEarlier(files, chosen, () =>
    readCheckpoint(files.checkpoints, chosen, unit.parameters, configSha256),
  );
}

/** Reads from a checkpoint. If it is damaged, the error says which ones there are before it. */
function orEarlier<T>({ root, checkpoints }: RunFiles, iteration: number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const earlier = listCheckpoints(checkpoints).filter((other) => other < iteration);
    if (!(error instanceof InputError) || earlier.length === 0) throw error;
    throw new InputError(
      `${error.message}\nEarlier checkpoints: iterations ${earlier.join(", ")}. ` +
        `Choose one with: sgmrl resume ${root} --from ${earlier.at(-1)}`,
    );
  }
}

/** How far a run has come, by its last checkpoint; nothing if none has been written. */
export function progressOf(root: string, { iterations }: RunConfig): Progress | undefined {
  const files = runFiles(root);
  const last = listCheckpoints(files.checkpoints).at(-1);
  if (last === undefined) return undefined;
  const { iteration, evaluated } = orEarlier(files, last, () => readRecord(files.checkpoints, last));
  return { iteration, finished: isFinished({ iteration, evaluated }, iterations) };
}

export interface Progress {
  readonly iteration: number;
  readonly finished: boolean;
}

/** All iterations are done, and the last parameters evaluated. */
function isFinished({ iteration, evaluated }: Pick<RunState, "iteration" | "evaluated">, iterations: number) {
  return iteration === iterations && evaluated === iteration;
}

export function unitOf({ experiment }: RunConfig, { units = localUnits }: TrainOptions = {}): Unit {
  try {
    return units.createUnit(experiment);
  } catch (error) {
    throw new InputError(`config.experiment: ${error instanceof Error ? error.message : error}`);
  }
}

/** Two processes that write one run would spoil it. */
async function locked(files: RunFiles, work: () => Promise<TrainResult>): Promise<TrainResult> {
  const unlock = lockRun(files.root);
  try {
    return await work();
  } finally {
    unlock();
  }
}

interface Run {
  readonly config: RunConfig;
  readonly configSha256: string;
  readonly unit: Unit;
  readonly files: RunFiles;
  readonly from: Checkpoint | undefined;
}

async function run(
  { config, configSha256, unit, files, from }: Run,
  options: TrainOptions,
): Promise<TrainResult> {
  const { units = localUnits, workers = defaultWorkers(), disk } = options;
  const makeEngine = options.engine ?? (() => localEngine(config.experiment, unit, units, workers));
  const optimizer = createOptimizer(config.optimizer);
  const start: RunState = from?.state ?? {
    iteration: 0,
    theta: unit.initialize(initializationKey(config.seed)),
    optimizer: optimizer.initialState(unit.parameterCount),
    evaluated: -1,
    best: null,
  };
  const recorder = openRecorder({ files, config, configSha256, blocks: unit.parameters, from, disk });
  try {
    const engine = await makeEngine(config, unit);
    try {
      const stepOnce = (state: RunState) => metaIteration(engine, optimizer, config, state);
      const { status, state } = await iterate(config, engine, recorder, start, stepOnce, options);
      return { status, state, files };
    } finally {
      await engine.close();
    }
  } finally {
    recorder.close();
  }
}

async function iterate(
  config: RunConfig,
  engine: Engine,
  recorder: Recorder,
  start: RunState,
  stepOnce: (state: RunState) => ReturnType<typeof metaIteration>,
  options: TrainOptions,
): Promise<Pick<TrainResult, "status" | "state">> {
  const { iterations, checkpointEvery, evaluation } = config;
  const { observer, signal } = options;
  let state = start;
  for (;;) {
    const last = state.iteration === iterations;
    if (state.evaluated < state.iteration && (last || state.iteration % evaluation.every === 0))
      state = await evaluated(config, engine, recorder, state, options);
    const finished = isFinished(state, iterations);
    const stopped = signal?.aborted === true;
    if (stopped || finished || state.iteration % checkpointEvery === 0) recorder.checkpoint(state);
    if (finished) return { status: "finished", state };
    if (stopped) return { status: "interrupted", state };

    const started = performance.now();
    const { state: next, metrics, seconds } = await keeping(recorder, state, stepOnce(state));
    const wall = (performance.now() - started) / 1000;
    recorder.metrics(metrics);
    recorder.timing({ iteration: state.iteration, wall, ...seconds });
    observer?.iteration?.(metrics, wall);
    state = next;
  }
}

/** The state with a new evaluation on record; the same state if the signal came first. */
async function evaluated(
  { seed, evaluation, iterations, experiment }: RunConfig,
  engine: Engine,
  recorder: Recorder,
  state: RunState,
  { observer, signal }: TrainOptions,
): Promise<RunState> {
  const { iteration, theta, best } = state;
  const tasks = iteration === iterations ? evaluation.finalTasks : evaluation.tasks;
  const measuring = evaluateHeldOut(engine, theta, {
    seed,
    tasks,
    steps: evaluation.steps,
    onProgress: (done) => observer?.evaluating?.(done, tasks),
    signal,
  });
  const heldOut = await keeping(recorder, state, measuring);
  if (heldOut === undefined) return state;
  recorder.evaluation({ iteration, ...heldOut });
  observer?.evaluation?.(iteration, heldOut);
  const adapted = heldOut.returns[Math.min(experiment.inner.steps, evaluation.steps)]!.mean;
  if (best !== null && adapted <= best.return) return { ...state, evaluated: iteration };
  recorder.best(state);
  return { ...state, evaluated: iteration, best: { iteration, return: adapted } };
}

/** Where an engine fails, as when a broker is gone for good, a checkpoint is left from which to do its work again. */
async function keeping<T>(recorder: Recorder, state: RunState, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    recorder.checkpoint(state);
    throw error;
  }
}
