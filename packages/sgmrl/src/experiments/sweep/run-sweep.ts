import { join } from "node:path";
import { DivergenceError } from "../../errors.ts";
import type { UnitSource } from "../../execution/create-engine.ts";
import type { TrainResult } from "../../training/loop.ts";
import { resume } from "../../training/resume.ts";
import { refuseInsideRun } from "../../training/store/ownership.ts";
import { clearAwayUnlessBusy } from "../../training/store/run-directory.ts";
import { type TrainOptions, train, unitOf } from "../../training/train.ts";
import type { PlannedRun, SweepPoint } from "./expand.ts";
import { type RunStatus, statusOf } from "./status.ts";

export interface SweepOptions {
  readonly units?: UnitSource;
  /** When aborted, the current run ends with a checkpoint and no other is started. */
  readonly signal?: AbortSignal;
  /** Called for each run that has not ended; must call `start`, which trains or resumes it. */
  readonly perform?: (run: PlannedRun, status: RunStatus, start: Start) => Promise<unknown>;
}

export type Start = (options?: Omit<TrainOptions, "signal" | "units">) => Promise<TrainResult>;

export type Outcome =
  | RunStatus
  /** Stopped by an error other than a divergence. The same command retries it. */
  | { readonly state: "failed"; readonly reason: string };

/**
 * Runs all runs that have neither finished nor diverged, one after another, each with all workers, so that an
 * interrupted sweep has at most one partial run. An error that ends a run is recorded for that run, and the next one
 * starts. Returns the outcome of every run, by name.
 */
export async function runSweep(
  root: string,
  settings: readonly SweepPoint[],
  { units, signal, perform = (_run, _status, start) => start() }: SweepOptions = {},
): Promise<ReadonlyMap<string, Outcome>> {
  const common = { ...(units === undefined ? {} : { units }), ...(signal === undefined ? {} : { signal }) };
  // Report errors in any run's config before the first run starts.
  for (const { runs } of settings) await unitOf(runs[0].config, common);
  for (const { runs } of settings) refuseInsideRun(join(root, runs[0].name));
  const outcomes = new Map<string, Outcome>(sweepStatus(root, settings));
  for (const run of settings.flatMap(({ runs }) => runs)) {
    const directory = join(root, run.name);
    if (hasEnded(outcomes.get(run.name)!)) {
      clearAwayUnlessBusy(directory);
      continue;
    }
    if (signal?.aborted) break;
    try {
      const status = statusOf(root, run); // another process with the same sweep may have gone on with it since
      const start: Start = (options) =>
        status.state === "new"
          ? train(run.config, directory, { ...options, ...common })
          : resume(directory, { ...options, ...common });
      if (!hasEnded(status)) await perform(run, status, start);
      outcomes.set(run.name, statusOf(root, run));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const diverged = error instanceof DivergenceError;
      outcomes.set(run.name, diverged ? statusOf(root, run) : { state: "failed", reason });
    }
  }
  return outcomes;
}

function hasEnded({ state }: Outcome): boolean {
  return state === "finished" || state === "diverged";
}

/** The status of every run, by name. */
export function sweepStatus(root: string, settings: readonly SweepPoint[]): ReadonlyMap<string, RunStatus> {
  return new Map(settings.flatMap(({ runs }) => runs.map((run) => [run.name, statusOf(root, run)] as const)));
}
