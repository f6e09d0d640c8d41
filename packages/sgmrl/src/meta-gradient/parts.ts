/**
 * Turns the names in an experiment into objects: its environment, policy and estimator. A name is that of a registry,
 * or of one of the user's own parts (`experiment.modules`), which are registered here once per thread, before they are
 * looked up.
 */
import { type Environment, environments, findEnvironment, width } from "@sgmrl/envs";
import { createPolicy } from "../policy/create-policy.ts";
import type { Policy } from "../policy/policy.ts";
import type { Experiment, PolicySettings } from "../settings.ts";
import { estimators, findEstimator } from "./catalogue.ts";
import type { Combination } from "./combine.ts";
import type { Estimator } from "./estimator.ts";
import type { UnitParts } from "./task-setting.ts";

/** Makes a policy π(a|s; θ) with the observation and action widths of an environment. */
export type PolicyFactory = (environment: Environment, settings: PolicySettings) => Policy;

/** Replaces the hash in `experiment.modules` if the part was given as an object, which only that program knows. */
export const asObject = "object";

/** A part that cannot be used: missing, or of the wrong kind. */
export class PartError extends RangeError {
  override readonly name = "PartError";
}

const added = new Map<string, unknown>();
const keyOf = (name: string, version: string): string => `${version} ${name}`;

/** Registers a part under a name and the hash of its code, or `asObject`. */
export function addPart(name: string, version: string, part: unknown): void {
  const key = keyOf(name, version);
  if (version === asObject && added.has(key) && added.get(key) !== part)
    throw new PartError(`"${name}": another object is already in use under this name; choose another name.`);
  added.set(key, part);
}

export function hasPart(name: string, version: string): boolean {
  return added.has(keyOf(name, version));
}

/** The names of each registry. */
export const builtIn: Readonly<Record<"environment" | "policy" | "estimator", readonly string[]>> = {
  environment: Object.keys(environments),
  policy: ["gaussian-mlp", "categorical-mlp"],
  estimator: Object.keys(estimators),
};

type Named = Pick<Experiment, "modules">;

export function environmentOf(experiment: Named & Pick<Experiment, "environment">): Environment {
  const part = own(experiment, experiment.environment);
  return part === undefined
    ? findEnvironment(experiment.environment)
    : requireEnvironment(part, experiment.environment);
}

export function estimatorOf(experiment: Named & Pick<Experiment, "estimator">): Estimator {
  const { name, groups, scoreCoefficient: _, scoreEvery: __, ...damping } = experiment.estimator;
  const part = own(experiment, name);
  return part === undefined ? findEstimator(name, groups, damping) : requireEstimator(part, name);
}

export function policyOf(experiment: Named & Pick<Experiment, "policy">, environment: Environment): Policy {
  const { kind } = experiment.policy;
  const part = own(experiment, kind);
  if (part === undefined) return createPolicy(experiment.policy, environment);
  const policy = madeBy(requirePolicyFactory(part, kind), kind, environment, experiment.policy);
  const expected = [width(environment.observation), width(environment.action)];
  const got = [policy.observationWidth, policy.actionWidth];
  if (String(expected) !== String(got))
    throw new PartError(
      `${kind}: the policy takes observations of ${got[0]} numbers and gives actions of ${got[1]}; ` +
        `those of ${environment.name} have ${expected[0]} and ${expected[1]}.`,
    );
  const { action, name } = environment;
  const count = action.kind === "discrete" ? action.count : undefined;
  if (policy.actionCount !== undefined && policy.actionCount !== count)
    throw new PartError(
      `${kind}: the policy chooses one of ${policy.actionCount} actions; ` +
        (count === undefined ? `those of ${name} are not discrete.` : `${name} has ${count}.`),
    );
  return policy;
}

function madeBy(factory: PolicyFactory, name: string, ...given: Parameters<PolicyFactory>): Policy {
  let policy: Policy;
  try {
    policy = factory(...given);
  } catch (error) {
    throw new PartError(`${name}: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
  const fields = [
    "layout",
    "observationWidth",
    "actionWidth",
    "initialize",
    "distribution",
    "logProbability",
  ];
  requireFields(policy, [...fields, "noise", "sample"], `${name}: its result`, "a Policy");
  return policy;
}

/**
 * The parts that an experiment names.
 *
 * Errors  PartError for a part that has not been loaded or is not one; RangeError for a name that is not in the catalogues,
 *         and for a policy whose kind does not fit the actions
 */
export function partsOf(experiment: Experiment): UnitParts {
  const { estimator: _, ...settings } = experiment;
  const environment = environmentOf(experiment);
  return {
    ...settings,
    ...combinationOf(experiment),
    environment,
    policy: policyOf(experiment, environment),
  };
}

/** How the terms of a batch are combined. */
export function combinationOf(experiment: Named & Pick<Experiment, "estimator">): Combination {
  const { scoreCoefficient, scoreEvery } = experiment.estimator;
  return {
    ...(scoreCoefficient === undefined ? {} : { scoreCoefficient }),
    ...(scoreEvery === undefined ? {} : { scoreEvery }),
    estimator: estimatorOf(experiment),
  };
}

/** The user's own part with this name; nothing if the name is that of a registry. */
function own({ modules = {} }: Named, name: string): unknown {
  const version = Object.hasOwn(modules, name) ? modules[name]! : undefined;
  if (version === undefined) return undefined;
  const part = added.get(keyOf(name, version));
  if (part !== undefined) return part;
  throw new PartError(
    version === asObject
      ? `"${name}" was given as an object, which this process does not have. Pass it to \`trainable\` again first.`
      : `"${name}" has not been loaded.`,
  );
}

/** Refuses an object whose fields show that it cannot be used as a part; the error contains `name`. */
export function requireEnvironment(part: unknown, name: string): Environment {
  const fields = ["family", "observation", "action", "dynamics", "batch"];
  requireFields(part, fields, name, "an environment, as defineEnvironment returns");
  return part as Environment; // as far as its fields tell
}

export function requireEstimator(part: unknown, name: string): Estimator {
  requireFields(part, ["name", "curvature", "score"], name, "an estimator, as defineEstimator returns");
  const estimator = part as Estimator; // as far as its fields tell
  for (const field of ["curvature", "score"] as const)
    if (estimator[field] !== null && typeof estimator[field] !== "function")
      throw new PartError(`${name}: ${field}: expected a function or null; got ${typeof estimator[field]}.`);
  return estimator;
}

export function requirePolicyFactory(part: unknown, name: string): PolicyFactory {
  if (typeof part === "function") return part as PolicyFactory; // what it gives is checked by policyOf
  throw new PartError(`${name}: expected a function (environment, settings) => Policy; got ${typeof part}.`);
}

function requireFields(part: unknown, fields: readonly string[], name: string, expected: string): void {
  const missing = fields.filter((field) => typeof part !== "object" || part === null || !(field in part));
  if (missing.length === 0) return;
  const names = missing.map((field) => `"${field}"`).join(", ");
  throw new PartError(`${name}: expected ${expected}; it has no ${names}.`);
}
