import * as Plot from "@observablehq/plot";
import type { Figure } from "./figure.ts";
import { groupColor, groupLegend, groupMarks, hasColor, lineOf } from "./group-style.ts";
import { iterationAxis } from "./iteration-axis.ts";
import { iterationsPerPoint, metricBand, thinningNote } from "./over-seeds.ts";
import type { Group } from "./runs.ts";

/** Return on the training tasks, before and after adaptation, against iterations. */
export function learningCurve(groups: readonly Group[]): Figure {
  const alone = groups.length === 1;
  const every = iterationsPerPoint(groups);
  const marks = groupMarks(groups, (group, color, i) => {
    const pre = metricBand(group, "preReturn", every);
    const post = metricBand(group, "postReturn", every);
    const area = { x: "iteration", y1: "lowest", y2: "highest", fill: color };
    const hasBand = group.runs.length > 1;
    // Too many bands would overlap.
    return [
      ...(alone && hasBand ? [Plot.areaY(pre, { ...area, fillOpacity: 0.1 })] : []),
      ...(hasBand && hasColor(i) ? [Plot.areaY(post, { ...area, fillOpacity: alone ? 0.2 : 0.12 })] : []),
      Plot.lineY(pre, { ...lineOf(pre, color), strokeWidth: 1.2, strokeDasharray: "4 3" }),
      Plot.lineY(post, { ...lineOf(post, color), strokeWidth: 2 }),
    ];
  });
  const several = groups.some(({ runs }) => runs.length > 1);
  return {
    name: "learning-curve",
    title: "Return while training",
    caption:
      "Mean undiscounted return on each iteration's own tasks, before (dashed) and after (solid) adaptation." +
      (several
        ? " Lines are means over seeds; bands, after adaptation, reach from the lowest seed to the highest."
        : "") +
      thinningNote(groups),
    legend: alone
      ? [
          { label: "after adaptation", color: groupColor(0) },
          { label: "before", color: groupColor(0), dashed: true },
        ]
      : groupLegend(groups),
    plot: {
      height: 280,
      marginBottom: 44,
      x: iterationAxis(groups),
      y: { label: "return", grid: true, ticks: 6 },
      marks,
    },
  };
}
