/** The unit as it runs on this machine: with the backend its experiment names, and a clock for its phases. */
import { type Backend, reference } from "@sgmrl/autodiff";
import type { Experiment } from "../experiment.ts";
import { createUnit as pureUnit, type Unit } from "../unit.ts";

const backends: Readonly<Partial<Record<Experiment["backend"], Backend>>> = { reference };

export function createUnit(experiment: Experiment): Unit {
  const backend = backends[experiment.backend];
  if (backend === undefined)
    throw new RangeError(
      `backend: "${experiment.backend}" cannot run here. Use one of ${Object.keys(backends).join(", ")}.`,
    );
  return pureUnit(experiment, { backend, clock: () => performance.now() / 1000 });
}
