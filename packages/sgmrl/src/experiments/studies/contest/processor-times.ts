import { unitFor } from "../../../execution/local-unit.ts";
import type { RunConfig } from "../../../settings.ts";
import { trainingKeys } from "../../../training/keys.ts";

/** How often each config is timed. */
const rounds = 9;
/** Milliseconds for which batches are repeated in a round, about. */
const atLeast = 200;
/** Milliseconds of untimed batches at first, in which the code is compiled. */
const untimed = 500;

/**
 * Processor time per task of each config at its θ, in milliseconds: the median over rounds, which are
 * interleaved so that other work on the machine affects all configs equally.
 */
export function processorTimes(configs: readonly RunConfig[], thetas: readonly Float64Array[]): number[] {
  const batches = configs.map((config, i) => {
    const unit = unitFor(config.experiment);
    let k = 0;
    const batch = (): number => {
      const keys = trainingKeys(config, k++); // by its own sampling: on a lattice not every task need be scored
      for (const { task, noise } of keys) unit.contribute(thetas[i]!, task, noise);
      return keys.length;
    };
    const started = processorTime();
    let batches = 0;
    do {
      batch();
      batches++;
    } while (processorTime() - started < untimed);
    const repeated = Math.ceil((atLeast * batches) / (processorTime() - started));
    return (): number => {
      const begun = processorTime();
      let tasks = 0;
      for (let r = 0; r < repeated; r++) tasks += batch();
      return (processorTime() - begun) / tasks;
    };
  });
  const times = batches.map((): number[] => []);
  for (let round = 0; round < rounds; round++) batches.forEach((batch, i) => void times[i]!.push(batch()));
  return times.map((each) => each.sort((a, b) => a - b)[(rounds - 1) / 2]!);
}

/** Processor time of the whole process, in milliseconds. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
