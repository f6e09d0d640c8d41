import type { Model } from "../model/model.ts";
import { biasForces, velocities } from "./bias.ts";
import { collide } from "./collision.ts";
import { constraintRows } from "./constraints.ts";
import { kinematics } from "./kinematics.ts";
import { massMatrix, spatialInertias } from "./mass-matrix.ts";
import { passiveForces } from "./passive.ts";
import { solveConstraints } from "./solver.ts";
import type { Workspace } from "./workspace.ts";

/**
 * Forward dynamics, in physical order: (q, v, u) → ws.acc.
 *   M a = f + Jᵀ force,   f = passive − bias + actuator
 */
export function forward(
  model: Model,
  ws: Workspace,
  qpos: Float64Array,
  qvel: Float64Array,
  control: Float64Array,
  warmstart: Float64Array,
): void {
  kinematics(model, ws, qpos);
  spatialInertias(model, ws);
  velocities(model, ws, qvel);
  biasForces(model, ws);
  massMatrix(model, ws);
  passiveForces(model, ws, qpos, qvel);
  motorForces(model, ws, qpos, qvel, control);
  collide(model, ws);
  constraintRows(model, ws, qpos, qvel);
  solveConstraints(model, ws, warmstart);
}

/**
 * f_i += gear · clamp(u, low, high) on the motor's dof [N or N m]; for a servo, with l = gear q_i,
 *   f_i += gear · clamp(gain u + bias_0 + bias_1 l + bias_2 dl/dt, forceRange)
 */
function motorForces(
  model: Model,
  ws: Workspace,
  qpos: Float64Array,
  qvel: Float64Array,
  control: Float64Array,
): void {
  const { motorDof, motorGear, motorLow, motorHigh, motorServo, dofQpos, nu } = model;
  const { smooth: f } = ws;
  for (let m = 0; m < nu; m++) {
    const u = Math.min(motorHigh[m]!, Math.max(motorLow[m]!, control[m]!));
    const dof = motorDof[m]!;
    const gear = motorGear[m]!;
    const servo = motorServo[m];
    let force = u;
    if (servo !== undefined) {
      const { gain, bias, forceRange } = servo;
      force = gain * u + bias[0] + bias[1] * gear * qpos[dofQpos[dof]!]! + bias[2] * gear * qvel[dof]!;
      force = Math.min(forceRange[1], Math.max(forceRange[0], force));
    }
    f[dof] = f[dof]! + gear * force;
  }
}
