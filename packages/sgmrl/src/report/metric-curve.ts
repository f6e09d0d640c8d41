import * as Plot from "@observablehq/plot";
import type { Figure } from "./figure.ts";
import { groupLegend, groupMarks, lineOf } from "./group-style.ts";
import { iterationAxis } from "./iteration-axis.ts";
import { iterationsPerPoint, metricBand, thinningNote } from "./over-seeds.ts";
import type { Group } from "./runs.ts";

interface What {
  readonly title: string;
  readonly caption: string;
  readonly y: Plot.ScaleOptions & { readonly label: string };
}

/**
 * Metrics of the estimator while training, other than the norms of its terms: one figure each, if recorded.
 */
const drawnMetrics: Readonly<Record<string, What>> = {
  gradientNorm: {
    title: "Norm of the meta-gradient",
    caption: "Of the meta-gradient estimate that the optimizer received.",
    y: { label: "norm", type: "log" },
  },
  effectiveSampleSize: {
    title: "Effective sample size",
    caption: "Of the importance weights, as a fraction: the smallest over the steps, averaged over tasks.",
    y: { label: "fraction", domain: [0, 1] },
  },
  scoreCoefficient: {
    title: "Coefficient of the score term",
    caption: "As chosen in each iteration: 0 gives MAML, 1 the whole score term.",
    y: { label: "c", domain: [0, 1] },
  },
};

/** A figure for each of these metrics that was recorded, except an effective sample size that is always 1. */
export function metricCurves(groups: readonly Group[]): Figure[] {
  const every = iterationsPerPoint(groups);
  return Object.entries(drawnMetrics).flatMap(([metric, { title, caption, y }]) => {
    const isTold = groups.some((group) =>
      metricBand(group, metric).some(({ mean }) => metric !== "effectiveSampleSize" || mean < 1),
    );
    if (!isTold) return [];
    const marks = groupMarks(groups, (group, color) => {
      const band = metricBand(group, metric, every).filter(({ mean }) => y.type !== "log" || mean > 0);
      return [Plot.lineY(band, { ...lineOf(band, color), strokeWidth: 1.5 })];
    });
    return [
      {
        name: metric.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
        title,
        caption: caption + thinningNote(groups),
        legend: groups.length === 1 ? [] : groupLegend(groups),
        plot: {
          height: 200,
          marginBottom: 44,
          x: iterationAxis(groups),
          y: { grid: true, ticks: 4, tickFormat: "~g", ...y },
          marks,
        },
      },
    ];
  });
}
