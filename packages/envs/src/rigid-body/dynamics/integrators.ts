import type { Model } from "../model/model.ts";
import { copy, multiply, solve } from "../model/tree-factor.ts";
import { forward } from "./forward.ts";
import { turnQuaternion } from "./quaternion.ts";
import type { Workspace } from "./workspace.ts";

/** One step in place: replaces qpos, qvel and warmstart by the next state's. */
export type Integrator = (
  model: Model,
  ws: Workspace,
  qpos: Float64Array,
  qvel: Float64Array,
  warmstart: Float64Array,
  control: Float64Array,
) => void;

/**
 * Semi-implicit Euler, with joint damping B treated implicitly:                                [eq:semi-implicit-euler]
 *   (M + h B) a' = f + Jᵀ force = M a
 *   v' = v + h a'
 *   q' = q ⊕ h v'           the new velocity
 * The next warm start is the constraint solver's a, not a'.
 */
export const eulerStep: Integrator = (model, ws, qpos, qvel, warmstart, control) => {
  forward(model, ws, qpos, qvel, control, warmstart);
  copy(ws.acc, model.nv, warmstart);
  const h = model.timestep;
  const { nv, dofDamping, paths } = model;
  const { hessian: H, direction: a } = ws;
  if (model.isDamped) {
    copy(ws.mass, paths.dofs.length, H);
    for (let i = 0; i < nv; i++) {
      const diagonal = paths.start[i]!;
      H[diagonal] = H[diagonal]! + h * dofDamping[i]!;
    }
    multiply(ws.mass, paths, ws.acc, a);
    solve(H, paths, a, ws.factor);
  } else {
    copy(ws.acc, nv, a);
  }
  for (let i = 0; i < nv; i++) qvel[i] = qvel[i]! + h * a[i]!;
  movePosition(model, qpos, qvel, h, qpos);
};

/**
 * Classical Runge-Kutta on (q, v); each stage's solver starts from the previous solution:    [eq:runge-kutta]
 *   X_1 = v,  F_k = a(q ⊕ h c_k X_{k−1}, X_k),  X_k = v + h c_k F_{k−1},  c = (0, ½, ½, 1)
 *   q' = q ⊕ h (X_1 + 2 X_2 + 2 X_3 + X_4)/6
 *   v' = v + h (F_1 + 2 F_2 + 2 F_3 + F_4)/6
 * The next warm start is F_4.
 */
export const rungeKuttaStep: Integrator = (model, ws, qpos, qvel, warmstart, control) => {
  const h = model.timestep;
  const { nv } = model;
  const { stageQpos: q, stageQvel: X, stageVelocitySum: sumX, stageAccelerationSum: sumF, acc } = ws;
  forward(model, ws, qpos, qvel, control, warmstart);
  for (let i = 0; i < nv; i++) {
    X[i] = qvel[i]!;
    sumX[i] = qvel[i]! / 6;
    sumF[i] = acc[i]! / 6;
  }
  for (let k = 1; k < 4; k++) {
    const c = k === 3 ? h : h / 2;
    const weight = k === 3 ? 1 / 6 : 1 / 3;
    movePosition(model, qpos, X, c, q);
    for (let i = 0; i < nv; i++) X[i] = qvel[i]! + c * acc[i]!;
    forward(model, ws, q, X, control, acc);
    for (let i = 0; i < nv; i++) {
      sumX[i] = sumX[i]! + weight * X[i]!;
      sumF[i] = sumF[i]! + weight * acc[i]!;
    }
  }
  copy(acc, nv, warmstart);
  for (let i = 0; i < nv; i++) qvel[i] = qvel[i]! + h * sumF[i]!;
  movePosition(model, qpos, sumX, h, qpos);
};

/**
 * out = q ⊕ h v: a sum for translations and hinges; for a quaternion
 *   out = normalise(q) ∘ (cos ½φ, sin ½φ · w/|w|)      φ = h |w|, w in the body frame
 */
export function movePosition(
  model: Model,
  qpos: Float64Array,
  v: Float64Array,
  h: number,
  out: Float64Array,
): void {
  const { dofQpos, quaternions, nv } = model;
  for (let i = 0; i < nv; i++) {
    const a = dofQpos[i]!;
    if (a >= 0) out[a] = qpos[a]! + h * v[i]!;
  }
  for (let k = 0; k < quaternions.length; k++) {
    const { qposAddress, dof } = quaternions[k]!;
    turnQuaternion(qpos, qposAddress, v, dof, h, out);
  }
}
