/**
 * Where every first-order correction of MAML fails: two doors, one parameter, every stationary point of every
 * estimator.
 */
import { exp } from "@sgmrl/autodiff/elementary";
import { moments } from "../../exact/moments.ts";
import { objective } from "../../exact/objective.ts";
import { findEstimator } from "../../meta-gradient/catalogue.ts";
import { ascend } from "../audit/ascend.ts";
import { type DoorsChoice, doors, twoDoors } from "./families.ts";
import { type LearningCurve, learningCurves, learningFigure } from "./learning.ts";
import type { Study } from "./study.ts";

export interface DoorsSetting extends DoorsChoice {
  /** The probability that the prize is behind the first door. */
  readonly w: number;
}

/** A stable stationary point of an estimator's exact mean, as the probability of the first door. */
export interface Attractor {
  readonly first: number;
  /** V there. */
  readonly value: number;
}

/** Bound on the logit differences searched: beyond it, policies differ by less than 1e-6. */
const edge = 14;
const gridPoints = 113;

/** The exact mean of an estimator at logit difference x, in the direction of x. As α → ∞: [eq:two-doors-fields] */
export function slope(estimator: string, { w, ...choice }: DoorsSetting, x: number): number {
  const [found] = moments(twoDoors(w, choice, x), [findEstimator(estimator)]);
  return found!.mean[0]! - found!.mean[1]!;
}

/**
 * Every attractor of θ ↦ E λ_0 over logit differences from −14 to 14: zeros at which the field is decreasing,
 * by bisection between grid points, and an end of the range if the field points towards it.
 */
export function attractors(estimator: string, setting: DoorsSetting): readonly Attractor[] {
  const { w, ...choice } = setting;
  const field = (x: number): number => slope(estimator, setting, x);
  const at = (x: number): Attractor => ({
    first: 1 / (1 + exp(-x)),
    value: objective(twoDoors(w, choice, x)),
  });
  const xs = Array.from({ length: gridPoints }, (_, i) => -edge + (2 * edge * i) / (gridPoints - 1));
  const values = xs.map(field);
  const inside = xs.flatMap((low, i) => {
    const high = xs[i + 1];
    if (high === undefined || !(values[i]! > 0 && values[i + 1]! <= 0)) return [];
    let [a, b] = [low, high];
    for (let halvings = 0; halvings < 40; halvings++) {
      const middle = (a + b) / 2;
      if (field(middle) > 0) a = middle;
      else b = middle;
    }
    return [at((a + b) / 2)];
  });
  return [...(values[0]! < 0 ? [at(-edge)] : []), ...inside, ...(values.at(-1)! > 0 ? [at(edge)] : [])];
}

/** The best that ascent along an estimator's mean can reach, over all starts. */
export function best(estimator: string, setting: DoorsSetting): Attractor {
  return attractors(estimator, setting).reduce((a, b) => (b.value > a.value ? b : a));
}

const compared = [
  "sgmrl",
  "jackknife-per-decision",
  "jackknife-linear",
  "lsf",
  "dice",
  "loaded-dice",
  "tmaml",
  "lvc",
  "emaml",
  "emaml-sum",
  "maml",
  "fomaml",
] as const;

/** w = 0.8, α = 10; one step on N = 4, two on N = 2. */
export interface DoorsRow {
  readonly estimator: string;
  readonly oneStep: Attractor;
  readonly twoSteps: Attractor;
}

function doorsTable(): readonly DoorsRow[] {
  return compared.map((estimator) => ({
    estimator,
    oneStep: best(estimator, { w: 0.8, stepSize: 10, trajectories: 4 }),
    twoSteps: best(estimator, { w: 0.8, stepSize: 10, trajectories: 2, steps: 2 }),
  }));
}

const mapSettings: readonly DoorsSetting[] = [
  ...[1, 2, 3, 5, 7, 10, 20].map((stepSize) => ({ w: 0.8, trajectories: 4, stepSize })),
  ...[2, 3, 6].map((trajectories) => ({ w: 0.8, trajectories, stepSize: 10 })),
  ...[0.6, 0.7, 0.9].map((w) => ({ w, trajectories: 4, stepSize: 10 })),
  ...[2, 3].map((steps) => ({ w: 0.8, trajectories: 2, stepSize: 10, steps })),
];
const firstOrder = ["jackknife-linear", "lsf", "dice", "loaded-dice", "tmaml", "lvc"] as const;

