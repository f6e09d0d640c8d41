import { type Estimate, meanWithConfidence } from "../confidence.ts";
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
  const steps = Math.min(...last.map((returns) => returns.length));
  return Array.from({ length: steps }, (_, k) => meanWithConfidence(last.map((returns) => returns[k]!.mean)));
}
