/**
 * Combines preset, file and flags into a complete, valid config, or throws an error that says what to
 * correct.
 */
import { resolve } from "node:path";
import type { Environment } from "@sgmrl/envs";
import { InputError } from "../errors.ts";
import { expectation, issuesText } from "../files/schema-errors.ts";
import { asObject, environmentOf, PartError, policyOf } from "../meta-gradient/parts.ts";
import type { Policy } from "../policy/policy.ts";
import { configVersion, type Experiment, type RunConfig } from "../settings.ts";
import { didYouMean, unknownName } from "../wording.ts";
import { conflicts } from "./combinations.ts";
import { hashModule, isModule } from "./modules.ts";
import { fromText, nameOf, namesBelow, options } from "./options.ts";
import { defaultPreset, presets } from "./presets.ts";
import { runConfigSchema } from "./schema.ts";
import { at, isTree, merge, nested, type Tree, without } from "./tree.ts";

/** The sources of a config, in order of increasing precedence: a preset (by default "quick"), a file, flags. */
export interface ConfigSources {
  readonly preset?: string | undefined;
  /** A parsed JSON file: any part of a config. */
  readonly file?: unknown;
  /** The text of each flag, as given on the command line. */
  readonly flags?: Readonly<Record<string, string>>;
}

/**
 * The config of a new run: complete, valid, and without settings that the others make ineffective.
 *
 * Errors  InputError that lists every fault, each with its path in the config and its flag
 */
export function parseConfig(sources: ConfigSources): RunConfig {
  return checkNewConfig(assembleConfig(sources));
}

/** Combines the sources without checking the result. */
export function assembleConfig(sources: ConfigSources): Tree {
  const { whole, given } = layered(sources);
  return complete(withModules(whole), given);
}

/** The paths at which a config names its parts. */
const partPaths = ["experiment.environment", "experiment.policy.kind", "experiment.estimator.name"] as const;

/** The parts of a config that are named by the path of a module. */
export function modulesNamed(config: Tree): string[] {
  return partPaths.flatMap((path) => {
    const name = at(config, path);
    return typeof name === "string" && isModule(name) ? [name] : [];
  });
}

/** Sets the current hash of every module. Objects are kept; modules no longer named are dropped. */
function withModules(config: Tree): Tree {
  const given = at(config, "experiment.modules");
  const objects = Object.entries(isTree(given) ? given : {}).filter(([, version]) => version === asObject);
  const hashes = modulesNamed(config).map((name): [string, string] => [name, hashModule(resolve(name))]);
  const rest = without(config, "experiment.modules");
  if (objects.length + hashes.length === 0) return rest;
  return merge(rest, nested("experiment.modules", Object.fromEntries([...objects, ...hashes])));
}

/** `given`: the file overridden by the flags. `whole`: the preset overridden by `given`. */
export function layered({ preset = defaultPreset, file, flags = {} }: ConfigSources): {
  readonly whole: Tree;
  readonly given: Tree;
} {
  const base = presets[preset];
  if (base === undefined || !Object.hasOwn(presets, preset))
    throw new InputError(unknownName("--preset", preset, Object.keys(presets)));
  if (file !== undefined && !isTree(file))
    throw new InputError("config: expected a JSON object, such as the config.json of a run.");
  const flagged = Object.entries(flags).reduce<Tree>((tree, [flag, text]) => {
    const option = options.find((candidate) => candidate.flag === flag);
    if (option === undefined)
      throw new InputError(
        `${flag}: unknown.${didYouMean(
          flag,
          options.map((known) => known.flag),
        )}`,
      );
    return merge(tree, nested(option.path, fromText(option, text)));
  }, {});
  const given = overlay(file ?? {}, flagged);
  return { whole: overlay(base as unknown as Tree, given), given }; // a config is a tree
}

/**
 * Overrides a config with parts of another. Changing the optimizer or estimator replaces all its settings,
 * and changing the advantage drops the old λ, because such settings belong to the name they were given with.
 */
export function overlay(base: Tree, changes: Tree): Tree {
  const renamed = (path: string): boolean => {
    const [before, name] = [at(base, path), at(changes, path)];
    return before !== undefined && name !== undefined && name !== before;
  };
  let merged = merge(base, changes);
  const replace = (path: string): void => {
    merged = merge(without(merged, path), nested(path, at(changes, path)));
  };
  if (renamed("optimizer.name")) replace("optimizer");
  if (renamed("experiment.estimator.name")) replace("experiment.estimator");
  const lambda = "experiment.inner.gaeLambda";
  if (renamed("experiment.inner.advantage") && at(changes, lambda) === undefined)
    merged = without(merged, lambda);
  return merged;
}

