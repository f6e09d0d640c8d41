/** What the tests of several machines have in common. */

import type { Fingerprint } from "../../../src/execution/distributed/fingerprint.ts";
import type { Timing } from "../../../src/execution/distributed/timing.ts";
import type { RunConfig } from "../../../src/settings.ts";
import { smallConfig } from "../runs.ts";

/** The task that misbehaves on request. */
export const special = { seed: 0, iteration: 2, task: 3 } as const;

export const config: RunConfig = smallConfig({
  seed: special.seed,
  iterations: 4,
  tasks: 8,
  checkpointEvery: 2,
  evaluation: { every: 4, tasks: 4, finalTasks: 6, steps: 2 },
});

/** Units of a whole run: contributions, and the evaluations before and after. */
export const unitsOfRun: number = 4 * 8 + 4 + 6;

export const groupSize = 2;

/** Shorter than in earnest, so that faults are noticed in seconds. */
export const timing: Timing = {
  markMilliseconds: 3_000,
  lockMilliseconds: 3_000,
  maxStalledCount: 2,
  lookMilliseconds: 100,
  sweepMilliseconds: 50,
  overdueMilliseconds: 500,
};

export const fingerprint: Fingerprint = { code: "test", node: "0", architecture: "any", formats: "0" };

/** Names the folder of fault-unit.ts. */
export const faultVariable = "SGMRL_TEST_FAULTS";
