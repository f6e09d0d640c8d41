/** Exact answers on tabular problems: the ground truth that every estimator is measured against. */
export { expectedReturn } from "./expected-return.ts";
export { type EnumerationOptions, TooLargeError } from "./histories.ts";
export { type Moments, type MomentsOptions, moments } from "./moments.ts";
export { exactMaml, gradient, objective } from "./objective.ts";
export type { ExactProblem } from "./problem.ts";
