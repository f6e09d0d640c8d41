import { availableParallelism } from "node:os";
import { combinationOf } from "../meta-gradient/parts.ts";
import type { Unit } from "../meta-gradient/unit.ts";
import type { Experiment } from "../settings.ts";
import type { Engine } from "./engine.ts";
import { inlineEngine } from "./inline-engine.ts";
import { unitFor } from "./local-unit.ts";

/** Where units come from. Another source provides another kind of unit; workers import its module. */
export interface UnitSource {
  readonly unitFor: (experiment: Experiment) => Unit;
  /** The module that exports this `unitFor`. */
  readonly module: URL;
}

const fromSource: boolean = import.meta.url.endsWith(".ts");

export const localUnits: UnitSource = {
  unitFor,
  module: new URL(fromSource ? "./local-unit.ts" : "./local-unit.js", import.meta.url),
};

/**
 * An engine on this machine: `workers` threads, or this thread if there are 0. Even a single worker is a separate thread,
 * so that this one can respond to a signal while a unit runs.
 */
export async function localEngine(
  experiment: Experiment,
  unit: Unit,
  source: UnitSource,
  workers: number,
): Promise<Engine> {
  if (workers === 0) return inlineEngine(unit, combinationOf(experiment));
  const { threadEngine } = await import("./thread-engine.ts");
  return threadEngine(experiment, source.module, unit.parameterCount, workers);
}

export function defaultWorkers(): number {
  return availableParallelism();
}
