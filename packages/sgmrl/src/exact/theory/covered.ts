import { EnvironmentError } from "@sgmrl/envs";
import type { ExactProblem } from "../problem.ts";
import type { StatedConstants } from "./policy-constants.ts";

/**
 * Refuses what docs/theory.md derives no bounds for. Every default of a problem is covered.
 *
 * Errors  EnvironmentError with the field, and what the bounds hold for
 */
export function refuseUncovered(
  { tasks, features, inner, outer = {} }: ExactProblem,
  stated?: StatedConstants,
): void {
  const refuseIf = (wrong: boolean, field: string, got: unknown, must: string): void => {
    if (wrong) throw new EnvironmentError("exact", field, got, must);
  };
  for (const [name, value] of Object.entries(stated ?? {}))
    refuseIf(
      !(value >= 0 && value < Number.POSITIVE_INFINITY),
      `stated.${name}`,
      value,
      "0 or more, and finite",
    );

  // Features scale the scores.
  refuseIf(
    features !== undefined && stated === undefined,
    "features",
    "a matrix",
    "absent: the bounds hold for a table of logits, or for stated constants of the policy",
  );
  // With terminal states, a constant added to the rewards changes more than a constant in J.
  for (const [i, { mdp }] of tasks.entries())
    refuseIf(
      mdp.terminal?.some((ends) => ends) === true,
      `tasks[${i}].mdp.terminal`,
      "a terminal state",
      "absent: the bounds hold for trajectories of the full horizon",
    );

  const { advantage = "reward-to-go", convention = "paper" } = inner;
  refuseIf(
    advantage !== "reward-to-go",
    "inner.advantage",
    advantage,
    '"reward-to-go": the bounds hold for inner steps without a baseline',
  );
  refuseIf(
    convention !== "paper",
    "inner.convention",
    convention,
    '"paper": the bounds hold for inner steps that divide by the number of trajectories',
  );
  const leaveOneOut = "the bounds of second moments hold for returns less the mean of the other trajectories";
  refuseIf(outer.advantage !== undefined, "outer.advantage", outer.advantage, `absent: ${leaveOneOut}`);
  refuseIf(
    outer.baseline !== undefined && outer.baseline !== "mean",
    "outer.baseline",
    outer.baseline,
    `"mean": ${leaveOneOut}`,
  );
}
