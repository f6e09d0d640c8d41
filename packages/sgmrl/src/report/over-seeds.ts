import { key } from "@sgmrl/autodiff/random";
import { type Estimate, meanWithConfidence } from "../statistics/confidence.ts";
import {
  bootstrapInterval,
  type Interval,
  interquartileMean,
  probabilityOfImprovement,
} from "../statistics/run-statistics.ts";
import { treeMean } from "../tree-sum.ts";
import type { EvaluationLine, Group } from "./runs.ts";

/** A metric at one iteration, over the seeds of a group. */
export interface Band {
  readonly iteration: number;
  readonly mean: number;
  readonly lowest: number;
  readonly highest: number;
}

/** A metric over the iterations that all runs of the group have reached, averaged over `every` iterations. */
export function metricBand({ runs }: Group, name: string, every = 1): Band[] {
  const reached = Math.min(...runs.map(({ metrics }) => metrics.length));
  const band = Array.from({ length: reached }, (_, iteration) => {
    const values = runs.map(({ metrics }) => metrics[iteration]![name] ?? Number.NaN);
    return {
      iteration,
      mean: treeMean(values),
      lowest: Math.min(...values),
      highest: Math.max(...values),
    };
  }).filter(({ mean }) => Number.isFinite(mean));
  if (every === 1) return band;
  return Array.from({ length: Math.ceil(band.length / every) }, (_, i) => {
    const points = band.slice(i * every, (i + 1) * every);
    const mean = (field: keyof Band): number => treeMean(points.map((point) => point[field]));
    return {
      iteration: mean("iteration"),
      mean: mean("mean"),
      lowest: mean("lowest"),
      highest: mean("highest"),
    };
  });
}

/** The number of points of a curve that a figure's width, and the size of a page, leave room for. */
function mostPoints({ length }: readonly Group[]): number {
  if (length > 6) return 40;
  return length > 2 ? 80 : 240;
}

/** At most `most` items, evenly spaced, including the last. */
export function evenly<T>(
  items: readonly T[],
  most: number,
): { readonly kept: readonly T[]; readonly every: number } {
  const every = Math.max(1, Math.ceil(items.length / most));
  return { kept: items.filter((_, i) => (items.length - 1 - i) % every === 0), every };
}

/** The evaluations of each group that a figure shows, and a sentence about those that it leaves out. */
export function evaluationsToDraw(groups: readonly Group[]): {
  readonly evaluations: readonly (readonly Omit<EvaluationLine, "tasks">[])[];
  readonly note: string;
} {
  const thinned = groups.map((group) => evenly(returnsOverTraining(group), mostPoints(groups)));
  const every = Math.max(...thinned.map((one) => one.every));
  return {
    evaluations: thinned.map(({ kept }) => kept),
    note: every === 1 ? "" : ` At least one in ${every} evaluations is drawn.`,
  };
}

/**
 * The number of iterations averaged per point, so that a figure has no more points than its width can show.
 */
export function iterationsPerPoint(groups: readonly Group[]): number {
  const most = mostPoints(groups);
  const longest = Math.max(...groups.flatMap(({ runs }) => runs.map(({ metrics }) => metrics.length)));
  return Math.max(1, Math.ceil(longest / most));
}

/** The same, as a sentence for a caption. */
export function thinningNote(groups: readonly Group[]): string {
  const every = iterationsPerPoint(groups);
  return every === 1 ? "" : ` A point is the mean of ${every} iterations.`;
}

/** What the intervals of `lastReturns` range over, in words. */
export function intervalsOver(seedCounts: readonly number[]): string {
  if (seedCounts.every((count) => count <= 1)) return "tasks";
  return seedCounts.every((count) => count > 1) ? "seeds" : "seeds, or where there is one, over tasks";
}

/** Evaluations at one iteration: of each run, the return after k steps, over tasks. */
interface SharedEvaluation {
  readonly iteration: number;
  readonly byRun: readonly (readonly Estimate[])[];
}

/** The evaluations at the iterations that all runs of a group have evaluated. */
function sharedEvaluations({ runs }: Group): SharedEvaluation[] {
  const byIteration = runs.map(
    ({ evaluations }) => new Map(evaluations.map(({ iteration, returns }) => [iteration, returns])),
  );
  return [...byIteration[0]!.keys()].flatMap((iteration) => {
    const byRun = byIteration.flatMap((run) => (run.has(iteration) ? [run.get(iteration)!] : []));
    return byRun.length === runs.length ? [{ iteration, byRun }] : [];
  });
}

/** The last iteration that all runs of a group have evaluated; undefined if there is none. */
export function lastShared(group: Group): number | undefined {
  return sharedEvaluations(group).at(-1)?.iteration;
}

/** The last evaluation that all runs have made: the return after k steps, over tasks for one run, over seeds for several. */
export function lastReturns(group: Group): Estimate[] {
  return [...(returnsOverTraining(group).at(-1)?.returns ?? [])];
}

/** The evaluations that all runs of a group have made: over tasks for one run, over seeds for several. */
export function returnsOverTraining(group: Group): Omit<EvaluationLine, "tasks">[] {
  return sharedEvaluations(group).flatMap(({ iteration, byRun }) => {
    if (byRun.length === 1) return [{ iteration, returns: byRun[0]! }];
    const steps = Math.min(...byRun.map((returns) => returns.length));
    if (steps === 0) return [];
    const returns = Array.from({ length: steps }, (_, k) =>
      meanWithConfidence(byRun.map((run) => run[k]!.mean)),
    );
    return [{ iteration, returns }];
  });
}

export interface SeedStatistics {
  /**
   * Interquartile mean of the runs' returns after their last adaptation step [eq:interquartile-mean], at the last iteration
   * that all of a group have evaluated.
   */
  readonly interquartileMean: Interval;
  /**
   * Relative to the first group [eq:probability-of-improvement], if that is another of the same environment.
   */
  readonly improvement: Interval | undefined;
}

/** Statistics over seeds, with bootstrap intervals; undefined unless every group has at least 3 runs. */
export function seedStatistics(groups: readonly Group[]): SeedStatistics[] | undefined {
  const scores = groups.map((group) => {
    const { byRun = [] } = sharedEvaluations(group).at(-1) ?? {};
    return [group.runs.map((_, r) => byRun[r]?.at(-1)?.mean ?? Number.NaN)];
  });
  const [first, ...others] = scores;
  if (first === undefined || others.length === 0) return undefined;
  if (scores.some(([runs]) => runs!.length < 3 || runs!.some((x) => !Number.isFinite(x)))) return undefined;
  const environments = groups.map(({ runs }) => runs[0].config.experiment.environment);
  return scores.map((of, i) => ({
    interquartileMean: bootstrapInterval([of], interquartileMean, key(i)),
    improvement:
      i === 0 || environments[i] !== environments[0]
        ? undefined
        : bootstrapInterval([of, first], probabilityOfImprovement, key(i)),
  }));
}
