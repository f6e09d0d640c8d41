/**
 * Where debiasing is decisive: the needle, exact and sampled, and a map of the settings in which it matters.
 */

import { cell, text } from "@observablehq/plot";
import { exp } from "@sgmrl/autodiff/elementary";
import { type Figure, seriesColor } from "../../report/figure.ts";
import { adamSteps, ascent, plainSteps, startOf } from "../ascent.ts";
import { ascend } from "../audit/ascend.ts";
import { needle } from "../problems.ts";
import { exactField } from "./exact-field.ts";
import { type LearningCurve, learningCurves, learningFigure } from "./learning.ts";
import type { Study } from "./study.ts";

export interface NeedleRow {
  readonly trajectories: number;
  readonly direction: "sgmrl" | "maml";
  readonly value: number;
  /** Probabilities of the four arms before adaptation. */
  readonly policy: readonly number[];
}

/**
 * V and policy after plain ascent (step 1, 2000 steps) along ∇V and along MAML's expectation. All steps
 * preserve the symmetry between the arms, so MAML ends at its symmetric stationary point. That is in fact a
 * saddle, from which rounding or noise leads to one of the two safe arms, with an even lower V.
 */
export function needleTable(): NeedleRow[] {
  return [1, 2, 3].flatMap((trajectories) =>
    (["sgmrl", "maml"] as const).map((direction) => {
      const problem = needle(0.45, { stepSize: 10, trajectories });
      const field = exactField(problem);
      const theta = [
        ...ascent(startOf(problem), plainSteps(1), 2000, (at) => symmetric(field(at)[direction])),
      ].at(-1)!;
      const weights = Array.from(theta, exp);
      const total = weights.reduce((sum, w) => sum + w, 0);
      return { trajectories, direction, value: field(theta).value, policy: weights.map((w) => w / total) };
    }),
  );
}

const corrections = [
  "sgmrl",
  "jackknife-per-decision",
  "emaml-sum",
  "jackknife-linear",
  "lsf",
  "dice",
  "tmaml",
  "lvc",
  "loaded-dice",
  "emaml",
  "fomaml",
  "maml",
  "reference-2021",
] as const;

/** V after ascent (step 2, 300 steps) from the uniform policy along an estimator's exact mean, N = 3. */
export interface CorrectionRow {
  readonly estimator: string;
  readonly value: number;
}

export function correctionsTable(): CorrectionRow[] {
  const problem = { ...needle(0.45, { stepSize: 10, trajectories: 3 }), theta: [[0, 0, 0, 0]] };
  return corrections.map((estimator) => ({
    estimator,
    value: ascend(problem, estimator, 2, 300).objective,
  }));
}

/** Averages over exchanging arms 0 and 1, and arms 2 and 3, which removes only rounding errors. */
function symmetric(gradient: Float64Array): Float64Array {
  const [first, last] = [(gradient[0]! + gradient[1]!) / 2, (gradient[2]! + gradient[3]!) / 2];
  return Float64Array.of(first, first, last, last);
}

export interface MapCell {
  readonly safe: number;
  readonly stepSize: number;
  readonly trajectories: number;
  readonly sgmrl: number;
  readonly maml: number;
}

const mapSafe = [0.05, 0.1, 0.2, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9];
const mapStepSizes = [0.5, 1, 2, 3, 5, 7, 10, 15, 20, 30];

/**
 * V reached along either exact direction by 600 steps of Adam, starting near the uniform policy: one safe arm
 * has a logit of 0.01, so that rounding does not decide on which side a saddle is left.
 */
function needleMap(progress: (text: string) => void): MapCell[] {
  return [1, 2, 3].flatMap((trajectories) =>
    mapSafe.flatMap((safe) => {
      progress(`map: N = ${trajectories}, safe reward ${safe}`);
      return mapStepSizes.map((stepSize) => {
        const problem = needle(safe, { stepSize, trajectories });
        const field = exactField(problem);
        const reached = (direction: "sgmrl" | "maml"): number =>
          field(
            [...ascent(Float64Array.of(0, 0, 0.01, 0), adamSteps, 600, (at) => field(at)[direction])].at(-1)!,
          ).value;
        return { safe, stepSize, trajectories, sgmrl: reached("sgmrl"), maml: reached("maml") };
      });
    }),
  );
}

function mapFigure(cells: readonly MapCell[]): Figure {
  const loss = ({ sgmrl, maml }: MapCell): number => 1 - maml / sgmrl;
  const position = {
    x: (d: MapCell): string => String(d.stepSize),
    y: (d: MapCell): string => String(d.safe),
    fy: (d: MapCell): string => `N = ${d.trajectories}`,
  };
  return {
    name: "needle-map",
    title: "What MAML's bias costs on the needle, % of V",
    caption:
      "Share of V that ascent along MAML's expected gradient loses against ascent along ∇V, in percent, over inner step " +
      "size α, safe reward and trajectories N; both exact, 600 steps of Adam from nearly the uniform policy. Blank: below 1%.",
    legend: [],
    plot: {
      height: 720,
      marginLeft: 46,
      marginBottom: 42,
      marginRight: 52,
      x: { label: "α", type: "band", domain: mapStepSizes.map(String), padding: 0.06 },
      y: {
        label: "safe reward",
        labelAnchor: "top",
        type: "band",
        domain: mapSafe.map(String).toReversed(),
        padding: 0.06,
      },
      fy: { label: null, padding: 0.08 },
      marks: [
        cell(cells, { ...position, fill: seriesColor(1), fillOpacity: (d) => Math.max(0.04, loss(d)) }),
        text(
          cells.filter((d) => Math.abs(loss(d)) >= 0.01),
          { ...position, text: (d) => String(Math.round(100 * loss(d))), fill: "var(--ink)", fontSize: 10 },
        ),
      ],
    },
  };
}

const sampled = { tasks: 20, iterations: 400, every: 10, seeds: 10 };

interface NeedleNumbers {
  readonly table: readonly NeedleRow[];
  readonly corrections: readonly CorrectionRow[];
  readonly sampled: readonly LearningCurve[];
  readonly map: readonly MapCell[];
}

export const needleStudy: Study<NeedleNumbers> = {
  name: "needle",
  summary: "where MAML's bias decides the outcome: bandits whose good arm must have been tried to be found",
  run(progress) {
    progress("exact ascents");
    const table = needleTable();
    const problem = needle(0.45, { stepSize: 10, trajectories: 3 });
    const field = exactField(problem);
    const curves = learningCurves(
      {
        problem,
        estimators: ["sgmrl", "jackknife-per-decision", "maml"],
        ...sampled,
        measure: (theta) => field(theta).value,
      },
      progress,
    );
    return { table, corrections: correctionsTable(), sampled: curves, map: needleMap(progress) };
  },
  draw({ table, sampled: curves, map }) {
    const level = (direction: NeedleRow["direction"]): number =>
      table.find((row) => row.trajectories === 3 && row.direction === direction)!.value;
    return [
      learningFigure(
        curves,
        "needle-learning",
        "Needle, N = 3, α = 10: learning from samples",
        `V of the initial policy, exact, while learning from ${sampled.tasks} sampled tasks an iteration (M = 1, Adam 0.05): mean and 95% interval over ${sampled.seeds} seeds. Dashed: where exact ascent ends.`,
        [
          { label: "along ∇V, exact", value: level("sgmrl"), series: 0 },
          { label: "along MAML's mean, exact", value: level("maml"), series: 2 },
        ],
      ),
      mapFigure(map),
    ];
  },
};
