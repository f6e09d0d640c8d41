/**
 * Corners: the goal is one of (±2, ±2), and the sparse reward shows it only in its quadrant.   [eq:corner-2d]
 *
 *   s_0 ~ U[-0.2, 0.2]^2
 *   u   = clip(a / 50, 0.2)                       per axis: the action bound 0.2 and the x10 action scale
 *   s'  = s + u
 *   r   = 0                                       if ||s'||_1 < 1/2                               sparse
 *         ||s - g||_2 - ||s' - g||_2              else, if no corner is nearer to s' than g is
 *         0                                       otherwise
 *   r   = -||s' - g||_2                                                                           dense
 *   r   = -||s' - g||_2^2                                                                         dense-squared
 *
 * Observation s. Horizon 100, no termination. With the sparse reward, only a policy that tries all four
 * quadrants before it adapts can find the goal.
 *
 * Source  point_env_2d_corner of the code of Fallah et al., NeurIPS 2021, arXiv:2002.05135 (also of Rothfuss et al.,
 *         ProMP, ICLR 2019, arXiv:1810.06784)
 */
import { actionScale, scaledAction } from "../framework/action-scaling.ts";
import { assertOneOf } from "../framework/check.ts";
import { assertTask } from "../framework/check-task.ts";
import { defineEnvironment } from "../framework/define-environment.ts";
import type { Dynamics, Environment } from "../framework/environment.ts";
import { box, uniformAround0 } from "../framework/space.ts";
import { cornerProgram } from "./corner-2d-program.ts";
import {
  type CornerReward,
  copyRow,
  cornerFamily,
  cornerMarks,
  cornerRewards,
  distanceTo,
  type GoalTask,
  goalInWords,
  type Point,
} from "./plane.ts";

const stepBound = 0.2;
const startBound = 0.2;
const deadZone = 0.5;
const drawn = 3;

/**
 * Corners: find the rewarded one of four. Action scale ×10 and step bound of the public SG-MRL code.  [eq:corner-2d]
 *
 * Errors  `EnvironmentError` for an unknown reward
 * Shapes  state and observation [2], action [2]
 */
export function corner2D(reward: CornerReward): Environment<GoalTask> {
  assertOneOf("corner-2d", "reward", reward, cornerRewards);
  const name = reward === "sparse" ? "corner-2d" : `corner-2d-${reward}`;
  return defineEnvironment({
    name,
    summary: `a point looks for the rewarded one of four corners, ${reward} reward`,
    observation: box(2, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY),
    action: box(2, -actionScale, actionScale),
    stateSize: 2,
    horizon: 100,
    discount: 0.99,
    family: cornerFamily,
    inWords: goalInWords,
    dynamics: (task) => cornerDynamics(task, name, reward),
    differentiable: cornerProgram(reward, { stepBound, deadZone }),
    picture: {
      position: [0, 1],
      scene: ({ goal }) => ({ bounds: { x: [-drawn, drawn], y: [-drawn, drawn] }, marks: cornerMarks(goal) }),
    },
  });
}

function cornerDynamics(task: GoalTask, name: string, reward: CornerReward): Dynamics {
  assertTask(name, { goal: 2 }, task);
  const { goal } = task;
  return {
    start(key, state, s) {
      state[s] = uniformAround0(key, 0, startBound);
      state[s + 1] = uniformAround0(key, 1, startBound);
    },

    advance(state, s, action, a) {
      const before = distanceTo(goal, state[s]!, state[s + 1]!);
      const x = state[s]! + scaledAction(action[a]!, stepBound);
      const y = state[s + 1]! + scaledAction(action[a + 1]!, stepBound);
      state[s] = x;
      state[s + 1] = y;
      const after = distanceTo(goal, x, y);
      if (reward === "dense") return -after;
      if (reward === "dense-squared") return -after * after;
      if (Math.abs(x) + Math.abs(y) < deadZone) return 0;
      return isNearestCorner(goal, x, y) ? before - after : 0;
    },

    terminal: () => false,
    observe: copyRow(2),
  };
}

/** The corner nearest to a point has its signs; on an axis, two are nearest. */
function isNearestCorner([gx, gy]: Point, x: number, y: number): boolean {
  return gx * x >= 0 && gy * y >= 0;
}
