/** A robot driven by given controls, and one moment of it as it is drawn: the work of the page's worker. */

import type { Drawing } from "@sgmrl/envs";
import { rigidBody, robots } from "@sgmrl/envs";
import type { Driven } from "./setting.ts";

type RobotState = rigidBody.RobotState;

export interface Motion {
  readonly driven: Driven;
  readonly moment: Drawing["moments"][number];
  /** [s] */
  readonly time: number;
  readonly contacts: number;
  /** Vertical force of the floor on the robot, and the robot's weight [N]. */
  readonly floorForce: number;
  readonly weight: number;
}

const models = new Map<string, rigidBody.Model>();

/** Compiled once. The engine released after 3.3.8 adds the margins of touching surfaces, where the earlier took the larger. */
export function modelOf(robot: Driven["robot"], margins: "larger" | "sum" = "larger"): rigidBody.Model {
  const key = `${robot} ${margins}`;
  const made =
    models.get(key) ?? rigidBody.compileModel({ ...robots[robot], ...(margins === "sum" && { margins }) });
  models.set(key, made);
  return made;
}

/** @throws StateError if the address holds a state of another length, or controls of another number */
export function stateOf({ robot, state }: Driven): RobotState {
  if (state === undefined) return rigidBody.initialState(modelOf(robot));
  return {
    qpos: Float64Array.from(state.qpos),
    qvel: Float64Array.from(state.qvel),
    warmstart: Float64Array.from(state.warmstart),
  };
}

/** `steps` steps later, under the same controls. */
export function advance(driven: Driven, steps: number): Motion {
  const model = modelOf(driven.robot);
  const state = stateOf(driven);
  const control = Float64Array.from(driven.control);
  for (let k = 0; k < steps; k++) rigidBody.stepInPlace(model, state, control);
  // Refused, too, if no step is made.
  rigidBody.step(model, state, control);
  const { moments } = rigidBody.drawMotion({
    title: driven.robot,
    model,
    moments: [{ qpos: state.qpos, qvel: state.qvel, control }],
    dt: model.timestep,
  });
  const total = driven.steps + steps;
  return {
    driven: {
      ...driven,
      steps: total,
      state: { qpos: [...state.qpos], qvel: [...state.qvel], warmstart: [...state.warmstart] },
    },
    moment: moments[0]!,
    time: total * model.timestep,
    ...loads(model, state, control),
  };
}

function loads(
  model: rigidBody.Model,
  { qpos, qvel }: RobotState,
  control: Float64Array,
): Pick<Motion, "contacts" | "floorForce" | "weight"> {
  const workspace = rigidBody.workspaceOf(model);
  rigidBody.forward(model, workspace, qpos, qvel, control, new Float64Array(model.nv));
  const contacts = workspace.contacts.slice(0, workspace.contactCount);
  const [gx, gy, gz] = model.gravity;
  return {
    contacts: contacts.length,
    floorForce: contacts
      .filter(({ first }) => first === undefined) // of the floor
      .reduce((sum, contact) => sum + rigidBody.contactForce(model, workspace, contact)[2]!, 0),
    weight: Math.hypot(gx, gy, gz) * model.bodyMass.reduce((sum, mass) => sum + mass, 0),
  };
}
