/** Turns the user's input (names, paths of modules, objects; preset, file, flags) into a complete, valid config. */
import { resolve } from "node:path";
import { type Environment, environments } from "@sgmrl/envs";
import { InputError } from "../errors.ts";
import { estimators } from "../meta-gradient/catalogue.ts";
import type { Estimator } from "../meta-gradient/estimator.ts";
import {
  addPart,
  asObject,
  builtIn,
  type PolicyFactory,
  requireEnvironment,
  requireEstimator,
  requirePolicyFactory,
} from "../meta-gradient/parts.ts";
import type { RunConfig } from "../settings.ts";
import { hashModule, isModule, loadModules } from "./modules.ts";
import { type ConfigSources, layered, modulesNamed, overlay, parseConfig } from "./parse-config.ts";
import { isTree, merge, nested, type Tree } from "./tree.ts";

/** Each part: an object, a name of the registry, or the path of a module that exports it. */
export interface TrainableParts {
  readonly environment?: Environment | string | undefined;
  readonly policy?: PolicyFactory | string | undefined;
  readonly estimator?: Estimator | string | undefined;
}

const places = {
  environment: "experiment.environment",
  policy: "experiment.policy.kind",
  estimator: "experiment.estimator.name",
} as const;
type Place = keyof typeof places;

const checks = { environment: requireEnvironment, policy: requirePolicyFactory, estimator: requireEstimator };
const registries: Readonly<Record<Place, Readonly<Record<string, unknown>>>> = {
  environment: environments,
  policy: {},
  estimator: estimators,
};

/**
 * The config of a run, with its parts registered in this program, for `train`.
 *
 *   const config = await trainable({ environment, estimator, preset: "quick", config: { iterations: 20 } });
 *   await train(config, "runs/mine");
 *
 * Objects stay in this thread; pass modules by path to train with several workers, or to resume on the
 * command line.
 *
 * Errors  InputError for an invalid setting or combination, an unknown preset, or a module that cannot be
 *         loaded; PartError for an object that is not an environment, policy or estimator
 */
export async function trainable({
  environment,
  policy,
  estimator,
  config,
  file = config,
  ...sources
}: TrainableParts & ConfigSources & { readonly config?: unknown } = {}): Promise<RunConfig> {
  let given: Tree = {};
  for (const [place, part] of Object.entries({ environment, policy, estimator }) as [Place, unknown][]) {
    if (part === undefined) continue;
    const name = typeof part === "string" ? part : addObject(place, part);
    given = merge(given, nested(places[place], name));
    if (typeof part !== "string" && registries[place][name] !== part)
      given = merge(given, { experiment: { modules: { [name]: asObject } } });
  }
  const all = { ...sources, file: file === undefined || isTree(file) ? overlay(file ?? {}, given) : file };
  await loadNamed(modulesNamed(layered(all).whole));
  return parseConfig(all);
}

/** Loads the current version of modules, by their paths. */
export async function loadNamed(paths: readonly string[]): Promise<void> {
  await loadModules({ modules: Object.fromEntries(paths.map((path) => [path, hashModule(resolve(path))])) });
}

/** Registers an object under its own name. */
function addObject(place: Place, part: unknown): string {
  const object: { readonly name: string } = checks[place](part, place); // functions have names too
  const name = object.name || `own-${place}`;
  if (registries[place][name] === part) return name;
  if (builtIn[place].includes(name) || isModule(name))
    throw new InputError(
      `${place}: "${name}" is the name of another ${place}; give this one a name of its own.`,
    );
  addPart(name, asObject, part);
  return name;
}
