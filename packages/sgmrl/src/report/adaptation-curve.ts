import * as Plot from "@observablehq/plot";
import type { Figure } from "./figure.ts";
import { groupLegend, groupMarks } from "./group-style.ts";
import { intervalsOver, lastReturns } from "./over-seeds.ts";
import type { Group } from "./runs.ts";

/** Return on held-out tasks after 0, 1, …, K adaptation steps, with 95% confidence intervals. */
export function adaptationCurve(groups: readonly Group[]): Figure {
  // Groups are offset slightly, so that their intervals do not overlap.
  const spread = Math.min(0.06, 0.4 / groups.length);
  const marks = groupMarks(groups, (group, color, i) => {
    const points = lastReturns(group).map(({ mean, margin }, k) => ({
      steps: k + spread * (i - (groups.length - 1) / 2),
      mean,
      low: mean - margin,
      high: mean + margin,
    }));
    return [
      Plot.lineY(points, { x: "steps", y: "mean", stroke: color, strokeWidth: 1.5 }),
      Plot.ruleX(points, { x: "steps", y1: "low", y2: "high", stroke: color, strokeWidth: 2 }),
      Plot.dot(points, { x: "steps", y: "mean", fill: color, r: 3.5 }),
    ];
  });
  const steps = Math.max(...groups.map((group) => lastReturns(group).length)) - 1;
  const over = intervalsOver(groups.map(({ runs }) => runs.length));
  return {
    name: "return-after-steps",
    title: "Return after k adaptation steps",
    caption: `Held-out tasks, undiscounted; bars are 95% confidence intervals over ${over}.`,
    legend: groups.length === 1 ? [] : groupLegend(groups),
    plot: {
      height: 280,
      marginBottom: 44,
      x: {
        label: "adaptation steps k",
        domain: [-0.25, steps + 0.25],
        ticks: Array.from({ length: steps + 1 }, (_, k) => k),
        tickFormat: (k: number) => String(k),
      },
      y: { label: "return", grid: true, ticks: 6 },
      marks,
    },
  };
}
