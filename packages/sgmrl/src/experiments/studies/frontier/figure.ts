import { axisX, axisY, line } from "@observablehq/plot";
import { type Figure, seriesColor } from "../../../report/figure.ts";
import type { FamilyStages } from "./measure.ts";

const shown = [
  "maml",
  "reparameterised",
  "maml, lattice",
  "auto, lattice",
  "jackknife-linear",
  "jackknife-coupled",
  "jackknife-per-decision",
];

/** Mean squared error against processor time, with a batch as large as the time allows. */
export function errorFigure(found: readonly FamilyStages[]): Figure {
  const points = found.flatMap(({ family, stages }) =>
    stages.flatMap(({ iterations, curves }) =>
      curves.flatMap(({ estimator, points }) =>
        points.map((point) => ({ ...point, estimator, family, stage: `after ${iterations} iterations` })),
      ),
    ),
  );
  return {
    name: "frontier-error",
    title: "Mean squared error of the meta-gradient against its cost",
    caption:
      "|bias|² + variance/B with as many tasks B as the processor time allows. A line that levels off has met its bias.",
    legend: shown.map((label, i) => ({ label, color: seriesColor(i) })),
    width: 720,
    plot: {
      height: 480,
      marginLeft: 60,
      marginBottom: 42,
      marginRight: 90,
      x: { type: "log", label: "seconds of processor time", ticks: 4 },
      y: { type: "log", label: "mean squared error", grid: true },
      fx: { label: null, domain: [...new Set(points.map(({ stage }) => stage))] },
      fy: { label: null },
      marks: [
        axisX({ ticks: 4 }),
        axisY({ ticks: 4 }),
        ...shown.map((name, i) =>
          line(
            points.filter(({ estimator }) => estimator === name),
            { x: "seconds", y: "error", fx: "stage", fy: "family", stroke: seriesColor(i), strokeWidth: 2 },
          ),
        ),
      ],
    },
  };
}