export interface DoorsCell extends DoorsSetting {
  readonly exact: number;
  readonly firstOrder: number;
  readonly emaml: number;
  readonly maml: number;
}

/** V reached by exact ascent, by the best first-order correction, by E-MAML (mean) and by MAML. */
function doorsMap(progress: (text: string) => void): readonly DoorsCell[] {
  return mapSettings.map((setting) => {
    const { w, trajectories: N, stepSize, steps = 1 } = setting;
    progress(`map: w = ${w}, N = ${N}, α = ${stepSize}, ζ = ${steps}`);
    return {
      ...setting,
      exact: best("sgmrl", setting).value,
      firstOrder: Math.max(...firstOrder.map((name) => best(name, setting).value)),
      emaml: best("emaml", setting).value,
      maml: best("maml", setting).value,
    };
  });
}

/** Where the best of several ascents along an estimator's exact mean ends, with the prize behind one of three doors. */
export interface ThreeDoorsCell {
  readonly trajectories: number;
  /** The probability of the first door; the other two share the rest. */
  readonly w: number;
  readonly estimator: string;
  readonly value: number;
  readonly policy: readonly number[];
}

/** A uniform start, starts in favour of one door, and one against the first. */
const threeStarts: readonly (readonly number[])[] = [
  [0, 0, 0],
  [1, 0, 0],
  [0, 1, 0],
  [0, 1, 1],
];

export function threeDoors(
  estimator: string,
  { w, ...choice }: DoorsSetting,
  starts: readonly (readonly number[])[] = threeStarts,
): ThreeDoorsCell {
  const probabilities = [w, (1 - w) / 2, (1 - w) / 2];
  const ends = starts.map((logits) =>
    ascend(doors(probabilities, choice, logits), estimator, 1, threeIterations),
  );
  const { objective: value, policy } = ends.reduce((a, b) => (b.objective > a.objective ? b : a));
  return { trajectories: choice.trajectories, w, estimator, value, policy: policy[0]! }; // one state
}
const threeIterations = 300;
const threeCompared = ["sgmrl", "jackknife-linear", "loaded-dice", "lvc", "emaml", "maml"] as const;

const sampled = { tasks: 20, iterations: 400, every: 20, seeds: 8 };

interface DoorsNumbers {
  readonly table: readonly DoorsRow[];
  readonly map: readonly DoorsCell[];
  readonly three: readonly ThreeDoorsCell[];
  readonly sampled: readonly LearningCurve[];
}

export const twoDoorsStudy: Study<DoorsNumbers> = {
  name: "two-doors",
  summary: "where the mean of every first-order correction of MAML fails, and that of exact ones does not",
  run(progress) {
    progress("stationary points");
    const table = doorsTable();
    const map = doorsMap(progress);
    progress("three doors");
    const three = [3, 4, 6].flatMap((trajectories) =>
      threeCompared.map((name) => threeDoors(name, { w: 0.6, trajectories, stepSize: 10 })),
    );
    const problem = twoDoors(0.8, { stepSize: 10, trajectories: 4 });
    const curves = learningCurves(
      {
        problem,
        estimators: ["sgmrl", "jackknife-per-decision", "jackknife-linear", "maml"],
        ...sampled,
        measure: (theta) => objective({ ...problem, theta: [[theta[0]!, theta[1]!]] }),
      },
      progress,
    );
    return { table, map, three, sampled: curves };
  },
  draw({ table, sampled: curves }) {
    const ends = (name: string): number => table.find(({ estimator }) => estimator === name)!.oneStep.value;
    return [
      learningFigure(
        curves,
        "two-doors-learning",
        "Two doors, N = 4, α = 10: learning from samples",
        `V of the initial policy, exact, while learning from ${sampled.tasks} sampled tasks an iteration (M = 1, Adam 0.05): mean and 95% interval over ${sampled.seeds} seeds. Dashed: where exact ascent ends.`,
        [
          { label: "along ∇V, exact", value: ends("sgmrl"), series: 0 },
          { label: "along MAML's mean, exact", value: ends("maml"), series: 3 },
        ],
      ),
    ];
  },
};
