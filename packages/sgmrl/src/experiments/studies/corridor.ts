/** The needle over several time steps: a treasure at one end of a corridor, a safe camp, and little data. */

import { exp } from "@sgmrl/autodiff/elementary";
import { corridorActions } from "@sgmrl/envs";
import { adamSteps, ascent, startOf } from "../ascent.ts";
import { corridor } from "../problems.ts";
import { exactField } from "./exact-field.ts";
import { type LearningCurve, learningCurves, learningFigure } from "./learning.ts";
import type { Study } from "./study.ts";

const length = 2;
const sampled = { tasks: 20, iterations: 300, every: 15, seeds: 8 };

interface CorridorNumbers {
  readonly exact: readonly {
    readonly direction: "sgmrl" | "maml";
    readonly value: number;
    readonly firstAction: Readonly<Record<string, number>>;
  }[];
  readonly sampled: readonly LearningCurve[];
}

export const corridorStudy: Study<CorridorNumbers> = {
  name: "corridor",
  summary: "the needle with a horizon: two corridors to explore, or a camp that pays at once",
  run(progress) {
    const problem = corridor(length, 0.45, { stepSize: 10, trajectories: 3 });
    const field = exactField(problem);
    const exact = (["sgmrl", "maml"] as const).map((direction) => {
      progress(`exact ascent along ${direction}`);
      const theta = [...ascent(startOf(problem), adamSteps, 200, (at) => field(at)[direction])].at(-1)!;
      const A = corridorActions.length;
      const middle = Array.from(theta.subarray(length * A, (length + 1) * A), exp);
      const total = middle.reduce((sum, w) => sum + w, 0);
      return {
        direction,
        value: field(theta).value,
        firstAction: Object.fromEntries(corridorActions.map((action, a) => [action, middle[a]! / total])),
      };
    });
    const curves = learningCurves(
      {
        problem,
        estimators: ["sgmrl", "jackknife-per-decision", "maml"],
        ...sampled,
        measure: (theta) => field(theta).value,
      },
      progress,
    );
    return { exact, sampled: curves };
  },
  draw: ({ exact, sampled: curves }) => [
    learningFigure(
      curves,
      "corridor-learning",
      "Corridor, H = 3, N = 3, α = 10",
      `V of the initial policy, by enumeration of all data sets, while learning from ${sampled.tasks} sampled tasks an iteration (M = 1, Adam 0.05): mean and 95% interval over ${sampled.seeds} seeds. Dashed: after 200 exact steps.`,
      [
        { label: "along ∇V, exact", value: exact[0]!.value, series: 0 },
        { label: "along MAML's mean, exact", value: exact[1]!.value, series: 2 },
      ],
    ),
  ],
};
