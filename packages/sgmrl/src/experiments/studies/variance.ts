/**
 * The variance of every estimator over ζ and N: exact where all data can be enumerated or integrated, else sampled,
 * with intervals.
 */
import { lineY, link } from "@observablehq/plot";
import { fold, key } from "@sgmrl/autodiff/random";
import { wasm } from "@sgmrl/autodiff/wasm";
import { continuousSamples } from "../../exact/continuous.ts";
import type { ExactProblem } from "../../exact/problem.ts";
import { estimatorTable } from "../../meta-gradient/catalogue.ts";
import { type Figure, seriesColor } from "../../report/figure.ts";
import type { Estimate } from "../../statistics/confidence.ts";
import { audit } from "../audit/audit.ts";
import { continuousAudit, gaussianStep } from "../audit/continuous-audit.ts";
import { twoState } from "../audit/default-problems.ts";
import { monteCarloAudit, sampledVariance } from "../audit/monte-carlo.ts";
import { rivals } from "../problems.ts";
import { kept, type Study } from "./study.ts";

export interface VarianceRow {
  readonly problem: string;
  readonly steps: number;
  readonly trajectories: number;
  readonly estimator: string;
  /** Number of sampled estimates; 0 if the variance is exact. */
  readonly samples: number;
  /** Trace of the covariance of one task's estimate; null if it grows with the number of nodes (unbounded). */
  readonly variance: Estimate | null;
}

interface Cell {
  readonly problem: string;
  readonly steps: number;
  readonly trajectories: number;
  readonly samples: number;
}

const sampledSizes = [1, 2, 3].flatMap((steps) => [
  { steps, trajectories: 20, samples: 200 },
  { steps, trajectories: 50, samples: 200 },
  { steps, trajectories: 200, samples: 60 },
]);
/** Two arms: always enumerated, with N + 1 data sets per step and task. */
const arms: readonly Cell[] = [
  ...[1, 2, 5, 10, 20, 50, 100].map((N) => ({ steps: 1, trajectories: N })),
  ...[1, 2, 5, 10, 20].map((N) => ({ steps: 2, trajectories: N })),
  ...[1, 2, 5].map((N) => ({ steps: 3, trajectories: N })),
].map((size) => ({ problem: "two arms", samples: 0, ...size }));
/** Two states, H = 2: enumerated if small. */
const states: readonly Cell[] = [
  ...[1, 2, 3].map((N) => ({ steps: 1, trajectories: N, samples: 0 })),
  ...[1, 2].map((N) => ({ steps: 2, trajectories: N, samples: 0 })),
  { steps: 3, trajectories: 1, samples: 0 },
  ...sampledSizes,
].map((size) => ({ problem: "two states", ...size }));
/** Gaussian actions: by quadrature if ζN + M is small. */
const gaussian: readonly Cell[] = [
  { steps: 1, trajectories: 1, samples: 0 },
  { steps: 1, trajectories: 2, samples: 0 },
  { steps: 2, trajectories: 1, samples: 0 },
  ...sampledSizes,
].map((size) => ({ problem: "one Gaussian step", ...size }));

/** Quadrature nodes per dimension. */
const points = 10;

const rivalsOf = (steps: number, trajectories: number): ExactProblem => ({
  ...rivals(),
  inner: { stepSize: 1, steps, trajectories },
});

export function varianceCell({ problem, steps, trajectories, samples }: Cell): VarianceRow[] {
  const row = (estimator: string, variance: Estimate | null): VarianceRow => ({
    problem,
    steps,
    trajectories,
    estimator,
    samples,
    variance,
  });
  const exactly = (value: number): Estimate => ({ mean: value, margin: 0 });
  if (problem === "one Gaussian step") {
    if (samples === 0)
      return continuousAudit(points, steps, trajectories).estimators.map(({ name, variance }) =>
        row(name, variance === null ? null : exactly(variance)),
      );
    const estimators = Object.values(estimatorTable());
    const at = fold(key(11), steps, trajectories);
    const drawn = [...continuousSamples(gaussianStep(steps, trajectories), estimators, at, samples, wasm)];
    return estimators.map(({ name }, e) =>
      row(name, sampledVariance(drawn.map((gradients) => gradients[e]!))),
    );
  }
  const tabular = problem === "two arms" ? rivalsOf(steps, trajectories) : twoState(0.7, steps, trajectories);
  if (samples > 0)
    return monteCarloAudit({ problem: tabular }, samples, 0).estimators.map(({ name, variance }) =>
      row(name, variance),
    );
  return audit({ problem: tabular }).estimators.map(({ name, variance }) => row(name, exactly(variance)));
}

export const varianceStudy: Study<readonly VarianceRow[]> = {
  name: "variance",
  summary: "the variance of every estimator at one to three steps and 1 to 200 trajectories",
  run(progress, folder) {
    return [...arms, ...states, ...gaussian].flatMap((cell) => {
      const { problem, steps, trajectories: N, samples } = cell;
      return kept(folder, `${problem.replaceAll(" ", "-")}-${steps}-${N}-${samples}`, () => {
        progress(`${problem}, ζ = ${steps}, N = ${N}${samples === 0 ? "" : `, ${samples} samples`}`);
        return varianceCell(cell);
      });
    });
  },
  draw: (rows) => [varianceFigure(rows)],
};

const shown = [
  "sgmrl",
  "sgmrl-leave-one-out",
  "jackknife-per-decision",
  "jackknife-coupled",
  "jackknife-linear",
  "maml",
];

/** Variance against N, a panel for each problem and ζ; bars: 95% where it was sampled. */
export function varianceFigure(rows: readonly VarianceRow[]): Figure {
  const points = rows.flatMap(({ variance, steps, ...row }) =>
    variance === null || !shown.includes(row.estimator)
      ? []
      : [
          {
            ...row,
            zeta: `ζ = ${steps}`,
            value: variance.mean,
            low: Math.max(variance.mean / 10, variance.mean - variance.margin),
            high: variance.mean + variance.margin,
          },
        ],
  );
  return {
    name: "variance",
    title: "Variance of one task's estimate, by trajectories N and steps ζ",
    caption:
      "Trace of the covariance, M = 1: exact by enumeration (two arms, α = 1; two states, α = 0.7, N ≤ 3) or quadrature (Gaussian, α = 0.02, N ≤ 2), otherwise sampled, with 95% bars.",
    legend: shown.map((label, i) => ({ label, color: seriesColor(i) })),
    width: 720,
    plot: {
      height: 560,
      marginBottom: 42,
      marginRight: 120,
      x: { type: "log", label: "N", ticks: [1, 10, 100], tickFormat: "d" },
      y: { type: "log", label: "variance", grid: true, ticks: 4, tickFormat: "~g" },
      fx: { label: null },
      fy: { label: null, domain: [...new Set(points.map(({ problem }) => problem))] },
      marks: shown.flatMap((name, i) => {
        const own = points.filter(({ estimator }) => estimator === name);
        const place = { fx: "zeta", fy: "problem", stroke: seriesColor(i) } as const;
        return [
          link(own, { ...place, x1: "trajectories", x2: "trajectories", y1: "low", y2: "high" }),
          lineY(own, { ...place, x: "trajectories", y: "value", strokeWidth: 2, marker: "dot" }),
        ];
      }),
    },
  };
}
