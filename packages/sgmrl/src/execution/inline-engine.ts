import { setImmediate } from "node:timers/promises";
import type { Unit } from "../meta-gradient/unit.ts";
import { single } from "./block.ts";
import type { Engine, TaskKeys } from "./engine.ts";

/** Runs units one after another in this thread. Between two units the event loop turns, so that signals arrive. */
export function inlineEngine(unit: Unit): Engine {
  const each = async <T>(tasks: readonly TaskKeys[], run: (keys: TaskKeys) => T): Promise<T[]> => {
    const results: T[] = [];
    for (const keys of tasks) {
      results.push(run(keys));
      await setImmediate();
    }
    return results;
  };
  return {
    contribute: (theta, tasks) =>
      each(tasks, ({ task, noise }) => single(unit.contribute(theta, task, noise))),
    evaluate: (theta, tasks, steps) =>
      each(tasks, ({ task, noise }) => unit.evaluate(theta, task, noise, steps)),
    close: async () => {},
  };
}
