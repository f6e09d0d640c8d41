/**
 * The bias-variance frontier of problems too large to enumerate: every estimator at fixed θ, sampled, with
 * intervals.
 */
import { fold, key } from "@sgmrl/autodiff/random";
import { latticeTaskKeys, type TaskKey, trainingTaskKey } from "@sgmrl/envs";
import { findEstimator } from "../../../meta-gradient/catalogue.ts";
import { kept, type Study } from "../study.ts";
import { batch } from "./batches.ts";
import { type Draws, drawEstimates } from "./draws.ts";
import { errorFigure } from "./figure.ts";
import { type FamilyStages, measure, type Stage } from "./measure.ts";
import { families, trained } from "./problems.ts";

/** Unbiased for ζ = 1, by the proofs of docs/math/estimators.md and by enumeration. */
const unbiased: ReadonlySet<string> = new Set([
  "jackknife-coupled",
  "jackknife-per-decision",
  "jackknife-next-step",
  "sgmrl-leave-one-out",
  "sgmrl",
]);

/** Estimators compared on many draws. For ζ = 1 the whole-path jackknife equals the next-step one. */
const close = ["jackknife-coupled", "jackknife-linear", "maml", "reparameterised", "reparameterised-warped"];
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

/** Estimators drawn on batches of tasks from a lattice. */
const onLattice = ["jackknife-linear", "maml"];

/** Iterations of MAML that lead to each θ. */
const stages: readonly number[] = [0, 20, 60];
const draws = { close: 800, others: 60, batches: 160 };

/** Stage i of family f, with separate keys. */
function stageOf(f: number, i: number, theta: Float64Array): Stage {
  const root = key(100 + 10 * f + i);
  const drawn = (names: readonly string[], tasks: readonly TaskKey[], purpose: number): Draws =>
    drawEstimates(
      families[f]!.experiment,
      theta,
      names.map((name) => findEstimator(name)),
      tasks,
      fold(root, purpose),
    );
  const tasks = Array.from({ length: draws.close }, (_, n) => trainingTaskKey(root, 0, n));
  // With the same keys, so that all estimators share the first draws.
  const [first, second] = [drawn(close, tasks, 0), drawn(others, tasks.slice(0, draws.others), 0)];
  const lattices = Array.from({ length: draws.batches }, (_, b) =>
    latticeTaskKeys(root, 1 + b, batch),
  ).flat();
  return measure(
    {
      estimates: new Map([...first.estimates, ...second.estimates]),
      milliseconds: new Map([...first.milliseconds, ...second.milliseconds]),
    },
    drawn(onLattice, lattices, 1),
    unbiased,
    stages[i]!,
  );
}

export const frontierStudy: Study<readonly FamilyStages[]> = {
  name: "frontier",
  summary: "bias, variance and cost of every estimator on navigation and the sparse corners, while training",
  run(progress, folder) {
    const found: FamilyStages[] = [];
    for (const [f, family] of families.entries()) {
      const thetas = kept(folder, `theta-${f}`, () => {
        progress(`${family.name}: training`);
        return trained(family, stages).map((theta) => [...theta]);
      });
      const measured: Stage[] = [];
      for (const [i, theta] of thetas.entries()) {
        const stage = kept(folder, `stage-${f}-${i}`, () => {
          progress(`${family.name}: draws after ${stages[i]} iterations`);
          return stageOf(f, i, Float64Array.from(theta));
        });
        measured.push(stage);
      }
      found.push({ family: family.name, stages: measured });
    }
    return found;
  },
  draw: (found) => [errorFigure(found)],
};
