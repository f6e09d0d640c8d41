/**
 * A unit whose cost is known: its thread waits `horizon` milliseconds, without using the processor, and gives a gradient
 * of 12,512 numbers. What a round takes beyond the waiting is the engine's.
 */

import type { Unit } from "../../../packages/sgmrl/src/meta-gradient/unit.ts";
import type { Experiment } from "../../../packages/sgmrl/src/settings.ts";

export const parameterCount = 12_512;

export function unitFor({ horizon = 0 }: Experiment): Unit {
  const clock = new Int32Array(new SharedArrayBuffer(4));
  return {
    parameterCount,
    parameters: [{ name: "theta", shape: [parameterCount] }],
    initialize: () => new Float64Array(parameterCount),
    contribute(theta, task) {
      if (horizon > 1) Atomics.wait(clock, 0, 0, horizon);
      return {
        pathwise: Float64Array.from(theta, (_, i) => Math.sin(task.k0 + i)),
        score: null,
        meanReturn: task.k0,
        statistics: { preReturn: 0, postReturn: 1 },
        seconds: { rollout: 0, adapt: 0, metaGradient: 0 },
      };
    },
    evaluate: () => ({ task: null, returns: new Float64Array(1) }),
  };
}
