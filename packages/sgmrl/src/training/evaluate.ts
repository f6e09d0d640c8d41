import type { Engine } from "../execution/engine.ts";
import { type Estimate, meanWithConfidence } from "../statistics/confidence.ts";
import { heldOutKeys } from "./keys.ts";

/** Undiscounted return on held-out tasks after 0, 1, …, K adaptation steps. */
export interface HeldOut {
  readonly tasks: number;
  readonly returns: readonly Estimate[];
}

export interface HeldOutOptions {
  readonly seed: number;
  readonly tasks: number;
  /** The index of the first task; 0 by default. */
  readonly first?: number;
  /** K. */
  readonly steps: number;
  /** Called from time to time with the number of tasks done. */
  readonly onProgress?: ((done: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Number of tasks between two checks of the signal. */
const portion = 32;

/** Evaluates θ on held-out tasks; returns nothing if the signal interrupts it. */
export async function evaluateHeldOut(
  engine: Engine,
  theta: Float64Array,
  { seed, tasks, first = 0, steps, onProgress, signal }: HeldOutOptions,
): Promise<HeldOut | undefined> {
  const keys = heldOutKeys(seed, tasks, first);
  const returns: Float64Array[] = [];
  while (returns.length < tasks) {
    if (signal?.aborted) return undefined;
    const next = keys.slice(returns.length, returns.length + portion);
    const evaluations = await engine.evaluate(theta, next, steps, first + returns.length);
    for (const evaluation of evaluations) returns.push(evaluation.returns);
    onProgress?.(returns.length);
  }
  return {
    tasks,
    returns: Array.from({ length: steps + 1 }, (_, k) => meanWithConfidence(returns.map((task) => task[k]!))),
  };
}
