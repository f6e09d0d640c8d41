/**
 * Finished or running runs, read from their directories and grouped: runs of a group differ only in the seed.
 */

import { InputError } from "../errors.ts";
import type { RunConfig } from "../settings.ts";
import type { Estimate } from "../statistics/confidence.ts";
import { listCheckpoints, readRecord } from "../training/store/checkpoint.ts";
import { damageOf, evaluationProblem, metricsProblem, timingProblem } from "../training/store/journal.ts";
import { type RunFiles, readConfig, readLines, runFiles } from "../training/store/run-directory.ts";
import { labelsOf } from "./labels.ts";

export type MetricsLine = Readonly<Record<string, number | null>>;

export interface EvaluationLine {
  readonly iteration: number;
  readonly tasks: number;
  readonly returns: readonly Estimate[];
}

export interface RecordedRun {
  readonly directory: string;
  readonly config: RunConfig;
  readonly configSha256: string;
  readonly metrics: readonly MetricsLine[];
  readonly evaluations: readonly EvaluationLine[];
  readonly timings: readonly MetricsLine[];
  /** Problems with its files, one sentence each. */
  readonly damage: readonly string[];
}

export interface Group {
  /** What distinguishes this group from the others. */
  readonly label: string;
  readonly runs: readonly [RecordedRun, ...RecordedRun[]];
}

/** Reads a run; a damaged one is read as far as possible, and lists the damage. */
export function readRun(directory: string): RecordedRun {
  const files = runFiles(directory);
  const metrics = readLines<MetricsLine>(files.metrics, metricsProblem);
  const evaluations = readLines<EvaluationLine>(files.evaluations, evaluationProblem);
  const timings = readLines<MetricsLine>(files.timings, timingProblem);
  const { config, configSha256 } = readConfig(directory);
  const damage = [
    ...checkpointDamage(files, configSha256),
    ...[metrics, evaluations, timings].flatMap((journal) => journal.damage),
  ];
  return {
    directory,
    config,
    configSha256,
    metrics: metrics.lines,
    evaluations: evaluations.lines,
    timings: timings.lines,
    damage: [...new Set(damage)].map((problem) => `${directory}: ${problem}`),
  };
}

/** Problems if the last checkpoint, the config and the journals do not match each other. */
function checkpointDamage(files: RunFiles, configSha256: string): string[] {
  const last = listCheckpoints(files.checkpoints).at(-1);
  if (last === undefined) return [];
  try {
    const { configSha256: written, journals } = readRecord(files.checkpoints, last);
    if (written !== configSha256) return ["config.json: changed since the last checkpoint was written"];
    return (["metrics", "evaluations"] as const).flatMap(
      (name) => damageOf(files[name], journals[name]!) ?? [], // of every record
    );
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    // Whoever writes the run has replaced the last checkpoint while it was read.
    if (listCheckpoints(files.checkpoints).at(-1) !== last) return checkpointDamage(files, configSha256);
    return [error.message.replace(/\.$/, "")];
  }
}

/** The same for runs that differ in their seed alone. */
export function groupKey({ config: { seed: _, ...rest } }: RecordedRun): string {
  return JSON.stringify(rest);
}

/** Groups runs by their config without the seed, in the given order, labelled by the settings that differ. */
export function groupRuns(runs: readonly RecordedRun[]): Group[] {
  const groups = new Map<string, [RecordedRun, ...RecordedRun[]]>();
  for (const run of runs) {
    const key = groupKey(run);
    const group = groups.get(key);
    if (group?.some((other) => other.config.seed === run.config.seed))
      throw new InputError(`${run.directory}: another of the given runs has the same config and seed.`);
    if (group === undefined) groups.set(key, [run]);
    else group.push(run);
  }
  const members = [...groups.values()];
  const labels = labelsOf(members.map(([{ config }]) => config));
  return members.map((runs, i) => ({ runs, label: labels[i]! }));
}