/** Checks the config of a new run: it must be valid, without settings that the others make ineffective. */
export function checkNewConfig(given: unknown): RunConfig {
  const config = checkConfig(given);
  const problems = partsOrRefuse(() => conflicts(config)).map(
    ({ path, reason }) => `${nameOf(path)}: ${reason.replace(/\.$/, "")}.`,
  );
  if (problems.length > 0) throw new InputError(problems.join("\n"));
  return config;
}

/** Reports a part that cannot be used as the user's error. */
function partsOrRefuse<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof PartError) throw new InputError(`config.experiment: ${error.message}`);
    throw error;
  }
}

/** Checks a whole config, as read from the directory of a run. */
export function checkConfig(config: unknown): RunConfig {
  if (isTree(config) && "version" in config && config.version !== configVersion)
    throw new InputError(
      `config: version ${JSON.stringify(config.version)} is not the version ${configVersion} of this program. ` +
        "Use the release of sgmrl that wrote it, or start a new run.",
    );
  const result = runConfigSchema.safeParse(config, { error: expectation });
  if (result.success) return result.data;
  throw new InputError(issuesText(result.error.issues, config, nameOf, (path) => namesBelow(path.join("."))));
}

/** The text of config.json. */
export function configText(config: RunConfig): string {
  return `${JSON.stringify(config, null, 2)}\n`;
}

const optimizerDefaults: Readonly<Record<string, Tree>> = {
  adam: { name: "adam", learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
  sgd: { name: "sgd", learningRate: 1e-2, momentum: 0 },
};

/**
 * Fills in defaults that depend on other settings: horizon, discount, kind of policy and estimator from the
 * environment, and the fields of an optimizer that is not the preset's. Anything invalid is left for the schema to refuse.
 */
function complete(config: Tree, given: Tree): Tree {
  const { experiment, optimizer } = config;
  if (!isTree(experiment)) return config;
  const defaults = isTree(optimizer) ? optimizerDefaults[String(optimizer.name)] : undefined;
  return {
    ...config,
    experiment: completeExperiment(experiment, given.experiment),
    ...(defaults === undefined || !isTree(optimizer) ? {} : { optimizer: { ...defaults, ...optimizer } }),
  };
}

function completeExperiment(experiment: Tree, given: unknown): Tree {
  const environment = known(() => environmentOf(asExperiment(experiment)));
  // The schema will refuse the environment's name; avoid also reporting a missing estimator.
  if (environment === undefined) return { estimator: { name: "maml" }, ...experiment };
  const { horizon, discount, action } = environment;
  const { policy, estimator = {} } = experiment;
  const chosen = isTree(given) && isTree(given.policy) && "kind" in given.policy;
  const kind = action.kind === "discrete" ? "categorical-mlp" : "gaussian-mlp";
  const complete = {
    horizon,
    discount,
    ...experiment,
    policy: isTree(policy) && !chosen ? { ...policy, kind } : policy,
  };
  if (!isTree(estimator) || "name" in estimator) return complete;
  const made = known(() => policyOf(asExperiment(complete), environment));
  return { ...complete, estimator: { ...defaultEstimator(environment, made), ...estimator } };
}

/** Unchecked: functions that read it throw if it is invalid. */
function asExperiment(tree: Tree): Experiment {
  return tree as unknown as Experiment;
}

function known<T>(find: () => T): T | undefined {
  try {
    return find();
  } catch {
    return undefined;
  }
}

/**
 * The default estimator for an environment. Those for discrete actions and for differentiable programs were
 * chosen by learning at equal processor time (docs/results/defaults.md); the one for robots and other
 * continuous environments by docs/results/half-cheetah.md.
 */
function defaultEstimator(
  { action, differentiable }: Environment,
  policy: Policy | undefined,
): Experiment["estimator"] {
  if (action.kind === "discrete") return { name: "jackknife-per-decision" };
  if (differentiable !== undefined && policy?.actions !== undefined) return { name: "reparameterised" };
  return { name: "jackknife-linear", scoreCoefficient: "auto" };
}
