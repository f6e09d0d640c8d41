import type { Model } from "../model/model.ts";
import { biasForces, velocities } from "./bias.ts";
import { collide } from "./collision.ts";
import { constraintRows } from "./constraints.ts";
import { kinematics } from "./kinematics.ts";
import { massMatrix, spatialInertias } from "./mass-matrix.ts";
import { passiveForces } from "./passive.ts";
import { planarBias, planarInertias, planarKinematics, planarMassMatrix } from "./planar/planar.ts";
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
  const { planar } = ws;
  if (planar === undefined) {
    kinematics(model, ws, qpos);
    spatialInertias(model, ws);
    velocities(model, ws, qvel);
    biasForces(model, ws);
    massMatrix(model, ws);
  } else {
    planarKinematics(planar, ws, qpos);
    planarInertias(planar);
    planarBias(model, planar, ws, qvel);
    planarMassMatrix(model, planar, ws);
  }
  passiveForces(model, ws, qpos, qvel);
  motorForces(model, ws, control);
  collide(model, ws);
  constraintRows(model, ws, qpos, qvel);
  solveConstraints(model, ws, warmstart);
}

/** f_i += gear · clamp(u, low, high) on the motor's dof [N or N m]. */
function motorForces(model: Model, ws: Workspace, control: Float64Array): void {
  const { motorDof, motorGear, motorLow, motorHigh, nu } = model;
  const { smooth: f } = ws;
  for (let m = 0; m < nu; m++) {
    const u = Math.min(motorHigh[m]!, Math.max(motorLow[m]!, control[m]!));
    const dof = motorDof[m]!;
    f[dof] = f[dof]! + motorGear[m]! * u;
  }
}
