/**
 * Convergence: the exact ‖∇V(θ_k)‖² along sampled ascent, against the rates of [eq:ascent] and
 * [eq:biased-ascent].
 */

import { dot as dots, line, lineY, ruleY } from "@observablehq/plot";
import { log } from "@sgmrl/autodiff/elementary";
import { fold, key } from "@sgmrl/autodiff/random";
import { decimals } from "@sgmrl/envs";
import { dot, mean } from "../../arithmetic.ts";
import type { ExactProblem } from "../../exact/problem.ts";
import { type Figure, seriesColor } from "../../report/figure.ts";
import { type Estimate, meanWithConfidence } from "../../statistics/confidence.ts";
import { ascent, plainSteps, sampledDirection, startOf } from "../ascent.ts";
import { rivals } from "../problems.ts";
import { exactField } from "./exact-field.ts";
import type { Study } from "./study.ts";

const estimators = ["sgmrl", "maml"] as const;
const seeds = 10;

/** ‖∇V(θ_k)‖², k = 0 … K−1. */
function squaredGradients(
  problem: ExactProblem,
  estimator: string,
  { stepSize, tasks, iterations, seed }: RunSettings,
): number[] {
  const field = exactField(problem);
  const direction = sampledDirection(problem, estimator, tasks, fold(key(1), seed, tasks, iterations));
  const squares: number[] = [];
  for (const theta of ascent(startOf(problem), plainSteps(stepSize), iterations - 1, direction)) {
    const { sgmrl } = field(theta);
    squares.push(dot(sgmrl, sgmrl));
  }
  return squares;
}

interface RunSettings {
  /** β, B and K. */
  readonly stepSize: number;
  readonly tasks: number;
  readonly iterations: number;
  readonly seed: number;
}

/** A quantity against a setting, with the slope of its logarithm. */
export interface Scaling {
  readonly estimator: string;
  readonly points: readonly ({ readonly x: number } & Estimate)[];
  /** d ln y / d ln x by least squares in each seed; its mean and 95% interval over seeds. */
  readonly slope: Estimate;
}

/** The slope of the least-squares line through (ln x, ln y). */
export function logLogSlope(xs: readonly number[], ys: readonly number[]): number {
  const [u, v] = [xs.map(log), ys.map(log)];
  const [uMean, vMean] = [mean(u), mean(v)];
  const covariance = u.reduce((sum, ui, i) => sum + (ui - uMean) * (v[i]! - vMean), 0);
  return covariance / u.reduce((sum, ui) => sum + (ui - uMean) ** 2, 0);
}

function scaling(
  estimator: string,
  xs: readonly number[],
  value: (x: number, seed: number) => number,
): Scaling {
  const bySeed = Array.from({ length: seeds }, (_, seed) => xs.map((x) => value(x, seed)));
  return {
    estimator,
    points: xs.map((x, i) => ({ x, ...meanWithConfidence(bySeed.map((ys) => ys[i]!)) })),
    slope: meanWithConfidence(bySeed.map((ys) => logLogSlope(xs, ys))),
  };
}

/** Mean of ‖∇V‖² over the second half of a run of K = 50/β steps, where the start no longer matters. */
function floorOf(
  problem: ExactProblem,
  estimator: string,
  stepSize: number,
  tasks: number,
  seed: number,
): number {
  const iterations = Math.round(50 / stepSize);
  const squares = squaredGradients(problem, estimator, { stepSize, tasks, iterations, seed });
  return mean(squares.slice(Math.floor(iterations / 2)));
}

const stepSizes = [1 / 2, 1 / 4, 1 / 8, 1 / 16, 1 / 32];
const batches = [4, 8, 16, 32, 64];
const lengths = [256, 1024, 4096];

interface ConvergenceNumbers {
  readonly squaredBiasOfMaml: number;
  readonly paths: readonly Path[];
  readonly overStep: readonly Scaling[];
  readonly overBatch: readonly Scaling[];
  readonly overLength: readonly Scaling[];
}

export const convergenceStudy: Study<ConvergenceNumbers> = {
  name: "convergence",
  summary:
    "the exact gradient norm along training: how SG-MRL's falls beside the theory, and MAML's stays at its bias",
  run(progress) {
    const problem = rivals();
    const each = <T>(what: string, of: (estimator: string) => T): T[] =>
      estimators.map((estimator) => {
        progress(`${what}, ${estimator}`);
        return of(estimator);
      });

    const bias = mamlBias(problem);
    const paths = each("paths", (estimator) =>
      [1 / 4, 1 / 32].map((stepSize) => ({
        estimator,
        stepSize,
        points: averagedPath(problem, estimator, stepSize, 8, 1000),
      })),
    ).flat();
    // The floor is proportional to β at fixed B = 8, and to 1/B at fixed β = 1/8. With β = 4/√K and B = 8,
    // the mean over all iterations is proportional to K^−½.
    const overStep = each("step sizes", (estimator) =>
      scaling(estimator, stepSizes, (beta, seed) => floorOf(problem, estimator, beta, 8, seed)),
    );
    const overBatch = each("batches", (estimator) =>
      scaling(estimator, batches, (tasks, seed) => floorOf(problem, estimator, 1 / 8, tasks, seed)),
    );
    const overLength = each("lengths", (estimator) =>
      scaling(estimator, lengths, (iterations, seed) => {
        const stepSize = Math.sqrt(16 / iterations);
        return mean(squaredGradients(problem, estimator, { stepSize, tasks: 8, iterations, seed }));
      }),
    );
    return { squaredBiasOfMaml: bias, paths, overStep, overBatch, overLength };
  },
  draw: ({ squaredBiasOfMaml: bias, paths, overStep, overBatch, overLength }) => [
    pathFigure(paths, bias),
    scalingFigure(overStep, bias, 1, {
      name: "convergence-step",
      title: "What is left of ‖∇V‖², by step size",
      label: "step size β",
      what: "Mean of the exact ‖∇V(θ_k)‖² over the second half of K = 50/β iterations of 8 tasks.",
    }),
    scalingFigure(overBatch, bias, -1, {
      name: "convergence-batch",
      title: "What is left of ‖∇V‖², by batch",
      label: "tasks per iteration, B",
      what: "The same at β = 1/8 against the number of tasks B.",
    }),
    scalingFigure(overLength, bias, -1 / 2, {
      name: "convergence-length",
      title: "Mean of ‖∇V(θ_k)‖² over K iterations",
      label: "iterations K, with β = 4/√K",
      what: "Mean of the exact ‖∇V(θ_k)‖² from the first iteration on, 8 tasks an iteration.",
    }),
  ],
};

