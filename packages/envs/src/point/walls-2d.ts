/**
 * Corners behind two circular walls, each with one gap; goal and gaps are the task.            [eq:walls-2d]
 *
 *   s_0 ~ U[-0.2, 0.2]^2
 *   u   = clip(a / 50, 0.2)                       per axis: the action bound 0.2 and the x10 action scale
 *   s'  = s + u, then s' <- R s' / (||s'|| + 1e-6 R)    if ||s|| < R < ||s'|| and ||s' - gap_R|| > 1,   R = 1, 2
 *   r   = -||s' - g||_2                                                               dense
 *   r   = ||s - g||_2 - ||s' - g||_2   if ||s' - g||_2 < 2,   0 otherwise             sparse
 *
 *   g uniform over (±2, ±2),   gap_1 uniform on the circle of radius 1,   gap_2 on that of radius 2
 *
 * Walls stop outward moves only, as in the source. Observation s. Horizon 100, no termination.
 *
 * Mended    the source computes the reward before the wall has stopped the move, so that pushing against a wall
 *           is rewarded like passing it; here the reward is that of the state reached. Its sparse reward is
 *           undefined outside the radius; here it is 0.
 * Source    point_env_2d_walls of the code of Fallah et al., NeurIPS 2021, arXiv:2002.05135
 */
import { type Key, normalAt, uniformAt } from "@sgmrl/autodiff/random";
import { actionScale, scaledAction } from "../framework/action-scaling.ts";
import { assertOneOf } from "../framework/check.ts";
import { assertTask } from "../framework/check-task.ts";
import { defineEnvironment } from "../framework/define-environment.ts";
import type { Dynamics, Environment } from "../framework/environment.ts";
import { box, uniformAround0 } from "../framework/space.ts";
import { listed } from "../render/decimals.ts";
import { copyRow, cornerMarks, corners, distanceTo, type Point } from "./plane.ts";
import { wallsProgram } from "./walls-2d-program.ts";

const stepBound = 0.2;
const startBound = 0.2;
const gapRadius = 1;
const rewardRadius = 2;
const drawn = 3;
const origin: Point = [0, 0];

/** The corner to reach, and the gaps in the walls. */
export interface WallsTask {
  readonly goal: Point;
  /** The middle of the gap in the wall of radius 1. */
  readonly gap1: Point;
  /** The middle of the gap in the wall of radius 2. */
  readonly gap2: Point;
}

/** −distance (dense), or progress while within 2 of the goal (sparse). */
export type WallsReward = "sparse" | "dense";

/** Corners behind walls. Shapes  state, observation and action [2]             [eq:walls-2d] */
export function walls2D(reward: WallsReward): Environment<WallsTask> {
  assertOneOf("walls-2d", "reward", reward, ["sparse", "dense"]);
  const name = reward === "dense" ? "walls-2d" : `walls-2d-${reward}`;
  return defineEnvironment({
    name,
    summary: `a point leaves two walls through unknown gaps to reach an unknown corner, ${reward} reward`,
    observation: box(2, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY),
    action: box(2, -actionScale, actionScale),
    stateSize: 2,
    horizon: 100,
    discount: 0.99,
    family: {
      description: "the goal is a corner (±2, ±2); the gaps are uniform on the circles of radius 1 and 2",
      sample: (key) => ({
        goal: corners[Math.floor(4 * uniformAt(key, 0))]!,
        gap1: pointOnCircle(key, 1, 1),
        gap2: pointOnCircle(key, 2, 3),
      }),
    },
    inWords: ({ goal, gap1, gap2 }) =>
      `to (${listed(goal)}) through gaps at (${listed(gap1)}) and (${listed(gap2)})`,
    dynamics: (task) => wallsDynamics(task, name, reward),
    differentiable: wallsProgram(reward, { stepBound, gapRadius, rewardRadius }),
    picture: {
      position: [0, 1],
      scene: ({ goal, gap1, gap2 }) => ({
        bounds: { x: [-drawn, drawn], y: [-drawn, drawn] },
        marks: [
          { kind: "circle", x: 0, y: 0, radius: 1 },
          { kind: "circle", x: 0, y: 0, radius: 2 },
          { kind: "circle", x: gap1[0], y: gap1[1], radius: gapRadius },
          { kind: "circle", x: gap2[0], y: gap2[1], radius: gapRadius },
          ...cornerMarks(goal),
        ],
      }),
    },
  });
}

/** radius z / ||z||, z two normals of the key from `index` on: uniform on the circle, without cos and sin. */
function pointOnCircle(key: Key, radius: number, index: number): Point {
  const [x, y] = [normalAt(key, index), normalAt(key, index + 1)];
  const scale = radius / Math.sqrt(x * x + y * y);
  return [scale * x, scale * y];
}

function wallsDynamics(task: WallsTask, name: string, reward: WallsReward): Dynamics {
  assertTask(name, { goal: 2, gap1: 2, gap2: 2 }, task);
  const { goal, gap1, gap2 } = task;
  const blocked = (radius: number, gap: Point, r: number, x: number, y: number): boolean =>
    r < radius && distanceTo(origin, x, y) > radius && distanceTo(gap, x, y) > gapRadius;

  return {
    start(key, state, s) {
      state[s] = uniformAround0(key, 0, startBound);
      state[s + 1] = uniformAround0(key, 1, startBound);
    },

    advance(state, s, action, a) {
      const [x0, y0] = [state[s]!, state[s + 1]!];
      let x = x0 + scaledAction(action[a]!, stepBound);
      let y = y0 + scaledAction(action[a + 1]!, stepBound);

      // A step is shorter than the distance between the walls, so it meets at most one of them.
      const r = distanceTo(origin, x0, y0);
      const wall = blocked(1, gap1, r, x, y) ? 1 : blocked(2, gap2, r, x, y) ? 2 : undefined;
      if (wall !== undefined) {
        const back = wall / (distanceTo(origin, x, y) + 1e-6 * wall);
        x *= back;
        y *= back;
      }
      state[s] = x;
      state[s + 1] = y;

      const after = distanceTo(goal, x, y);
      if (reward === "dense") return -after;
      return after < rewardRadius ? distanceTo(goal, x0, y0) - after : 0;
    },

    terminal: () => false,
    observe: copyRow(2),
  };
}
