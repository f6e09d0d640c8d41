/** Task families in which the data gathered before adaptation limit what adaptation can achieve. */
import {
  type BanditTask,
  banditMdp,
  corridorMdp,
  corridorTasks,
  doorTasks,
  needleTasks,
  type WeightedTask,
} from "@sgmrl/envs";
import type { ExactProblem } from "../exact/problem.ts";

export interface AdaptationChoice {
  /** α and N, for one adaptation step. */
  readonly stepSize: number;
  readonly trajectories: number;
}

const asMdps = (tasks: readonly WeightedTask<BanditTask>[]): ExactProblem["tasks"] =>
  tasks.map(({ weight, task }) => ({ weight, mdp: banditMdp(task) }));

/**
 * The needle [eq:needle] with any safe reward c, from the uniform policy: rewards (1, 0, c, c) or (0, 1, c, c).
 */
export function needle(safe: number, { stepSize, trajectories }: AdaptationChoice): ExactProblem {
  return {
    tasks: asMdps(needleTasks(safe)),
    theta: [[0, 0, 0, 0]],
    inner: { stepSize, steps: 1, trajectories },
    outerTrajectories: 1,
  };
}

/**
 * Two doors [eq:two-doors]: the prize is behind the first with probability w; inner advantages are
 * standardised. θ is a single logit difference x: π(first) = 1/(1 + e^{−x}).
 */
export function twoDoors(w: number, choice: DoorsChoice, x = 0): ExactProblem {
  return doors([w, 1 - w], choice, [x / 2, -x / 2]);
}

export interface DoorsChoice extends AdaptationChoice {
  /** ζ; by default 1. */
  readonly steps?: number;
}

/** The same with any number of doors: the prize is behind door i with probability `probabilities[i]`. */
export function doors(
  probabilities: readonly number[],
  { stepSize, trajectories, steps = 1 }: DoorsChoice,
  logits: readonly number[] = probabilities.map(() => 0),
): ExactProblem {
  return {
    tasks: asMdps(doorTasks(probabilities)),
    theta: [logits],
    inner: { stepSize, steps, trajectories, advantage: "standardised" },
    outerTrajectories: 1,
  };
}

/** The corridor with both ends equally likely, starting from the uniform policy. */
export function corridor(
  length: number,
  safe: number,
  { stepSize, trajectories }: AdaptationChoice,
): ExactProblem {
  const tasks = corridorTasks.map(({ weight, task }) => ({
    weight,
    mdp: corridorMdp(length, safe, task.end),
  }));
  return {
    tasks,
    theta: tasks[0]!.mdp.rewards.map((row) => row.map(() => 0)),
    inner: { stepSize, steps: 1, trajectories },
    outerTrajectories: 1,
  };
}

/**
 * Two rival arms: the task decides which pays more, and one task pays more in total. The best initial policy
 * tries both about equally often, MAML's favours one: both stationary points are in the interior, where rates
 * can be observed.
 *
 *   r = (1, 0)   or   r = (½, 3⁄2),   equally likely;   α = 4, N = 2
 */
export function rivals(): ExactProblem {
  return {
    tasks: asMdps([
      { weight: 1 / 2, task: { means: [1, 0] } },
      { weight: 1 / 2, task: { means: [0.5, 1.5] } },
    ]),
    theta: [[1, -1]],
    inner: { stepSize: 4, steps: 1, trajectories: 2 },
    outerTrajectories: 1,
  };
}
