/** The unit as it runs on this machine: with the backend its experiment names, and a clock for its phases. */
import { type Backend, reference } from "@sgmrl/autodiff";
import { wasm } from "@sgmrl/autodiff/wasm";
import { partsOf } from "../meta-gradient/parts.ts";
import { createUnit, type Unit } from "../meta-gradient/unit.ts";
import type { Experiment } from "../settings.ts";

const backends: Readonly<Record<Experiment["backend"], Backend>> = { reference, wasm };

export function unitFor(experiment: Experiment): Unit {
  const clock = (): number => performance.now() / 1000;
  return createUnit(partsOf(experiment), { backend: backends[experiment.backend], clock });
}
