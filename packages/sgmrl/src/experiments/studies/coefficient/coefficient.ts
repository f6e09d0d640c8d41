/**
 * The mean squared error of P̄ + c S̄ with the coefficient as a run chooses it: from its own last batches, while θ
 * moves; relative to MAML with tasks drawn in the same way.
 */
import { areaY, lineY, ruleY } from "@observablehq/plot";
import { fold, key } from "@sgmrl/autodiff/random";
import { type ExactProblem, sizesOf } from "../../../exact/problem.ts";
import { unflatten } from "../../../exact/table.ts";
import { type Figure, seriesColor } from "../../../report/figure.ts";
import { needle, rivals, twoDoors } from "../../problems.ts";
import { batch } from "../frontier/batches.ts";
import { families } from "../frontier/problems.ts";
import { kept, type Study } from "../study.ts";
import { batchError, type TaskDraw, tabularRun } from "./enumerable.ts";
import { bestOfQuadratic, type CoefficientError, type CoefficientRow, rowOf } from "./errors.ts";
import { runError, sampledRun, type TaskSampling } from "./sampled.ts";

const enumerable: readonly { readonly name: string; readonly problem: ExactProblem }[] = [
  { name: "needle", problem: needle(0.45, { stepSize: 10, trajectories: 3 }) },
  { name: "two doors", problem: twoDoors(0.8, { stepSize: 10, trajectories: 4 }, 1) },
  { name: "two rival arms", problem: rivals() },
];
const exactSettings = { iterations: [5, 10, 20, 50, 100, 200, 400], seeds: 12 };
const sampledSettings = { iterations: [5, 20, 60], seeds: 4 };

/** The exact errors of one run. */
export function exactRun(
  problem: ExactProblem,
  draw: TaskDraw,
  iterations: readonly number[],
  seed: number,
): CoefficientError[] {
  const sizes = sizesOf(problem);
  return tabularRun(problem, draw, batch, iterations, fold(key(0), seed)).map(({ theta, coefficient }) => {
    const here = { ...problem, theta: unflatten(theta, sizes) };
    const error = (c: number) => batchError(here, draw, batch, c);
    const best = bestOfQuadratic((c) => {
      const { squaredBias, variance } = error(c);
      return squaredBias + variance;
    });
    return { coefficient, chosen: error(coefficient), maml: error(0), best: error(best) };
  });
}

/** One row for each iteration, from runs[seed][iteration]. */
function rowsOf(
  problem: string,
  tasks: string,
  iterations: readonly number[],
  runs: readonly (readonly CoefficientError[])[],
): CoefficientRow[] {
  return iterations.map((iteration, i) =>
    rowOf(
      { problem, tasks, iteration },
      runs.map((run) => run[i]!),
    ),
  );
}

export const coefficientStudy: Study<readonly CoefficientRow[]> = {
  name: "coefficient",
  summary: "the error of the coefficient as a run estimates it, relative to MAML's with the same tasks",
  run(progress, folder) {
    const seedsOf = (n: number) => Array.from({ length: n }, (_, seed) => seed);
    const exact = enumerable.flatMap(({ name, problem }) =>
      (["independent", "stratified"] as const).flatMap((draw) => {
        const { iterations, seeds } = exactSettings;
        const runs = kept(folder, `exact-${name.replaceAll(" ", "-")}-${draw}`, () => {
          progress(`${name}, ${draw}`);
          return seedsOf(seeds).map((seed) => exactRun(problem, draw, iterations, seed));
        });
        return rowsOf(name, draw, iterations, runs);
      }),
    );
    const sampled = families.flatMap((family, f) =>
      (["independent", "lattice"] as const).flatMap((tasks: TaskSampling) => {
        const { iterations, seeds } = sampledSettings;
        const runs = seedsOf(seeds).map((seed) => {
          const reached = kept(folder, `run-${f}-${tasks}-${seed}`, () => {
            progress(`${family.name}, ${tasks}, seed ${seed}: training`);
            return sampledRun(family, tasks, iterations, seed).map((at) => ({ ...at, theta: [...at.theta] }));
          });
          return reached.map(({ theta, coefficient, iteration }) =>
            kept(folder, `error-${f}-${tasks}-${seed}-${iteration}`, () => {
              progress(`${family.name}, ${tasks}, seed ${seed}: draws after ${iteration} iterations`);
              const at = { theta: Float64Array.from(theta), coefficient };
              return runError(family, tasks, at, 1_000 * f + 10 * seed + iterations.indexOf(iteration));
            }),
          );
        });
        return rowsOf(family.name, tasks, iterations, runs);
      }),
    );
    return [...exact, ...sampled];
  },
  draw: (rows) => [
    coefficientFigure(rows.filter(({ problem }) => enumerable.some(({ name }) => name === problem))),
  ],
};

/** The exact rows: error over MAML's against iterations, one batch and the average of 19. */
export function coefficientFigure(rows: readonly CoefficientRow[]): Figure {
  const problems = [...new Set(rows.map(({ problem }) => problem))];
  const draws = [...new Set(rows.map(({ tasks }) => tasks))];
  const points = rows.flatMap((row) =>
    (["overMaml", "averagedOverMaml"] as const).map((kind) => ({
      ...row,
      kind: kind === "overMaml" ? "one batch" : "average of 19",
      low: row[kind].mean - row[kind].margin,
      high: row[kind].mean + row[kind].margin,
      ratio: row[kind].mean,
    })),
  );
  return {
    name: "coefficient-error",
    title: "Mean squared error over MAML's, with the coefficient that the run chose",
    caption: `Exact, at the θ and with the coefficient that runs reach (20 tasks an iteration, Adam 0.05); MAML with tasks drawn in the same way is 1. Bands: 95% over ${rows[0]?.runs ?? 0} seeds.`,
    legend: draws.map((label, i) => ({ label: `${label} tasks`, color: seriesColor(i) })),
    width: 720,
    plot: {
      height: 420,
      marginBottom: 42,
      marginRight: 90,
      x: { type: "log", label: "iteration", ticks: 4, tickFormat: "d" },
      y: { label: "error over MAML's", grid: true, ticks: 5 },
      fx: { label: null, domain: problems },
      fy: { label: null, domain: ["one batch", "average of 19"] },
      marks: [
        ruleY([1], { strokeDasharray: "4 3", stroke: "var(--ink)" }),
        ...draws.flatMap((tasks, i) => {
          const own = points.filter((point) => point.tasks === tasks);
          const place = { x: "iteration", fx: "problem", fy: "kind" } as const;
          return [
            areaY(own, { ...place, y1: "low", y2: "high", fill: seriesColor(i), fillOpacity: 0.15 }),
            lineY(own, { ...place, y: "ratio", stroke: seriesColor(i), strokeWidth: 2 }),
          ];
        }),
      ],
    },
  };
}