/** ‖∇V‖² at the point where MAML's expected gradient vanishes. */
export function mamlBias(problem: ExactProblem): number {
  const field = exactField(problem);
  const theta = [...ascent(startOf(problem), plainSteps(2), 2000, (at) => field(at).maml)].at(-1)!;
  const { sgmrl } = field(theta);
  return dot(sgmrl, sgmrl);
}

interface Path {
  readonly estimator: string;
  readonly stepSize: number;
  readonly points: readonly { readonly iteration: number; readonly value: number }[];
}

/** Mean over seeds and over windows of 10 iterations. */
function averagedPath(
  problem: ExactProblem,
  estimator: string,
  stepSize: number,
  tasks: number,
  iterations: number,
): Path["points"] {
  const runs = Array.from({ length: seeds }, (_, seed) =>
    squaredGradients(problem, estimator, { stepSize, tasks, iterations, seed }),
  );
  const window = 10;
  return Array.from({ length: iterations / window }, (_, w) => ({
    iteration: w * window,
    value: mean(runs.map((run) => mean(run.slice(w * window, (w + 1) * window)))),
  }));
}

const colorOf = (estimator: string): string => seriesColor(estimator === "maml" ? 2 : 0);

function pathFigure(paths: readonly Path[], bias: number): Figure {
  return {
    name: "convergence-paths",
    title: "Exact ‖∇V(θ_k)‖² while learning from samples",
    caption: `8 tasks an iteration, means over ${seeds} seeds and windows of 10 iterations. Bold: β = 1/4; thin: β = 1/32. Dashed: ‖∇V‖² where MAML's expected gradient vanishes.`,
    legend: [
      ...estimators.map((estimator) => ({ label: estimator, color: colorOf(estimator) })),
      { label: "squared bias of MAML", color: "var(--ink)", dashed: true },
    ],
    plot: {
      height: 312,
      marginBottom: 42,
      x: { label: "iteration k", ticks: 5 },
      y: { label: "‖∇V‖²", type: "log", grid: true, tickFormat: "~g", ticks: 4 },
      marks: [
        ruleY([bias], { stroke: "var(--ink)", strokeDasharray: "4 3" }),
        ...paths.map(({ estimator, stepSize, points }) =>
          lineY(points, {
            x: "iteration",
            y: "value",
            stroke: colorOf(estimator),
            strokeWidth: stepSize > 0.1 ? 2.2 : 1.1,
          }),
        ),
      ],
    },
  };
}

function scalingFigure(
  scalings: readonly Scaling[],
  bias: number,
  predicted: number,
  { name, title, label, what }: { name: string; title: string; label: string; what: string },
): Figure {
  const slopeText = ({ slope }: Scaling): string => `${decimals(slope.mean, 2)} ± ${slope.margin.toFixed(2)}`;
  return {
    name,
    title,
    caption:
      `${what} Points and bars: mean and 95% interval over ${seeds} seeds. Slopes: fitted to the logarithms in each seed, ` +
      `mean and 95% interval; predicted for an unbiased estimator: ${predicted}.`,
    legend: [
      ...scalings.map((s) => ({
        label: `${s.estimator}: slope ${slopeText(s)}`,
        color: colorOf(s.estimator),
      })),
      { label: "squared bias of MAML", color: "var(--ink)", dashed: true },
    ],
    plot: {
      height: 292,
      marginBottom: 42,
      x: { label, type: "log", tickFormat: "~g", ticks: scalings[0]!.points.map(({ x }) => x) },
      y: { label: "‖∇V‖²", type: "log", grid: true, tickFormat: "~g", ticks: 4 },
      marks: [
        ruleY([bias], { stroke: "var(--ink)", strokeDasharray: "4 3" }),
        ...scalings.flatMap(({ estimator, points }) => [
          line(points, { x: "x", y: "mean", stroke: colorOf(estimator), strokeWidth: 2 }),
          dots(points, { x: "x", y: "mean", fill: colorOf(estimator), r: 3.5 }),
          ...points.map(({ x, mean: m, margin }) =>
            line(
              [m - margin, m + margin].filter((y) => y > 0),
              {
                x: () => x,
                y: (y: number) => y,
                stroke: colorOf(estimator),
              },
            ),
          ),
        ]),
      ],
    },
  };
}
