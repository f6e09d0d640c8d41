/** Learning curves of sampled estimators, measured exactly: V(θ_k) by enumeration along the way. */
import { areaY, lineY, ruleY } from "@observablehq/plot";
import { fold, key } from "@sgmrl/autodiff/random";
import { objective } from "../../exact/objective.ts";
import { type ExactProblem, sizesOf } from "../../exact/problem.ts";
import { unflatten } from "../../exact/table.ts";
import { type Figure, seriesColor } from "../../report/figure.ts";
import { type Estimate, meanWithConfidence } from "../../statistics/confidence.ts";
import { adamSteps, ascent, sampledDirection, startOf } from "../ascent.ts";

export interface LearningSettings {
  readonly problem: ExactProblem;
  readonly estimators: readonly string[];
  /** Tasks per iteration. */
  readonly tasks: number;
  readonly iterations: number;
  /** Iterations between measurements. */
  readonly every: number;
  readonly seeds: number;
  /** V at θ; by default by enumeration, which a field that is at hand does faster. */
  readonly measure?: (theta: Float64Array) => number;
}

export interface LearningCurve {
  readonly estimator: string;
  readonly points: readonly ({ readonly iteration: number } & Estimate)[];
}

export function learningCurves(
  { problem, estimators, tasks, iterations, every, seeds, measure = exactValue(problem) }: LearningSettings,
  progress: (text: string) => void,
): LearningCurve[] {
  return estimators.map((estimator) => {
    const runs = Array.from({ length: seeds }, (_, seed) => {
      progress(`${estimator}, seed ${seed + 1} of ${seeds}`);
      const direction = sampledDirection(problem, estimator, tasks, fold(key(0), seed));
      const values: number[] = [];
      let k = 0;
      for (const theta of ascent(startOf(problem), adamSteps, iterations, direction))
        if (k++ % every === 0) values.push(measure(theta));
      return values;
    });
    const points = runs[0]!.map((_, i) => ({
      iteration: i * every,
      ...meanWithConfidence(runs.map((run) => run[i]!)),
    }));
    return { estimator, points };
  });
}

function exactValue(problem: ExactProblem): (theta: Float64Array) => number {
  const sizes = sizesOf(problem);
  return (theta) => objective({ ...problem, theta: unflatten(theta, sizes) });
}

/** Means over seeds with 95% intervals; `levels` are drawn as dashed lines. */
export function learningFigure(
  curves: readonly LearningCurve[],
  name: string,
  title: string,
  caption: string,
  levels: readonly { readonly label: string; readonly value: number; readonly series: number }[],
): Figure {
  const marks = curves.flatMap(({ points }, i) => [
    areaY(points, {
      x: "iteration",
      y1: ({ mean, margin }) => mean - margin,
      y2: ({ mean, margin }) => mean + margin,
      fill: seriesColor(i),
      fillOpacity: 0.2,
    }),
    lineY(points, { x: "iteration", y: "mean", stroke: seriesColor(i), strokeWidth: 2 }),
  ]);
  return {
    name,
    title,
    caption,
    legend: [
      ...curves.map(({ estimator }, i) => ({ label: estimator, color: seriesColor(i) })),
      ...levels.map(({ label, series }) => ({ label, color: seriesColor(series), dashed: true })),
    ],
    plot: {
      height: 312,
      marginBottom: 42,
      x: { label: "iteration", ticks: 5 },
      y: { label: "V, exact", grid: true, ticks: 6 },
      marks: [
        ...levels.map(({ value, series }) =>
          ruleY([value], { stroke: seriesColor(series), strokeDasharray: "4 3" }),
        ),
        ...marks,
      ],
    },
  };
}
