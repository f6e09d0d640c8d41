import { findEnvironment } from "@sgmrl/envs";
import { at } from "../config/tree.ts";
import type { RunConfig } from "../settings.ts";
import { counted } from "../wording.ts";
import { shortName } from "./labels.ts";
import { lastShared } from "./over-seeds.ts";
import type { Group } from "./runs.ts";

/** Settings that define the return: if they differ, returns are not comparable. */
const deciding: readonly string[] = [
  "experiment.environment",
  "experiment.horizon",
  "experiment.discount",
  "evaluation.tasks",
  "evaluation.finalTasks",
  "evaluation.steps",
];

/** Why groups cannot be compared: a sentence that names every setting that differs, and one about seeds. */
export function incomparable(groups: readonly Group[]): string[] {
  const [first, ...others] = groups.map(({ runs: [{ config }] }) => config);
  if (first === undefined) return [];
  const paths = [...deciding, ...modulesOf([first, ...others]).map((name) => `experiment.modules.${name}`)];
  const differing = paths.flatMap((path) => {
    const values = [...new Set([first, ...others].map((config) => settingOf(config, path)))];
    return values.length === 1 ? [] : [`${shortName(path)} (${values.join("; ")})`];
  });
  const seeds = new Set(
    groups.map(({ runs }) =>
      runs
        .map(({ config }) => config.seed)
        .sort()
        .join(", "),
    ),
  );
  return [
    ...(differing.length > 0 ? [`Not comparable: the runs differ in ${differing.join(", ")}.`] : []),
    ...(seeds.size > 1
      ? [
          `The runs have different seeds (${[...seeds].join("; ")}) and so different held-out tasks: differences between them are noisier.`,
        ]
      : []),
  ];
}

/** A warning for each group whose runs have not been evaluated equally late. */
export function unequallyLate(groups: readonly Group[]): string[] {
  return groups.flatMap((group) => {
    const reached = group.runs.map(({ evaluations }) => evaluations.at(-1)?.iteration ?? -1);
    const latest = Math.max(...reached);
    const early = group.runs.flatMap(({ config: { seed } }, r) =>
      reached[r]! === latest
        ? []
        : [`seed ${seed} ${reached[r]! < 0 ? "has none" : `ends at ${reached[r]}`}`],
    );
    if (early.length === 0) return [];
    const shared = lastShared(group);
    return [
      `${group.label}: the last evaluation is that of iteration ${latest}, but ${early.join(", ")}. ` +
        (shared === undefined
          ? "There is none that all seeds have made."
          : `Returns are those of iteration ${shared}, the last that all seeds have evaluated.`),
    ];
  });
}

/** A warning for each group whose runs have been evaluated equally late, but not at their end. */
export function unfinished(groups: readonly Group[]): string[] {
  return groups.flatMap((group) => {
    const { iterations } = group.runs[0].config;
    const shared = lastShared(group);
    if (shared === iterations || unequallyLate([group]).length > 0) return [];
    return [
      shared === undefined
        ? `${group.label}: nothing is evaluated yet, of ${counted(iterations, "iteration")}.`
        : `${group.label}: returns are those of iteration ${shared} of ${iterations}, the last that is evaluated; ` +
          `the ${group.runs.length === 1 ? "run has" : "runs have"} not finished.`,
    ];
  });
}

/** Custom environments: a module of the same name may hold different code. */
function modulesOf(configs: readonly RunConfig[]): string[] {
  const names = configs.flatMap(({ experiment: { environment, modules = {} } }) =>
    environment in modules ? [environment] : [],
  );
  return [...new Set(names)];
}

/** The setting at a path, with the environment's default if the config has none. */
function settingOf(config: RunConfig, path: string): string {
  const { environment, modules = {} } = config.experiment;
  if (path.startsWith("experiment.modules."))
    return modules[path.slice("experiment.modules.".length)] ?? "none";
  const value = at(config, path);
  if (value !== undefined) return String(value);
  if (environment in modules) return "the environment's own";
  const { horizon, discount } = findEnvironment(environment);
  return String(path === "experiment.horizon" ? horizon : discount);
}
