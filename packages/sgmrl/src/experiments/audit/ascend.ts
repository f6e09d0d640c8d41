import { exp } from "@sgmrl/autodiff/elementary";
import { moments } from "../../exact/moments.ts";
import { objective } from "../../exact/objective.ts";
import { type ExactProblem, sizesOf } from "../../exact/problem.ts";
import { unflatten } from "../../exact/table.ts";
import { logSoftmaxRows } from "../../exact/tabular-softmax.ts";
import { findEstimator } from "../../meta-gradient/catalogue.ts";
import { ascent, plainSteps, startOf } from "../ascent.ts";

/** The end point of an ascent. */
export interface Summit {
  /** V_ζ there. */
  readonly objective: number;
  /** π there: [S][A]. */
  readonly policy: number[][];
}

/**
 * The end point of ascent along an estimator's exact expectation, without sampling noise: θ ← θ + β E λ_0.
 */
export function ascend(start: ExactProblem, estimator: string, rate: number, iterations: number): Summit {
  const chosen = [findEstimator(estimator)];
  const sizes = sizesOf(start);
  const at = (theta: Float64Array): ExactProblem => ({ ...start, theta: unflatten(theta, sizes) });
  const direction = (theta: Float64Array): Float64Array => moments(at(theta), chosen)[0]!.mean;
  const end = [...ascent(startOf(start), plainSteps(rate), iterations, direction)].at(-1)!; // θ_K
  return {
    objective: objective(at(end)),
    policy: unflatten(logSoftmaxRows(end, sizes).map(exp), sizes),
  };
}
