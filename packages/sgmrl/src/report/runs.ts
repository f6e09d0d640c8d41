/** Finished or running runs, read from their directories, in groups that differ in the seed alone. */
import type { RunConfig } from "../config/run-config.ts";
import type { Estimate } from "../run/confidence.ts";
import { InputError } from "../run/errors.ts";
import { readConfig, readLines, runFiles } from "../run/run-directory.ts";

export type MetricsLine = Readonly<Record<string, number | null>>;

export interface EvaluationLine {
  readonly iteration: number;
  readonly tasks: number;
  readonly returns: readonly Estimate[];
}

export interface RunRecord {
  readonly directory: string;
  readonly config: RunConfig;
  readonly configSha256: string;
  readonly metrics: readonly MetricsLine[];
  readonly evaluations: readonly EvaluationLine[];
  readonly timings: readonly MetricsLine[];
}

export interface Group {
  /** What tells this group from the others. */
  readonly label: string;
  readonly runs: readonly [RunRecord, ...RunRecord[]];
}

export function readRun(directory: string): RunRecord {
  const files = runFiles(directory);
  return {
    directory,
    ...readConfig(directory),
    metrics: readLines(files.metrics),
    evaluations: readLines(files.evaluations),
    timings: readLines(files.timings),
  };
}

/** Groups runs by their config without its seed, in the order given, each labelled by what differs. */
export function groupRuns(runs: readonly RunRecord[]): Group[] {
  const groups = new Map<string, [RunRecord, ...RunRecord[]]>();
  for (const run of runs) {
    const { seed, ...rest } = run.config;
    const key = JSON.stringify(rest);
    const group = groups.get(key);
    if (group?.some((other) => other.config.seed === seed))
      throw new InputError(`${run.directory}: another of the runs has the same config and the same seed.`);
    if (group === undefined) groups.set(key, [run]);
    else group.push(run);
  }
  const members = [...groups.values()];
  const leaves = members.map(([{ config }]) => leavesOf(config));
  const paths = new Set(leaves.flatMap((leaf) => [...leaf.keys()]));
  const differing = [...paths].filter(
    (path) => path !== "seed" && new Set(leaves.map((leaf) => leaf.get(path))).size > 1,
  );
  return members.map((runs, i) => ({ runs, label: labelOf(runs[0].config, leaves[i]!, differing) }));
}

/** The estimator, then every other field that differs between the groups: "maml, stepSize 0.1". */
function labelOf(
  { experiment }: RunConfig,
  leaves: ReadonlyMap<string, string>,
  differing: readonly string[],
): string {
  const others = differing
    .filter((path) => path !== "experiment.estimator.name")
    .map((path) => `${path.split(".").at(-1)} ${leaves.get(path) ?? "unset"}`);
  return [experiment.estimator.name, ...others].join(", ");
}

/** Every field of a config by its path, as text. */
function leavesOf(value: unknown, path = ""): Map<string, string> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return new Map([[path, String(value)]]);
  return new Map(
    Object.entries(value).flatMap(([name, inner]) => [
      ...leavesOf(inner, path === "" ? name : `${path}.${name}`),
    ]),
  );
}
