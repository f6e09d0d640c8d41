/** The entry of a worker's thread: keeps the units of the last few experiments, and runs groups. */
import { loadModules, type ModulePaths } from "../../config/modules.ts";
import type { Unit } from "../../meta-gradient/unit.ts";
import type { Experiment } from "../../settings.ts";
import { refuseExit } from "../refuse-exit.ts";
import type { GroupResult } from "./blob.ts";
import { runGroup } from "./group.ts";
import type { GroupJob } from "./protocol.ts";

export interface ComputeTask {
  readonly experiment: Experiment;
  readonly unitModule: string;
  /** Where the experiment's own modules are on this machine. */
  readonly modulePaths: ModulePaths;
  /** In memory that threads share. */
  readonly theta: Float64Array;
  readonly job: GroupJob;
}

refuseExit();
const unitsKept = 4;
const units = new Map<string, Unit>();

async function unitOf({
  experiment,
  unitModule,
  modulePaths,
}: Pick<ComputeTask, "experiment" | "unitModule" | "modulePaths">): Promise<Unit> {
  const name = JSON.stringify(experiment);
  const known = units.get(name);
  if (known !== undefined) return known;
  await loadModules(experiment, modulePaths);
  const { unitFor } = await import(unitModule);
  const unit: Unit = unitFor(experiment);
  if (units.size >= unitsKept) units.delete(units.keys().next().value!);
  units.set(name, unit);
  return unit;
}

export default async function compute({ theta, job, ...what }: ComputeTask): Promise<GroupResult> {
  return runGroup(what.experiment, await unitOf(what), theta, job);
}
