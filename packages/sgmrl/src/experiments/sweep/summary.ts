import { join } from "node:path";
import { lastReturns } from "../../report/over-seeds.ts";
import { type Group, readRun } from "../../report/runs.ts";
import type { Estimate } from "../../statistics/confidence.ts";
import type { PlannedRun, SweepPoint } from "./expand.ts";
import type { Outcome } from "./run-sweep.ts";

/** The results of a setting. */
export interface SettingSummary {
  readonly name: string;
  readonly environment: string;
  /** Seeds of the runs that finished, that diverged, and that failed otherwise. */
  readonly seeds: readonly number[];
  readonly diverged: readonly number[];
  readonly failed: readonly number[];
  /** Returns after 0 … K steps: over the seeds that finished or, with one seed, over tasks. */
  readonly returns: readonly Estimate[];
  /** Mean wall-clock time of a run's training iterations. */
  readonly seconds: number | null;
  /** The finished runs, as reports show them; undefined if none finished. */
  readonly group: Group | undefined;
}

/**
 * The settings of each environment, the best first by the return after as many steps as the setting was
 * trained for. Settings without a finished run come last.
 */
export function summarize(
  root: string,
  settings: readonly SweepPoint[],
  outcomes: ReadonlyMap<string, Outcome>,
): ReadonlyMap<string, readonly SettingSummary[]> {
  const summaries = settings.map((setting) => {
    const summary = summaryOf(root, setting, outcomes);
    const { experiment, evaluation } = setting.runs[0].config;
    const adapted = summary.returns[Math.min(experiment.inner.steps, evaluation.steps)];
    return { summary, score: adapted?.mean ?? Number.NEGATIVE_INFINITY };
  });
  const best = summaries.toSorted((a, b) => (a.score === b.score ? 0 : b.score - a.score));
  const environments = new Set(summaries.map(({ summary }) => summary.environment));
  return new Map(
    [...environments].map((environment) => [
      environment,
      best.map(({ summary }) => summary).filter((summary) => summary.environment === environment),
    ]),
  );
}

function summaryOf(
  root: string,
  { name, runs }: SweepPoint,
  outcomes: ReadonlyMap<string, Outcome>,
): SettingSummary {
  const runsThat = (state: Outcome["state"]): PlannedRun[] =>
    runs.filter((run) => outcomes.get(run.name)?.state === state);
  const [first, ...others] = runsThat("finished").map((run) => readRun(join(root, run.name)));
  const group: Group | undefined = first && { label: name, runs: [first, ...others] };
  const seconds = group?.runs.map(({ timings }) => timings.reduce((sum, { wall }) => sum + (wall ?? 0), 0));
  return {
    name,
    environment: runs[0].config.experiment.environment,
    seeds: runsThat("finished").map(({ config }) => config.seed),
    diverged: runsThat("diverged").map(({ config }) => config.seed),
    failed: runsThat("failed").map(({ config }) => config.seed),
    returns: group === undefined ? [] : lastReturns(group),
    seconds: seconds === undefined ? null : seconds.reduce((sum, s) => sum + s, 0) / seconds.length,
    group,
  };
}
