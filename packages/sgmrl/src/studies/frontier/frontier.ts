/** The bias-variance frontier past enumeration's reach: every estimator at fixed θ, by sampling with intervals. */
import { key } from "@sgmrl/autodiff/random";
import { findEstimator } from "../../estimator/table.ts";
import type { Study } from "../study.ts";
import { type Draws, drawEstimates } from "./draws.ts";
import { errorFigure } from "./figure.ts";
import { measure, type Stage } from "./measure.ts";
import { families, trained } from "./problems.ts";

/** Unbiased for ζ = 1, by the proofs of docs/math/estimators.md and by enumeration. */
const unbiased: ReadonlySet<string> = new Set([
  "jackknife-coupled",
  "jackknife-per-decision",
  "jackknife-next-step",
  "sgmrl-leave-one-out",
  "sgmrl",
]);

/** Compared closely, and the others. For ζ = 1 the whole-path jackknife is the next-step one. */
const close = ["jackknife-coupled", "jackknife-linear", "maml"];
const others = [
  "jackknife-per-decision",
  "jackknife-next-step",
  "sgmrl-leave-one-out",
  "sgmrl",
  "lsf",
  "fomaml",
  "emaml",
  "reference-2021",
  "dice",
  "loaded-dice",
  "tmaml",
  "lvc",
];

/** Iterations of MAML before θ is looked at. */
const stages: readonly number[] = [0, 20, 60];
const draws = { close: 400, others: 60 };

export interface FamilyStages {
  readonly family: string;
  readonly stages: readonly Stage[];
}

/** Stage i of family f, from a key of its own. */
function stageOf(f: number, i: number, theta: Float64Array): Stage {
  // Of the same key: the first draws are the same for all.
  const drawn = (names: readonly string[], n: number): Draws =>
    drawEstimates(
      families[f]!.experiment,
      theta,
      names.map((name) => findEstimator(name)),
      n,
      key(100 + 10 * f + i),
    );
  const [first, second] = [drawn(close, draws.close), drawn(others, draws.others)];
  const all: Draws = {
    estimates: new Map([...first.estimates, ...second.estimates]),
    milliseconds: new Map([...first.milliseconds, ...second.milliseconds]),
  };
  return measure(all, unbiased, stages[i]!);
}

export const frontierStudy: Study = {
  name: "frontier",
  summary: "bias, variance and cost of every estimator on navigation and the sparse corners, while training",
  run(progress) {
    const found = families.map((family, f): FamilyStages => {
      progress(`${family.name}: training`);
      const thetas = trained(family, stages);
      return {
        family: family.name,
        stages: thetas.map((theta, i) => {
          progress(`${family.name}: draws after ${stages[i]} iterations`);
          return stageOf(f, i, theta);
        }),
      };
    });
    return { figures: [errorFigure(found)], numbers: found };
  },
};
