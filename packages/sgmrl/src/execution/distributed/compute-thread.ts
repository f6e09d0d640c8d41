/** The entry of a worker's thread: keeps the units of the last few experiments, and runs groups. */
import type { Experiment } from "../../meta-gradient/experiment.ts";
import type { Unit } from "../../meta-gradient/unit.ts";
import type { GroupResult } from "./blob.ts";
import { runGroup } from "./group.ts";
import type { GroupJob } from "./protocol.ts";

export interface ComputeTask {
  readonly experiment: Experiment;
  readonly unitModule: string;
  /** In memory that threads share. */
  readonly theta: Float64Array;
  readonly job: GroupJob;
}

const unitsKept = 4;
const units = new Map<string, Unit>();

async function unitOf(experiment: Experiment, unitModule: string): Promise<Unit> {
  const name = JSON.stringify(experiment);
  const known = units.get(name);
  if (known !== undefined) return known;
  const { createUnit } = await import(unitModule);
  const unit: Unit = createUnit(experiment);
  if (units.size >= unitsKept) units.delete(units.keys().next().value!);
  units.set(name, unit);
  return unit;
}

export default async function compute({
  experiment,
  unitModule,
  theta,
  job,
}: ComputeTask): Promise<GroupResult> {
  return runGroup(experiment, await unitOf(experiment, unitModule), theta, job);
}
