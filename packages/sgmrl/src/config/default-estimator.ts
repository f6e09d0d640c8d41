import type { Environment } from "@sgmrl/envs";
import type { Policy } from "../policy/policy.ts";
import type { Experiment } from "../settings.ts";

/**
 * The estimator of a run that names none, by what its environment is. Those of discrete actions and of programs were chosen
 * by learning at equal processor time (docs/results/defaults.md); robots, and whatever else is continuous, have what
 * docs/results/half-cheetah.md shows.
 */
export function defaultEstimator(
  { action, differentiable }: Environment,
  policy: Policy | undefined,
): Experiment["estimator"] {
  if (action.kind === "discrete") return { name: "jackknife-per-decision" };
  if (differentiable !== undefined && policy?.actions !== undefined) return { name: "reparameterised" };
  return { name: "jackknife-linear", scoreCoefficient: "auto" };
}
