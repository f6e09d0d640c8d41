/** Computes a group of tasks, with the same units and the same calls as on one machine. */
import type { Key } from "@sgmrl/autodiff/random";
import { combinationOf } from "../../meta-gradient/parts.ts";
import type { Unit } from "../../meta-gradient/unit.ts";
import type { Experiment } from "../../settings.ts";
import { blocksOf } from "../block.ts";
import type { TaskKeys } from "../engine.ts";
import type { GroupResult } from "./blob.ts";
import type { GroupJob } from "./protocol.ts";

/** A unit that threw, with the place that names it for a replay. */
class UnitError extends Error {
  override readonly name = "UnitError";
}

export function runGroup(
  experiment: Experiment,
  unit: Unit,
  theta: Float64Array,
  { work, first, keys }: Pick<GroupJob, "work" | "first" | "keys">,
): GroupResult {
  const tasks = keys.map(([t0, t1, n0, n1, ...place]): TaskKeys => {
    const task = key(t0, t1);
    return { task: place.length === 0 ? task : { ...task, place }, noise: key(n0, n1) };
  });
  const each = <T>(run: (keys: TaskKeys) => T): T[] =>
    tasks.map((task, i) => {
      try {
        return run(task);
      } catch (error) {
        throw new UnitError(`task ${first + i}: ${error instanceof Error ? error.message : error}`);
      }
    });
  if (work.kind === "evaluate")
    return {
      kind: "evaluate",
      evaluations: each(({ task, noise }) => unit.evaluate(theta, task, noise, work.steps)),
    };
  const results = each(({ task, noise }) => unit.contribute(theta, task, noise));
  return { kind: "contribute", blocks: blocksOf(combinationOf(experiment), tasks, results) };
}

function key(k0: number, k1: number): Key {
  return { k0, k1 };
}
