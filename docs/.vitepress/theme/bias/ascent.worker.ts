/** Exact ascent on families in which the data before adaptation decide: the studies' own code, in a page. */
import { corridorActions } from "@sgmrl/envs";
import { unflatten } from "../../../../packages/sgmrl/src/exact/table.ts";
import { logSoftmaxRows } from "../../../../packages/sgmrl/src/exact/tabular-softmax.ts";
import { adamSteps, ascent, startOf } from "../../../../packages/sgmrl/src/experiments/ascent.ts";
import { corridor, needle } from "../../../../packages/sgmrl/src/experiments/problems.ts";
import { exactField } from "../../../../packages/sgmrl/src/experiments/studies/exact-field.ts";
import {
  attractors,
  slope,
} from "../../../../packages/sgmrl/src/experiments/studies/two-doors/attractors.ts";
import { serveTasks } from "../live/worker-task.ts";
import type { Setting } from "./setting.ts";

export interface Point {
  readonly x: number;
  readonly y: number;
  readonly series: string;
}
export interface End {
  readonly estimator: string;
  readonly value: number;
  /** The initial policy there, by action. */
  readonly policy: readonly { readonly action: string; readonly probability: number }[];
}
export interface BiasResult {
  readonly points: readonly Point[];
  readonly ends: readonly End[];
}

const iterations = 400;
const doors = ["sgmrl", "jackknife-linear", "emaml", "maml"] as const;

serveTasks((setting: Setting, progress): BiasResult => {
  if (setting.family === "two doors") return twoDoors(setting, progress);
  const problem =
    setting.family === "needle" ? needle(setting.safe, setting) : corridor(2, setting.safe, setting);
  const actions =
    setting.family === "needle" ? ["first arm", "second arm", "safe arm", "other safe arm"] : corridorActions;
  const field = exactField(problem);
  const start = startOf(problem).map((logit, i) => logit + 1e-3 * Math.cos(i)); // nearly uniform, so that nothing depends on ties
  const states = problem.theta.length;
  const middle = (states - 1) / 2;
  const points: Point[] = [];
  const ends = (["sgmrl", "maml"] as const).map((estimator): End => {
    progress(`ascent along the mean of ${estimator}`);
    let last: Float64Array = start;
    let k = 0;
    for (const theta of ascent(start, adamSteps, iterations, (at) => field(at)[estimator])) {
      if (k % 5 === 0) points.push({ x: k, y: field(theta).value, series: estimator });
      last = theta;
      k++;
    }
    const sizes = { states, actions: actions.length };
    const row = unflatten(logSoftmaxRows(last, sizes).map(Math.exp), sizes)[middle]!;
    const policy = row.map((probability, i) => ({ action: actions[i]!, probability }));
    return { estimator, value: field(last).value, policy };
  });
  return { points, ends };
});

/** The mean of each estimator as a function of the one parameter, and where it leads. */
function twoDoors(setting: Setting, progress: (text: string) => void): BiasResult {
  const { stepSize, trajectories, prize: w } = setting;
  const choice = { w, stepSize, trajectories };
  const points: Point[] = [];
  const ends = doors.map((estimator): End => {
    progress(`the mean of ${estimator}`);
    for (let i = 0; i <= 60; i++) {
      const logit = -5 + i / 6;
      points.push({ x: 1 / (1 + Math.exp(-logit)), y: slope(estimator, choice, logit), series: estimator });
    }
    const [end] = [...attractors(estimator, choice)].sort((a, b) => b.value - a.value);
    const policy = [
      { action: "first door", probability: end!.first },
      { action: "second door", probability: 1 - end!.first },
    ];
    return { estimator, value: end!.value, policy };
  });
  return { points, ends };
}
