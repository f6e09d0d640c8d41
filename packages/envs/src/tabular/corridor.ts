/**
 * The corridor: cells −n … n, start in the middle, a treasure at the end that the task selects.      [eq:corridor]
 *
 *   left, right   moves one cell, up to the end of the corridor
 *   camp          stays, and pays `safe`/H
 *   any action at the treasure's end pays 1
 *   H = n + 1: the treasure pays once, only after walking straight there; camping throughout pays `safe`
 *
 * As in the needle, only trajectories that reach the correct end reveal the treasure; here that takes n
 * correct steps, which the uniform policy takes with probability 3^−n.
 */
import type { Environment } from "../framework/environment.ts";
import { EnvironmentError } from "../framework/errors.ts";
import type { Mdp } from "../framework/mdp.ts";
import { finiteFamily, type WeightedTask } from "../framework/task-family.ts";
import { finiteEnvironment } from "./finite-environment.ts";

/** Where the treasure is. */
export interface CorridorTask {
  readonly end: "left" | "right";
}

/** Actions of the corridor. */
export const corridorActions = ["left", "right", "camp"] as const;

/** Both ends, equally likely. */
export const corridorTasks: readonly WeightedTask<CorridorTask>[] = [
  { weight: 1 / 2, task: { end: "left" } },
  { weight: 1 / 2, task: { end: "right" } },
];

/**
 * The corridor with n = 2 and a camp worth 0.45 in all: five cells, H = 3, both ends equally likely.
 *
 * Errors  `EnvironmentError` for a task whose end is neither left nor right
 */
export function treasureCorridor(): Environment<CorridorTask> {
  const [length, safe] = [2, 0.45];
  return finiteEnvironment<CorridorTask>({
    name: "corridor",
    summary: "a treasure at one end of a corridor, or a camp in the middle that pays at once",
    states: 2 * length + 1,
    actions: corridorActions.length,
    horizon: length + 1,
    discount: 1,
    family: finiteFamily(
      "the treasure is at the left or the right end, each with probability 1/2",
      corridorTasks,
    ),
    inWords: ({ end }) => `the treasure is at the ${end} end`,
    mdp(task) {
      const end = task?.end; // it may be anything
      if (end !== "left" && end !== "right")
        throw new EnvironmentError("corridor", "task.end", end, '"left" or "right"');
      return corridorMdp(length, safe, end);
    },
    rewardNoise: "none",
    endsAtOnce: false,
  });
}

/** The task as an MDP, for any half length n and any value of camping throughout. */
export function corridorMdp(length: number, safe: number, end: CorridorTask["end"]): Mdp {
  const n = length;
  const [cells, horizon] = [2 * n + 1, n + 1];
  const treasure = end === "left" ? 0 : cells - 1;
  const unit = (cell: number): number[] => Array.from({ length: cells }, (_, i) => (i === cell ? 1 : 0));
  return {
    initial: unit(n),
    transitions: Array.from({ length: cells }, (_, s) => [
      unit(Math.max(0, s - 1)),
      unit(Math.min(cells - 1, s + 1)),
      unit(s),
    ]),
    rewards: Array.from({ length: cells }, (_, s) =>
      corridorActions.map((action) => (s === treasure ? 1 : action === "camp" ? safe / horizon : 0)),
    ),
    horizon,
    discount: 1,
  };
}
