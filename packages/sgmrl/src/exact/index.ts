/**
 * Exact answers on tabular problems: the ground truth against which every estimator is measured. Runs in browsers, too.
 */
export { estimators, findEstimator } from "../meta-gradient/catalogue.ts";
export { defineEstimator, ScoreTermError } from "../meta-gradient/define-estimator.ts";
export type { Estimator } from "../meta-gradient/estimator.ts";
export { expectedReturn } from "./expected-return.ts";
export { type EnumerationOptions, TooLargeError } from "./histories.ts";
export { type Moments, type MomentsOptions, moments } from "./moments.ts";
export { exactMaml, gradient, objective } from "./objective.ts";
export type { ExactProblem } from "./problem.ts";
export { type TaskTheory, type Theory, theory } from "./theory/theory.ts";
