import { setImmediate } from "node:timers/promises";
import type { Combination } from "../meta-gradient/combine.ts";
import type { Unit } from "../meta-gradient/unit.ts";
import { blocksOf } from "./block.ts";
import type { Engine, TaskKeys } from "./engine.ts";

/** Runs units one after another in this thread. Between units it yields to the event loop, so that signals arrive. */
export function inlineEngine(unit: Unit, combination: Combination): Engine {
  const each = async <T>(tasks: readonly TaskKeys[], run: (keys: TaskKeys) => T): Promise<T[]> => {
    const results: T[] = [];
    for (const keys of tasks) {
      results.push(run(keys));
      await setImmediate();
    }
    return results;
  };
  return {
    contribute: async (theta, tasks) => {
      const results = await each(tasks, ({ task, noise }) => unit.contribute(theta, task, noise));
      return results.flatMap((result, i) => blocksOf(combination, [tasks[i]!], [result]));
    },
    evaluate: (theta, tasks, steps) =>
      each(tasks, ({ task, noise }) => unit.evaluate(theta, task, noise, steps)),
    close: async () => {},
  };
}
