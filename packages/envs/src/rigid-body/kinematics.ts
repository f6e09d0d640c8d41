import type { Model } from "./model.ts";
import type { Workspace } from "./workspace.ts";

/**
 * Where everything is, parents first:
 *   R_b ← R_parent           x_b ← x_parent + R_parent p_b
 * then for each joint of the body, in order,
 *   slide   e = R a          x ← x + e (q − q_ref)
 *   hinge   A = x + R c      R ← R Rot(a, q − q_ref)      x ← A − R c      (A stays in place)
 *   free    x = q[0..3)      R = rotation of the unit quaternion along q[3..7)
 * with a the axis and c the anchor in the body frame; and the centre of mass x + R c_b.
 * Units: m, rad.
 */
export function kinematics(model: Model, ws: Workspace, qpos: Float64Array): void {
  const { rotation: R, position: x, center, axis, anchor } = ws;
  const { bodyParent, bodyPosition, bodyCenter, bodyFirstDof, bodyIsFree } = model;
  const count = bodyParent.length;
  for (let b = 1; b < count; b++) {
    const p = bodyParent[b]!;
    const r = 9 * b;
    const t = 3 * b;
    const first = bodyFirstDof[b]!;
    const end = bodyFirstDof[b + 1]!;
    if (bodyIsFree[b] === 1) {
      placeFreeBody(model, ws, qpos, b, first);
    } else {
      for (let k = 0; k < 9; k++) R[r + k] = R[9 * p + k]!;
      for (let k = 0; k < 3; k++) x[t + k] = x[3 * p + k]! + rotated(R, 9 * p, k, bodyPosition, t);
      for (let i = first; i < end; i++) {
        const q = qpos[model.dofQpos[i]!]! - model.qpos0[model.dofQpos[i]!]!;
        const d = 3 * i;
        for (let k = 0; k < 3; k++) {
          axis[d + k] = rotated(R, r, k, model.dofAxis, d);
          anchor[d + k] = x[t + k]! + rotated(R, r, k, model.dofAnchor, d);
        }
        if (model.dofRotates[i] === 1) {
          turn(R, r, model.dofAxis, d, q);
          for (let k = 0; k < 3; k++) x[t + k] = anchor[d + k]! - rotated(R, r, k, model.dofAnchor, d);
        } else {
          for (let k = 0; k < 3; k++) x[t + k] = x[t + k]! + axis[d + k]! * q;
        }
      }
    }
    for (let k = 0; k < 3; k++) center[t + k] = x[t + k]! + rotated(R, r, k, bodyCenter, t);
  }
  motionVectors(model, ws);
}

/** Row k of the rotation at R[r..] times the vector at v[o..]. */
function rotated(R: Float64Array, r: number, k: number, v: Float64Array, o: number): number {
  const i = r + 3 * k;
  return R[i]! * v[o]! + R[i + 1]! * v[o + 1]! + R[i + 2]! * v[o + 2]!;
}

/**
 * R ← R Rot(a, θ) for a unit axis a in the body frame (Rodrigues):
 *   Rot = cos θ 1 + (1 − cos θ) a aᵀ + sin θ [a]×
 */
function turn(R: Float64Array, r: number, a: Float64Array, o: number, theta: number): void {
  const c = Math.cos(theta);
  const s = Math.sin(theta);
  const x = a[o]!;
  const y = a[o + 1]!;
  const z = a[o + 2]!;
  const u = 1 - c;
  const xy = u * x * y;
  const xz = u * x * z;
  const yz = u * y * z;
  const xx = c + u * x * x;
  const yy = c + u * y * y;
  const zz = c + u * z * z;
  for (let row = r; row < r + 9; row += 3) {
    const p = R[row]!;
    const q = R[row + 1]!;
    const w = R[row + 2]!;
    R[row] = p * xx + q * (xy + s * z) + w * (xz - s * y);
    R[row + 1] = p * (xy - s * z) + q * yy + w * (yz + s * x);
    R[row + 2] = p * (xz + s * y) + q * (yz - s * x) + w * zz;
  }
}

/** A body on a free joint: three translations along the world axes, three rotations about R's columns. */
function placeFreeBody(model: Model, ws: Workspace, qpos: Float64Array, b: number, first: number): void {
  const { rotation: R, position: x, axis, anchor } = ws;
  const address = model.dofQpos[first]!;
  const r = 9 * b;
  for (let k = 0; k < 3; k++) x[3 * b + k] = qpos[address + k]!;
  const n = Math.hypot(qpos[address + 3]!, qpos[address + 4]!, qpos[address + 5]!, qpos[address + 6]!);
  const w = qpos[address + 3]! / n;
  const i = qpos[address + 4]! / n;
  const j = qpos[address + 5]! / n;
  const k = qpos[address + 6]! / n;
  R[r] = w * w + i * i - j * j - k * k;
  R[r + 1] = 2 * (i * j - w * k);
  R[r + 2] = 2 * (i * k + w * j);
  R[r + 3] = 2 * (i * j + w * k);
  R[r + 4] = w * w - i * i + j * j - k * k;
  R[r + 5] = 2 * (j * k - w * i);
  R[r + 6] = 2 * (i * k - w * j);
  R[r + 7] = 2 * (j * k + w * i);
  R[r + 8] = w * w - i * i - j * j + k * k;
  for (let m = 0; m < 3; m++) {
    const translation = 3 * (first + m);
    const rotation = 3 * (first + 3 + m);
    for (let row = 0; row < 3; row++) {
      axis[translation + row] = row === m ? 1 : 0;
      axis[rotation + row] = R[r + 3 * row + m]!;
      anchor[translation + row] = x[3 * b + row]!;
      anchor[rotation + row] = x[3 * b + row]!;
    }
  }
}

/**
 * The spatial velocity per unit rate of each dof, (angular, linear at O):
 *   translation   S = (0, e)
 *   rotation      S = (e, e × (O − A))
 * O is the first body's origin: near the robot, so that no digits are lost far from the world's origin.
 */
function motionVectors(model: Model, ws: Workspace): void {
  const { motion: S, axis, anchor, origin, position } = ws;
  for (let k = 0; k < 3; k++) origin[k] = position[3 + k]!;
  const ox = origin[0]!;
  const oy = origin[1]!;
  const oz = origin[2]!;
  for (let i = 0; i < model.nv; i++) {
    const s = 6 * i;
    const d = 3 * i;
    const ex = axis[d]!;
    const ey = axis[d + 1]!;
    const ez = axis[d + 2]!;
    if (model.dofRotates[i] === 1) {
      const rx = ox - anchor[d]!;
      const ry = oy - anchor[d + 1]!;
      const rz = oz - anchor[d + 2]!;
      S[s] = ex;
      S[s + 1] = ey;
      S[s + 2] = ez;
      S[s + 3] = ey * rz - ez * ry;
      S[s + 4] = ez * rx - ex * rz;
      S[s + 5] = ex * ry - ey * rx;
    } else {
      S[s] = 0;
      S[s + 1] = 0;
      S[s + 2] = 0;
      S[s + 3] = ex;
      S[s + 4] = ey;
      S[s + 5] = ez;
    }
  }
}
