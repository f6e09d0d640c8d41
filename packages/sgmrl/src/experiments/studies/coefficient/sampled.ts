/** On navigation and the sparse corners: the coefficient that a run estimates, and its error from fresh draws. */
import { fold, key } from "@sgmrl/autodiff/random";
import { latticeTaskKeys, trainingTaskKey } from "@sgmrl/envs";
import { unitFor } from "../../../execution/local-unit.ts";
import { findEstimator } from "../../../meta-gradient/catalogue.ts";
import { meanGradient, sumOfTerms } from "../../../meta-gradient/combine.ts";
import { combinationOf } from "../../../meta-gradient/parts.ts";
import { type ScoreMemory, scoreCoefficient } from "../../../meta-gradient/score-coefficient.ts";
import { initializationKey, trainingKeys } from "../../../training/keys.ts";
import { createOptimizer } from "../../../training/optimizer.ts";
import { adamSteps } from "../../ascent.ts";
import { batch, batchMeans, termsOf } from "../frontier/batches.ts";
import { drawEstimates } from "../frontier/draws.ts";
import type { Family } from "../frontier/problems.ts";
import { bestCoefficient, noiseOf, over, scoreMeans, squaredError } from "../frontier/two-terms.ts";
import type { Reached } from "./enumerable.ts";
import type { CoefficientError } from "./errors.ts";

export type TaskSampling = "independent" | "lattice";

/** θ_k and c_k of a run with jackknife-linear and the coefficient "auto". */
export function sampledRun(
  { experiment, learningRate }: Family,
  taskSampling: TaskSampling,
  iterations: readonly number[],
  seed: number,
): Reached[] {
  const own = { ...experiment, estimator: { name: "jackknife-linear", scoreCoefficient: "auto" as const } };
  const unit = unitFor(own);
  const combination = combinationOf(own);
  const optimizer = createOptimizer({ ...adamSteps, learningRate });
  let theta = unit.initialize(initializationKey(seed));
  let state = optimizer.initialState(theta.length);
  let memory: ScoreMemory | undefined;
  const found: Reached[] = [];
  for (let k = 0; k <= Math.max(...iterations); k++) {
    if (iterations.includes(k))
      found.push({ iteration: k, theta, coefficient: scoreCoefficient(memory, optimizer.averaging) });
    const at = theta;
    const terms = trainingKeys({ seed, tasks: batch, taskSampling }, k).map(({ task, noise }) =>
      unit.contribute(at, task, noise),
    );
    const sum = { ...sumOfTerms(terms), meanReturn: 0 }; // returns have no effect here
    const { gradient, chosen } = meanGradient(combination, [sum], batch, memory, optimizer.averaging);
    memory = chosen!.scoreMemory; // as the coefficient is "auto"
    ({ theta, state } = optimizer.ascend(theta, gradient, state));
  }
  return found;
}

/** Fresh draws at one θ: tasks for the bias, and for the noise of independent batches; batches on a lattice. */
const draws = { tasks: 200, batches: 30 };

/** |bias|², measured against jackknife-coupled: an unbiased estimate, so of either sign; variance of a batch of 20. */
export function runError(
  { experiment }: Family,
  taskSampling: TaskSampling,
  { theta, coefficient }: Pick<Reached, "theta" | "coefficient">,
  seed: number,
): CoefficientError {
  const root = fold(key(7_000 + seed), 0);
  const tasks = Array.from({ length: draws.tasks }, (_, n) => trainingTaskKey(root, 0, n));
  const named = (names: readonly string[]) => names.map((name) => findEstimator(name));
  const close = named(["jackknife-coupled", "jackknife-linear", "maml"]);
  const independent = termsOf(drawEstimates(experiment, theta, close, tasks, fold(root, 0)));
  const means = scoreMeans(independent);
  const noise =
    taskSampling === "independent"
      ? over(batch, noiseOf(independent))
      : noiseOf(
          batchMeans(
            termsOf(
              drawEstimates(
                experiment,
                theta,
                named(["jackknife-linear", "maml"]),
                Array.from({ length: draws.batches }, (_, b) => latticeTaskKeys(root, 1 + b, batch)).flat(),
                fold(root, 1),
              ),
            ),
            1,
          ),
        );
  const at = (c: number) => squaredError(means, noise, c);
  return {
    coefficient,
    chosen: at(coefficient),
    maml: at(0),
    best: at(bestCoefficient(means, noise)), // chosen on the same draws, so its error is optimistic
  };
}
