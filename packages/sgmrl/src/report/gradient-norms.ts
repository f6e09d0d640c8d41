import * as Plot from "@observablehq/plot";
import type { Figure } from "./figure.ts";
import { groupColor, groupLegend, groupMarks, lineOf } from "./group-style.ts";
import { iterationAxis } from "./iteration-axis.ts";
import { iterationsPerPoint, metricBand, thinningNote } from "./over-seeds.ts";
import type { Group } from "./runs.ts";

/** The norms of the two terms of the meta-gradient, per task. */
export function gradientNorms(groups: readonly Group[]): Figure {
  const every = iterationsPerPoint(groups);
  const marks = groupMarks(groups, (group, color) => {
    const positive = (name: string) => metricBand(group, name, every).filter(({ mean }) => mean > 0);
    const [pathwise, score] = [positive("pathwiseNorm"), positive("scoreNorm")];
    return [
      Plot.lineY(pathwise, { ...lineOf(pathwise, color), strokeWidth: 2 }),
      Plot.lineY(score, { ...lineOf(score, color), strokeWidth: 1.2, strokeDasharray: "4 3" }),
    ];
  });
  return {
    name: "gradient-norms",
    title: "Norms of the two gradient terms",
    caption:
      "Norms, averaged over tasks, of the pathwise term (solid: through the update) and of the score term (dashed: " +
      "through the distribution of the data). Estimators without a score term have no dashed line." +
      thinningNote(groups),
    legend:
      groups.length === 1
        ? [
            { label: "pathwise", color: groupColor(0) },
            { label: "score", color: groupColor(0), dashed: true },
          ]
        : groupLegend(groups),
    plot: {
      height: 280,
      marginBottom: 44,
      x: iterationAxis(groups),
      y: { label: "norm", type: "log", grid: true, ticks: 4, tickFormat: "~g" },
      marks,
    },
  };
}
