import { axisX, axisY, line } from "@observablehq/plot";
import { type Figure, seriesColor } from "../../../report/figure.ts";
import type { FamilyStages } from "./measure.ts";

/** Estimators by colour; dashed where tasks are on a lattice. */
const shown = [
  { name: "maml", color: seriesColor(0) },
  { name: "maml, lattice", color: seriesColor(0), dashed: true },
  { name: "reparameterised", color: seriesColor(1) },
  { name: "jackknife-linear", color: seriesColor(2) },
  { name: "auto, lattice", label: "jackknife-linear auto, lattice", color: seriesColor(2), dashed: true },
  { name: "jackknife-coupled", color: seriesColor(3) },
  { name: "jackknife-per-decision", color: seriesColor(5) },
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
    legend: shown.map(({ name, label = name, ...style }) => ({ label, ...style })),
    width: 720,
    plot: {
      height: 480,
      marginLeft: 60,
      marginBottom: 42,
      marginRight: 90,
      x: { type: "log", label: "seconds of processor time" },
      y: { type: "log", label: "mean squared error", grid: true },
      fx: { label: null, domain: [...new Set(points.map(({ stage }) => stage))] },
      fy: { label: null },
      marks: [
        axisX({ ticks: [0.1, 1, 10, 100], tickFormat: String }),
        axisY({ ticks: 4, tickFormat: ".0e" }),
        ...shown.map(({ name, color, dashed }) =>
          line(
            points.filter(({ estimator }) => estimator === name),
            {
              x: "seconds",
              y: "error",
              fx: "stage",
              fy: "family",
              stroke: color,
              strokeWidth: 2,
              ...(dashed ? { strokeDasharray: "5 3" } : {}),
            },
          ),
        ),
      ],
    },
  };
}
