/**
 * Corners for a point with inertia: actions are accelerations, there is no friction, and speed has no limit.  [eq:momentum-2d]
 *
 *   s_0 ~ U[-0.2, 0.2]^2,   v_0 ~ U[-0.1, 0.1]^2
 *   v'  = v + clip(a / 100, 0.1)                  per axis: the action bound 0.1 and the x10 action scale
 *   s'  = s + v'
 *   r   = max(2 - ||s' - g||_2, 0)                sparse
 *   r   = -||s' - g||_2                           dense
 *   r   = -||s' - g||_2^2                         dense-squared
 *
 * Observation (s, v). Horizon 100, no termination. Goals as in corner-2d.ts.
 *
 * Source  point_env_2d_momentum of the code of Fallah et al., NeurIPS 2021, arXiv:2002.05135 (also of Rothfuss et
 *         al., ProMP, ICLR 2019, arXiv:1810.06784)
 */
import { actionScale, scaledAction } from "../framework/action-scaling.ts";
import { assertOneOf } from "../framework/check.ts";
import { assertTask } from "../framework/check-task.ts";
import { defineEnvironment } from "../framework/define-environment.ts";
import type { Dynamics, Environment } from "../framework/environment.ts";
import { box, uniformAround0 } from "../framework/space.ts";
import { momentumProgram } from "./momentum-2d-program.ts";
import {
  type CornerReward,
  copyRow,
  cornerFamily,
  cornerMarks,
  cornerRewards,
  distanceTo,
  type GoalTask,
  goalInWords,
} from "./plane.ts";

const accelerationBound = 0.1;
const startBound = 0.2;
const startSpeedBound = 0.1;
const rewardRadius = 2;
const drawn = 4;

/**
 * Corners for a point with inertia; the policy observes (position, velocity).                [eq:momentum-2d]
 *
 * Errors  `EnvironmentError` for an unknown reward
 * Shapes  state and observation [4], action [2]
 */
export function momentum2D(reward: CornerReward): Environment<GoalTask> {
  assertOneOf("momentum-2d", "reward", reward, cornerRewards);
  const name = reward === "sparse" ? "momentum-2d" : `momentum-2d-${reward}`;
  return defineEnvironment({
    name,
    summary: `a point with inertia looks for the rewarded one of four corners, ${reward} reward`,
    observation: box(4, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY),
    action: box(2, -actionScale, actionScale),
    stateSize: 4,
    horizon: 100,
    discount: 0.99,
    family: cornerFamily,
    inWords: goalInWords,
    dynamics: (task) => momentumDynamics(task, name, reward),
    differentiable: momentumProgram(reward, { accelerationBound, rewardRadius }),
    picture: {
      position: [0, 1],
      scene: ({ goal }) => ({
        bounds: { x: [-drawn, drawn], y: [-drawn, drawn] },
        marks: cornerMarks(goal, reward === "sparse" ? rewardRadius : undefined),
      }),
    },
  });
}

function momentumDynamics(task: GoalTask, name: string, reward: CornerReward): Dynamics {
  assertTask(name, { goal: 2 }, task);
  const { goal } = task;
  return {
    start(key, state, s) {
      state[s] = uniformAround0(key, 0, startBound);
      state[s + 1] = uniformAround0(key, 1, startBound);
      state[s + 2] = uniformAround0(key, 2, startSpeedBound);
      state[s + 3] = uniformAround0(key, 3, startSpeedBound);
    },

    advance(state, s, action, a) {
      const vx = state[s + 2]! + scaledAction(action[a]!, accelerationBound);
      const vy = state[s + 3]! + scaledAction(action[a + 1]!, accelerationBound);
      const x = state[s]! + vx;
      const y = state[s + 1]! + vy;
      state[s] = x;
      state[s + 1] = y;
      state[s + 2] = vx;
      state[s + 3] = vy;
      const distance = distanceTo(goal, x, y);
      if (reward === "dense") return -distance;
      if (reward === "dense-squared") return -distance * distance;
      return Math.max(rewardRadius - distance, 0);
    },

    terminal: () => false,
    observe: copyRow(4),
  };
}
