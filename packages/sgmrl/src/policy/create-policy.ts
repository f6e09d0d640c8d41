import { type Environment, width } from "@sgmrl/envs";
import type { PolicySettings } from "../settings.ts";
import { categoricalMlp } from "./categorical-mlp.ts";
import { gaussianMlp } from "./gaussian-mlp.ts";
import type { Policy } from "./policy.ts";

/**
 * The policy that the settings describe, with the observation and action widths of the environment.
 *
 * Errors   RangeError if the kind does not fit the environment's actions
 * Example  docs/examples/rollout.ts
 */
export function createPolicy({ kind, hidden, initialStd }: PolicySettings, environment: Environment): Policy {
  const observations = width(environment.observation);
  const { action } = environment;
  if (kind === "categorical-mlp" && action.kind === "discrete") {
    if (initialStd !== undefined) {
      throw new RangeError("policy.initialStd: discrete actions have no standard deviation. Leave it out.");
    }
    return categoricalMlp(observations, action.count, hidden);
  }
  if (kind === "gaussian-mlp" && action.kind === "box")
    return gaussianMlp(observations, width(action), hidden, initialStd);
  throw new RangeError(
    `policy.kind: ${environment.name} has ${action.kind === "box" ? "continuous" : "discrete"} actions; got "${kind}". ` +
      `Use "${action.kind === "box" ? "gaussian-mlp" : "categorical-mlp"}".`,
  );
}
