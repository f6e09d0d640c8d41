import { key } from "@sgmrl/autodiff/random";
import { type Estimate, meanWithConfidence } from "../confidence.ts";
import {
  bootstrapInterval,
  type Interval,
  interquartileMean,
  probabilityOfImprovement,
} from "../run-statistics.ts";
import { treeMean } from "../tree-sum.ts";
import type { Group } from "./runs.ts";

/** One figure of an iteration, over the seeds of a group. */
export interface Band {
  readonly iteration: number;
  readonly mean: number;
  readonly lowest: number;
  readonly highest: number;
}

/** A metric over the iterations that all runs of the group have reached. */
export function metricBand({ runs }: Group, name: string): Band[] {
  const reached = Math.min(...runs.map(({ metrics }) => metrics.length));
  return Array.from({ length: reached }, (_, iteration) => {
    const values = runs.map(({ metrics }) => metrics[iteration]![name] ?? Number.NaN);
    return {
      iteration,
      mean: treeMean(values),
      lowest: Math.min(...values),
      highest: Math.max(...values),
    };
  }).filter(({ mean }) => Number.isFinite(mean));
}

/** What the intervals of `lastReturns` are over, in words. */
export function intervalsOver(seedCounts: readonly number[]): string {
  if (seedCounts.every((count) => count <= 1)) return "tasks";
  return seedCounts.every((count) => count > 1) ? "seeds" : "seeds, or where there is one, over tasks";
}

/** The last evaluation: the return after k steps, over tasks for one run, over seeds for several. */
export function lastReturns({ runs }: Group): Estimate[] {
  const last = runs.map(({ evaluations }) => evaluations.at(-1)?.returns ?? []);
  if (last.length === 1) return [...last[0]!];
  const count = Math.min(...last.map((returns) => returns.length));
  return Array.from({ length: count }, (_, k) => meanWithConfidence(last.map((returns) => returns[k]!.mean)));
}

export interface SeedStatistics {
  /** Of the runs' returns after their last adaptation step [eq:interquartile-mean]. */
  readonly interquartileMean: Interval;
  /** Over the first group [eq:probability-of-improvement], if it is another one of the same environment. */
  readonly improvement: Interval | undefined;
}

/** Statistics over seeds, with bootstrap intervals; undefined unless every group has at least 3 runs. */
export function seedStatistics(groups: readonly Group[]): SeedStatistics[] | undefined {
  const scores = groups.map(({ runs }) => [
    runs.map(({ evaluations }) => evaluations.at(-1)?.returns.at(-1)?.mean ?? Number.NaN),
  ]);
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
