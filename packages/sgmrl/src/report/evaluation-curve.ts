import * as Plot from "@observablehq/plot";
import { type Figure, seriesColor } from "./figure.ts";
import { groupLegend, groupMarks, hasColor, lineOf } from "./group-style.ts";
import { iterationAxis } from "./iteration-axis.ts";
import { evaluationsToDraw } from "./over-seeds.ts";
import type { Group } from "./runs.ts";

/**
 * Return on held-out tasks over training: for one group after each number of steps k, for several groups
 * before adaptation and after the last step. Undefined with fewer than two evaluations.
 */
export function evaluationCurve(groups: readonly Group[]): Figure | undefined {
  const { evaluations: all, note } = evaluationsToDraw(groups);
  if (all.every((evaluations) => evaluations.length < 2)) return undefined;
  const last = all.map((evaluations) => Math.max(...evaluations.map(({ returns }) => returns.length)) - 1);
  const steps = Math.max(...last);
  const alone = groups.length === 1;
  const line = (i: number, k: number, stroke: string) => {
    const points = all[i]!.flatMap(({ iteration, returns }) => {
      const estimate = returns[k];
      return estimate === undefined ? [] : [{ iteration, mean: estimate.mean, ...ends(estimate) }];
    });
    const isDashed = !alone && k === 0;
    return [
      ...(isDashed || !(alone || hasColor(i))
        ? []
        : [Plot.areaY(points, { x: "iteration", y1: "low", y2: "high", fill: stroke, fillOpacity: 0.12 })]),
      Plot.lineY(points, {
        ...lineOf(points, stroke),
        strokeWidth: 1.5,
        ...(isDashed ? { strokeDasharray: "4 3" } : {}),
      }),
    ];
  };
  const after = Array.from({ length: steps + 1 }, (_, k) => k);
  const name = (k: number) => (k === 0 ? "before" : `after ${k}`);
  return {
    name: "return-over-training",
    title: "Return on held-out tasks, over training",
    caption:
      (alone
        ? "After k adaptation steps, with 95% confidence intervals."
        : `Before adaptation (dashed) and after ${new Set(last).size === 1 ? `${steps} steps` : "the last step of each"} (solid, with 95% confidence intervals).`) +
      note,
    legend: alone ? after.map((k) => ({ label: name(k), color: seriesColor(k) })) : groupLegend(groups),
    plot: {
      height: 280,
      marginBottom: 44,
      x: iterationAxis(groups),
      y: { label: "return", grid: true, ticks: 6 },
      marks: alone
        ? after.flatMap((k) => line(0, k, seriesColor(k)))
        : groupMarks(groups, (_, color, i) => [...line(i, 0, color), ...line(i, last[i]!, color)]),
    },
  };
}

function ends({ mean, margin }: { readonly mean: number; readonly margin: number }) {
  return { low: mean - margin, high: mean + margin };
}
