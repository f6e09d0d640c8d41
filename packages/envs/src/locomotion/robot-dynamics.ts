import type { Dynamics } from "../framework/environment.ts";
import { bodyContactForces } from "../rigid-body/dynamics/contact-forces.ts";
import { forward } from "../rigid-body/dynamics/forward.ts";
import { workspaceOf } from "../rigid-body/dynamics/workspace.ts";
import type { Model } from "../rigid-body/model/model.ts";
import type { ActionToControl } from "./control.ts";
import type { RobotEnvironment } from "./definition.ts";
import type { Observation } from "./observation.ts";
import type { advanceOf } from "./robot-steps.ts";
import { strideReader } from "./stride.ts";

/** What the parts of a definition have become. */
export interface RobotParts {
  readonly model: Model;
  readonly toControl: ActionToControl;
  readonly observation: Observation;
  readonly advance: ReturnType<typeof advanceOf>;
}

/** The dynamics of a task. State row: qpos (nq), qvel (nv), the solver's warm start (nv), then the observed forces. */
export function robotDynamics<Task>(
  definition: RobotEnvironment<Task>,
  task: Task,
  { model, toControl, observation, advance }: RobotParts,
): Dynamics {
  const { nq, nv, nu } = model;
  const { forces } = observation;
  const [qpos, qvel] = [new Float64Array(nq), new Float64Array(nv)];
  const strideTo = strideReader(model, definition.frameSkip, forces);
  const oneRow = new Int32Array(1);
  const oneAction = new Int32Array(1);
  const oneReward = new Float64Array(1);
  let starts = new Float64Array(0);
  let controls = new Float64Array(0);

  const advanceRows: NonNullable<Dynamics["advanceRows"]> = (states, rows, actions, actionRows, rewards) => {
    const count = rows.length;
    if (starts.length < 2 * count) {
      starts = new Float64Array(2 * count);
      controls = new Float64Array(count * nu);
    }
    for (let k = 0; k < count; k++) {
      starts[2 * k] = states[rows[k]!]!;
      starts[2 * k + 1] = states[rows[k]! + 1]!;
      toControl.write(actions, actionRows[k]!, controls, k * nu);
    }
    advance(states, rows, controls.subarray(0, count * nu));
    for (let k = 0; k < count; k++)
      rewards[k] = definition.reward(
        task,
        strideTo(states, rows[k]!, starts[2 * k]!, starts[2 * k + 1]!, controls, k * nu),
      );
  };

  return {
    start(key, state, s) {
      qpos.set(model.qpos0);
      qvel.fill(0);
      definition.start?.(key, { qpos, qvel }, task);
      state.set(qpos, s);
      state.set(qvel, s + nq);
      state.fill(0, s + nq + nv, s + nq + 2 * nv);
      if (forces > 0) {
        const ws = workspaceOf(model);
        forward(model, ws, qpos, qvel, new Float64Array(nu), new Float64Array(nv));
        bodyContactForces(model, ws, state, s + nq + 2 * nv);
      }
    },

    advance(state, s, action, a) {
      oneRow[0] = s;
      oneAction[0] = a;
      advanceRows(state, oneRow, action, oneAction, oneReward);
      return oneReward[0]!;
    },

    advanceRows,

    terminal(state, s) {
      for (let i = 0; i < nq; i++) qpos[i] = state[s + i]!;
      for (let i = 0; i < nv; i++) qvel[i] = state[s + nq + i]!;
      return definition.terminated === undefined ? false : definition.terminated(qpos, qvel, task);
    },

    observe: observation.observe,
  };
}
