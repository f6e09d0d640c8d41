import { fold, type Key } from "@sgmrl/autodiff/random";
import { addScaled } from "../arithmetic.ts";
import { type ExactProblem, sizesOf } from "../exact/problem.ts";
import { samples } from "../exact/sampling.ts";
import { flatten, unflatten } from "../exact/table.ts";
import { findEstimator } from "../meta-gradient/catalogue.ts";
import type { OptimizerSettings } from "../settings.ts";
import { createOptimizer } from "../training/optimizer.ts";

/** Adam as the studies of small problems take it, some with another learning rate. */
export const adamSteps: OptimizerSettings = {
  name: "adam",
  learningRate: 0.05,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
};

export function plainSteps(learningRate: number): OptimizerSettings {
  return { name: "sgd", learningRate, momentum: 0 };
}

/** θ_0, …, θ_K along a direction field. */
export function* ascent(
  start: Float64Array,
  settings: OptimizerSettings,
  iterations: number,
  direction: (theta: Float64Array, iteration: number) => Float64Array,
): Generator<Float64Array> {
  const optimizer = createOptimizer(settings);
  let theta = start;
  let state = optimizer.initialState(theta.length);
  yield theta;
  for (let k = 0; k < iterations; k++) {
    ({ theta, state } = optimizer.ascend(theta, direction(theta, k), state));
    yield theta;
  }
}

/** The mean of an estimator over `tasks` sampled tasks, as a direction; iteration k draws from fold(key, k). */
export function sampledDirection(
  problem: ExactProblem,
  estimatorName: string,
  tasks: number,
  key: Key,
): (theta: Float64Array, iteration: number) => Float64Array {
  const estimators = [findEstimator(estimatorName)];
  const sizes = sizesOf(problem);
  return (theta, k) => {
    const here = { ...problem, theta: unflatten(theta, sizes) };
    let mean: Float64Array = new Float64Array(theta.length);
    for (const { gradients } of samples(here, estimators, fold(key, k), tasks))
      mean = addScaled(mean, 1 / tasks, gradients[0]!);
    return mean;
  };
}

export function startOf({ theta }: ExactProblem): Float64Array {
  return flatten(theta);
}
