/** The steps of a plan as functions, called in order. */

import { FunctionBuilder } from "../assembler/function.ts";
import type { Addresses } from "../plan/nodes.ts";
import type { Step } from "../plan/schedule.ts";
import { isElementary } from "./elementwise.ts";
import { emitCluster } from "./loop.ts";

/** Maximum number of calls in one function, since hosts limit its length. */
const mostCalls = 10_000;

export function emitSteps(run: FunctionBuilder, steps: readonly Step[], addresses: Addresses): void {
  if (steps.length > mostCalls) {
    for (let from = 0; from < steps.length; from += mostCalls) {
      const part = new FunctionBuilder(`${run.name} from ${from}`, []);
      emitSteps(part, steps.slice(from, from + mostCalls), addresses);
      run.call(part);
    }
    return;
  }
  steps.forEach((step, i) => {
    const fn = new FunctionBuilder(`${run.name} step ${i}`, []);
    if (step.kind === "cluster") emitCluster(fn, step, addresses);
    else step.node.emit(fn, step.node, addresses);
    run.call(fn);
  });
}

/** Scratch memory that the steps share; they run one after the other. */
export function scratchBytes(steps: readonly Step[]): number {
  return steps.reduce((most, step) => Math.max(most, step.kind === "kernel" ? step.node.scratchBytes : 0), 0);
}

/** The number of elementary functions that the steps apply, including those inside loops and branches. */
export function countElementary(steps: readonly Step[]): number {
  return steps.reduce(
    (sum, step) =>
      sum +
      (step.kind === "cluster"
        ? step.nodes.filter(isElementary).length
        : countElementary(step.node.inside ?? [])),
    0,
  );
}
