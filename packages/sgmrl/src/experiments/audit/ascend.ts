import { moments } from "../../exact/moments.ts";
import { objective } from "../../exact/objective.ts";
import { type ExactProblem, sizesOf } from "../../exact/problem.ts";
import { flatten, unflatten } from "../../exact/table.ts";
import { logSoftmaxRows } from "../../exact/tabular-softmax.ts";
import { findEstimator } from "../../meta-gradient/catalogue.ts";
import { addScaled } from "../../vector.ts";

export interface Ascent {
  /** V_ζ where it ends. */
  readonly objective: number;
  /** π there: [S][A]. */
  readonly policy: number[][];
}

/**
 * Where an estimator leads in expectation, with no sampling noise: θ ← θ + β E λ_0, by exact means.
 */
export function ascend(start: ExactProblem, estimator: string, rate: number, iterations: number): Ascent {
  const chosen = [findEstimator(estimator)];
  const sizes = sizesOf(start);
  let problem = start;
  for (let k = 0; k < iterations; k++) {
    const [estimate] = moments(problem, chosen);
    const theta = addScaled(flatten(problem.theta), rate, estimate!.mean);
    problem = { ...problem, theta: unflatten(theta, sizes) };
  }
  const policy = logSoftmaxRows(flatten(problem.theta), sizes).map(Math.exp);
  return { objective: objective(problem), policy: unflatten(policy, sizes) };
}
