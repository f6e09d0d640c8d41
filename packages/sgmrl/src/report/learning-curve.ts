import * as Plot from "@observablehq/plot";
import type { Figure } from "./figure.ts";
import { groupColor, groupLegend, groupMarks } from "./group-style.ts";
import { metricBand } from "./over-seeds.ts";
import type { Group } from "./runs.ts";

/** Return on the training tasks, before and after adaptation, against iterations; and on held-out tasks. */
export function learningCurve(groups: readonly Group[]): Figure {
  const marks = groupMarks(groups, (group, color) => {
    const pre = metricBand(group, "preReturn");
    const post = metricBand(group, "postReturn");
    const area = { x: "iteration", y1: "lowest", y2: "highest", fill: color };
    return [
      Plot.areaY(pre, { ...area, fillOpacity: 0.1 }),
      Plot.areaY(post, { ...area, fillOpacity: 0.2 }),
      Plot.lineY(pre, { x: "iteration", y: "mean", stroke: color, strokeWidth: 1.2, strokeDasharray: "4 3" }),
      Plot.lineY(post, { x: "iteration", y: "mean", stroke: color, strokeWidth: 2 }),
    ];
  });
  const several = groups.some(({ runs }) => runs.length > 1);
  return {
    name: "learning-curve",
    title: "Return while training",
    caption:
      "Mean undiscounted return on each iteration's own tasks, before (dashed) and after (solid) adaptation." +
      (several ? " Lines are means over seeds; bands reach from the lowest seed to the highest." : ""),
    legend:
      groups.length === 1
        ? [
            { label: "after adaptation", color: groupColor(0) },
            { label: "before", color: groupColor(0), dashed: true },
          ]
        : groupLegend(groups),
    plot: {
      height: 280,
      marginBottom: 44,
      x: { label: "iteration", ticks: 5 },
      y: { label: "return", grid: true, ticks: 6 },
      marks,
    },
  };
}
