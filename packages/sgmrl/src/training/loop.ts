/**
 * The loop of meta-training, from any state of a run to its end: evaluate if it is due, write a checkpoint if it is
 * due, take a step. The files of a run, except the timings, do not depend on engine, number of workers, interruptions
 * or resumptions.
 */

import { DivergenceError, revived } from "../errors.ts";
import type { Engine } from "../execution/engine.ts";
import type { Unit } from "../meta-gradient/unit.ts";
import type { RunConfig } from "../settings.ts";
import { evaluateHeldOut, type HeldOut } from "./evaluate.ts";
import { type Metrics, metaIteration } from "./meta-iteration.ts";
import { createOptimizer } from "./optimizer.ts";
import { firstTheta } from "./start.ts";
import type { Disk } from "./store/atomic-write.ts";
import type { Checkpoint, RunState } from "./store/checkpoint.ts";
import { openRecorder, type Recorder } from "./store/recorder.ts";
import type { RunFiles } from "./store/run-directory.ts";

/** Notifications of a run while it proceeds. */
export interface Observer {
  /** Nothing was refused, and the run begins or goes on. */
  starting?(config: RunConfig): void;
  /** An iteration is done; `seconds` is wall-clock time. */
  iteration?(metrics: Metrics, seconds: number): void;
  /** `done` of the held-out tasks have been measured. */
  evaluating?(done: number, tasks: number): void;
  evaluation?(iteration: number, heldOut: HeldOut): void;
  /** Something is wrong, but the run continues. */
  warning?(text: string): void;
}

export interface LoopOptions {
  readonly observer?: Observer;
  /** If aborted, the current iteration is finished and a checkpoint written. */
  readonly signal?: AbortSignal;
  readonly disk?: Disk;
}

/** How a run ended: its iteration, and the location of its files. */
export interface TrainResult {
  readonly status: "finished" | "interrupted";
  readonly state: RunState;
  readonly files: RunFiles;
}

export interface Run {
  readonly config: RunConfig;
  readonly configSha256: string;
  readonly unit: Unit;
  readonly files: RunFiles;
  /** The state to continue from; by default the beginning. */
  readonly from?: Checkpoint | undefined;
}

/** Runs the loop until the last iteration is done and evaluated, or the signal stops it. */
export async function runLoop(
  { config, configSha256, unit, files, from }: Run,
  engine: Engine,
  options: LoopOptions,
): Promise<TrainResult> {
  const { iterations, checkpointEvery, evaluation } = config;
  const { observer, signal, disk } = options;
  const optimizer = createOptimizer(config.optimizer);
  let state: RunState = from?.state ?? {
    iteration: 0,
    theta: firstTheta(config, unit),
    optimizer: optimizer.initialState(unit.parameterCount),
    evaluated: -1,
    best: null,
  };
  const recorder = openRecorder({
    files,
    config,
    configSha256,
    blocks: unit.parameters,
    from,
    disk,
    warn: (text) => observer?.warning?.(text),
  });
  try {
    if (!isFinished(state, iterations)) recorder.restoreBest(state);
    observer?.starting?.(config);
    for (;;) {
      const last = state.iteration === iterations;
      if (state.evaluated < state.iteration && (last || state.iteration % evaluation.every === 0))
        state = await evaluated(config, engine, recorder, state, options);
      const finished = isFinished(state, iterations);
      const stopped = signal?.aborted === true;
      if (stopped || finished || state.iteration % checkpointEvery === 0) recorder.checkpoint(state);
      if (finished) return { status: "finished", state, files };
      if (stopped) return { status: "interrupted", state, files };

      const started = performance.now();
      const step = metaIteration(engine, optimizer, config, state);
      const { state: next, metrics, seconds } = await keeping(recorder, state, step);
      const wall = (performance.now() - started) / 1000;
      recorder.metrics(metrics);
      recorder.timing({ iteration: state.iteration, wall, ...seconds });
      observer?.iteration?.(metrics, wall);
      state = next;
    }
  } finally {
    recorder.close();
  }
}

/** All iterations are done, and the last parameters evaluated. */
export function isFinished(
  { iteration, evaluated }: Pick<RunState, "iteration" | "evaluated">,
  iterations: number,
): boolean {
  return iteration === iterations && evaluated === iteration;
}

/** The state with a new evaluation recorded; the same state if the signal came first. */
async function evaluated(
  { seed, evaluation, iterations, experiment }: RunConfig,
  engine: Engine,
  recorder: Recorder,
  state: RunState,
  { observer, signal }: LoopOptions,
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

/**
 * If an engine fails, for example when a broker is lost, a checkpoint is left to continue from. A divergence, also one in
 * a worker, is recorded.
 */
async function keeping<T>(recorder: Recorder, state: RunState, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    recorder.checkpoint(state);
    const cause = revived(error);
    if (cause instanceof DivergenceError) recorder.divergence(state, cause.message);
    throw cause;
  }
}
