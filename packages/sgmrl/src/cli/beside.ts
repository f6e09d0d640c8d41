/** `train --beside`: two runs that differ in their estimator alone, in directories beside each other. */

import { existsSync } from "node:fs";
import { checkNewConfig, configText } from "../config/parse-config.ts";
import { InputError } from "../errors.ts";
import { limits, readText } from "../files/read-file.ts";
import type { RunConfig } from "../settings.ts";
import { progressOf } from "../training/resume.ts";
import { refuseRun, runFiles } from "../training/store/run-directory.ts";

/** One of the two: its settings, and what its directory holds of it, or of another run. */
export interface Place {
  readonly config: RunConfig;
  readonly directory: string;
  readonly holds: "nothing" | "a part" | "all" | "another run";
}

export interface Pair {
  readonly own: Place;
  readonly other: Place;
}

/** The same run with another estimator of the table; undefined if the estimator is the same. */
export function besides(config: RunConfig, name: string): RunConfig | undefined {
  const { estimator, modules = {}, ...rest } = config.experiment;
  if (estimator.name === name) return undefined;
  const kept = Object.entries(modules).filter(([module]) => module !== estimator.name);
  const others = kept.length === 0 ? {} : { modules: Object.fromEntries(kept) };
  try {
    return checkNewConfig({ ...config, experiment: { ...rest, ...others, estimator: { name } } });
  } catch (error) {
    if (error instanceof InputError) throw new InputError(`--beside ${name}: ${error.message}`);
    throw error;
  }
}

/** The two runs, if the first of them is in `directory`. */
export function pairIn(directory: string, own: RunConfig, other: RunConfig): Pair {
  const beside = `${directory}-beside-${other.experiment.estimator.name}`;
  return { own: placeOf(own, directory), other: placeOf(other, beside) };
}

function placeOf(config: RunConfig, directory: string): Place {
  const { config: path } = runFiles(directory);
  if (!existsSync(path)) return { config, directory, holds: "nothing" };
  if (readText(path, limits.settings) !== configText(config))
    return { config, directory, holds: "another run" };
  return { config, directory, holds: progressOf(directory, config)?.finished ? "all" : "a part" };
}

/** Whether the same command has been interrupted there. The other run is the first to be trained. */
export function isInterrupted({ own, other }: Pair): boolean {
  const held = [own.holds, other.holds];
  return other.holds !== "nothing" && !held.includes("another run") && held.some((holds) => holds !== "all");
}

/** Whether the two can be trained there. */
export function isFree(pair: Pair): boolean {
  return isInterrupted(pair) || (pair.own.holds === "nothing" && pair.other.holds === "nothing");
}

/**
 * Refuses directories where one of the two could not begin, or go on, before either is trained.
 *
 * Errors  InputError with the directory
 */
export function refuseTaken(pair: Pair): void {
  for (const { directory, holds } of [pair.own, pair.other])
    if (holds === "nothing" || !isInterrupted(pair)) refuseRun(directory);
}
