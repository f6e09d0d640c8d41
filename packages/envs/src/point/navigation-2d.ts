/**
 * 2-D navigation: a point walks from the origin to a goal that it does not observe.        [eq:navigation-2d]
 *
 *   s_0 = 0,   g ~ U[-1/2, 1/2]^2
 *   u   = clip(a / 100, 0.1)                      per axis: the action bound 0.1 and the x10 action scale
 *   s'  = clip(s + u, 1/2)                        per axis: the arena
 *   r   = -||s' - g||_2
 *   terminated  when |s'_i - g_i| < 0.01 on both axes
 *
 * Observation s. Horizon 100. Standing still returns -38.26 on average, walking straight to the goal -0.50.
 * Reaching the goal ends a stream of negative rewards. The estimators here use a fixed number of whole
 * trajectories per task, so steps saved by a short trajectory are not spent on another.
 *
 * Source  point_env_2d_v2 of the code of Fallah et al., NeurIPS 2021, arXiv:2002.05135, under its wrapper
 */
import { actionScale, clip, scaledAction } from "../framework/action-scaling.ts";
import { assertTask } from "../framework/check-task.ts";
import { defineEnvironment } from "../framework/define-environment.ts";
import type { Dynamics, Environment } from "../framework/environment.ts";
import { box } from "../framework/space.ts";
import { cubeFamily } from "../framework/task-family.ts";
import { navigationProgram } from "./navigation-2d-program.ts";
import { copyRow, distanceTo, type GoalTask, goalInWords } from "./plane.ts";

const arena = 0.5;
const stepBound = 0.1;
const tolerance = 0.01;

/** Options in which published versions of the problem differ. */
export interface Navigation2DOptions {
  readonly name?: string;
  /** Policy actions are divided by scale / 0.1. With 0.1, they are displacements. */
  readonly actionScale?: number;
  /** Whether reaching the goal ends the trajectory. */
  readonly terminates?: boolean;
}

/**
 * The paper's 2-D navigation, by default as in its public code: actions are scaled by      [eq:navigation-2d]
 * 1/100, and reaching the goal terminates.
 *
 * Shapes  state and observation [2], action [2]
 */
export function navigation2D({
  name = "navigation-2d",
  actionScale: scale = actionScale,
  terminates = true,
}: Navigation2DOptions = {}): Environment<GoalTask> {
  return defineEnvironment({
    name,
    summary:
      "a point walks from the origin to an unknown goal in a square arena (the paper's 2-D navigation)",
    observation: box(2, -arena, arena),
    action: box(2, -scale, scale),
    stateSize: 2,
    horizon: 100,
    discount: 0.99,
    family: cubeFamily("the goal is uniform over the arena [-0.5, 0.5]^2", 2, (u) => ({
      goal: [arena * (2 * u[0]! - 1), arena * (2 * u[1]! - 1)],
    })),
    inWords: goalInWords,
    dynamics: (task) => navigationDynamics(task, name, scale, terminates),
    differentiable: navigationProgram({ arena, stepBound, tolerance, actionScale: scale, terminates }),
    picture: {
      position: [0, 1],
      scene: ({ goal: [x, y] }) => ({
        bounds: { x: [-arena, arena], y: [-arena, arena] },
        marks: [{ kind: "goal", x, y, radius: tolerance }],
      }),
    },
  });
}

function navigationDynamics(task: GoalTask, name: string, scale: number, terminates: boolean): Dynamics {
  assertTask(name, { goal: 2 }, task);
  const { goal } = task;
  return {
    start(_key, state, s) {
      state[s] = 0;
      state[s + 1] = 0;
    },

    advance(state, s, action, a) {
      const x = clip(state[s]! + scaledAction(action[a]!, stepBound, scale), arena);
      const y = clip(state[s + 1]! + scaledAction(action[a + 1]!, stepBound, scale), arena);
      state[s] = x;
      state[s + 1] = y;
      return -distanceTo(goal, x, y);
    },

    terminal: (state, s) =>
      terminates &&
      Math.abs(state[s]! - goal[0]) < tolerance &&
      Math.abs(state[s + 1]! - goal[1]) < tolerance,

    observe: copyRow(2),
  };
}
