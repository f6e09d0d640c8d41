import type { Mdp } from "@sgmrl/envs";
import type { ExactProblem } from "../../exact/problem.ts";
import { needle } from "../problems.ts";

/** Two states, two actions, two steps: small enough to enumerate up to five trajectories or three steps. */
export const twoStateMdp: Mdp = {
  initial: [1, 0],
  transitions: [
    [
      [0.7, 0.3],
      [0.2, 0.8],
    ],
    [
      [0.5, 0.5],
      [0.9, 0.1],
    ],
  ],
  rewards: [
    [0.8, -0.5],
    [-0.3, 0.6],
  ],
  horizon: 2,
  discount: 0.9,
};

export function twoState(stepSize: number, steps: number, trajectories: number): ExactProblem {
  return {
    tasks: [{ weight: 1, mdp: twoStateMdp }],
    theta: [
      [0.3, -0.2],
      [0.1, 0.5],
    ],
    inner: { stepSize, steps, trajectories },
    outerTrajectories: 1,
  };
}

/**
 * The needle [eq:needle]: one of the first two arms is good, a different one in each task; the other two arms
 * are safe. The initial policy learns only from the arms it tries; an estimate that ignores this settles on
 * the safe arms.
 */
export function auditNeedle(trajectories: number, theta: readonly number[] = [0, 0, 0, 0]): ExactProblem {
  return { ...needle(0.45, { stepSize: 10, trajectories }), theta: [theta] };
}
