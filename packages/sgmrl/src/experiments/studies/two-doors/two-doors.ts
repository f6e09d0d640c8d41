/**
 * Where every first-order correction of MAML fails: two doors, one parameter, every stationary point of every
 * estimator.
 */
import { ascend } from "../../audit/ascend.ts";
import { doors, twoDoors } from "../../problems.ts";
import { type LearningCurve, learningCurves, learningFigure } from "../learning.ts";
import type { Study } from "../study.ts";
import { type Attractor, best, type DoorsSetting } from "./attractors.ts";
import { type DoorsCell, doorsMap, doorsMapFigure } from "./map.ts";

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

/** All are sampled; these are drawn. */
const drawn: readonly string[] = ["sgmrl", "jackknife-per-decision", "jackknife-linear", "maml"];
const sampled = { tasks: 20, iterations: 400, every: 20, seeds: 8 };
/** Long enough for what an unbiased but noisy estimator loses again. */
const twoStepSampled = { tasks: 20, iterations: 3000, every: 100, seeds: 5 };
const unbiasedTwoSteps = [
  "sgmrl",
  "sgmrl-leave-one-out",
  "jackknife-coupled",
  "jackknife-next-step",
  "jackknife-per-decision",
] as const;

interface DoorsNumbers {
  readonly table: readonly DoorsRow[];
  readonly map: readonly DoorsCell[];
  readonly three: readonly ThreeDoorsCell[];
  readonly sampled: readonly LearningCurve[];
  /** ζ = 2, N = 2. */
  readonly sampledTwoSteps: readonly LearningCurve[];
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
    const curves = learningCurves(
      {
        problem: twoDoors(0.8, { stepSize: 10, trajectories: 4 }),
        estimators: compared,
        ...sampled,
      },
      progress,
    );
    const sampledTwoSteps = learningCurves(
      {
        problem: twoDoors(0.8, { stepSize: 10, trajectories: 2, steps: 2 }),
        estimators: [...unbiasedTwoSteps, "emaml"],
        ...twoStepSampled,
      },
      progress,
    );
    return { table, map, three, sampled: curves, sampledTwoSteps };
  },
  draw({ table, map, sampled: curves, sampledTwoSteps }) {
    const ends = (name: string): number => table.find(({ estimator }) => estimator === name)!.oneStep.value;
    return [
      learningFigure(
        curves.filter(({ estimator }) => drawn.includes(estimator)),
        "two-doors-learning",
        "Two doors, N = 4, α = 10: learning from samples",
        `V of the initial policy, exact, while learning from ${sampled.tasks} sampled tasks an iteration (M = 1, Adam 0.05): mean and 95% interval over ${sampled.seeds} seeds. Dashed: where exact ascent ends.`,
        [
          { label: "along ∇V, exact", value: ends("sgmrl"), series: 0 },
          { label: "along MAML's mean, exact", value: ends("maml"), series: 3 },
        ],
      ),
      learningFigure(
        sampledTwoSteps,
        "two-doors-two-steps",
        "Two doors, two steps on N = 2 each, α = 10: learning from samples",
        `V of the initial policy, exact, while learning from ${twoStepSampled.tasks} sampled tasks an iteration (M = 1, Adam 0.05): mean and 95% interval over ${twoStepSampled.seeds} seeds.`,
        [],
      ),
      doorsMapFigure(map),
    ];
  },
};
