import { cos, sin } from "@sgmrl/autodiff/elementary";
import type { Model } from "../model/model.ts";
import { normalizeQuaternion } from "./quaternion.ts";
import type { Workspace } from "./workspace.ts";

/**
 * Poses of the bodies, parents first:                                                         [eq:kinematics]
 *   R_b ← R_parent           x_b ← x_parent + R_parent p_b
 * then for each joint of the body, in order,
 *   slide   e = R a          x ← x + e (q − q_ref)
 *   hinge   A = x + R c      R ← R Rot(a, q − q_ref)      x ← A − R c      (A stays in place)
 *   free    x = q[0..3)      R = rotation of the unit quaternion along q[3..7)
 *   ball    A = x + R c      R ← R B Rot(q[0..4)) Bᵀ      x ← A − R c      the columns of B are its axes
 * with a the axis and c the anchor in the body frame; and the centre of mass x + R c_b.
 * Units: m, rad.
 */
export function kinematics(model: Model, ws: Workspace, qpos: Float64Array): void {
  const { rotation: R, position, center, axis, anchor } = ws;
  const { bodyParent, bodyPosition, bodyCenter, bodyFirstDof, bodyIsFree, qpos0 } = model;
  const { dofQpos, dofAxis, dofAnchor, dofRotates, dofBall } = model;
  const count = bodyParent.length;
  for (let b = 1; b < count; b++) {
    const t = 3 * b;
    const first = bodyFirstDof[b]!;
    if (bodyIsFree[b] === 1) {
      placeFreeBody(model, ws, qpos, b, first);
      continue;
    }
    const r = 9 * bodyParent[b]!;
    const p = 3 * bodyParent[b]!;
    let r0 = R[r]!;
    let r1 = R[r + 1]!;
    let r2 = R[r + 2]!;
    let r3 = R[r + 3]!;
    let r4 = R[r + 4]!;
    let r5 = R[r + 5]!;
    let r6 = R[r + 6]!;
    let r7 = R[r + 7]!;
    let r8 = R[r + 8]!;
    const bx = bodyPosition[t]!;
    const by = bodyPosition[t + 1]!;
    const bz = bodyPosition[t + 2]!;
    let x = position[p]! + r0 * bx + r1 * by + r2 * bz;
    let y = position[p + 1]! + r3 * bx + r4 * by + r5 * bz;
    let z = position[p + 2]! + r6 * bx + r7 * by + r8 * bz;
    for (let i = first; i < bodyFirstDof[b + 1]!; i++) {
      const d = 3 * i;
      if (dofBall[i]! >= 0) {
        R.set([r0, r1, r2, r3, r4, r5, r6, r7, r8], 9 * b);
        position.set([x, y, z], 3 * b);
        turnBall(model, ws, qpos, b, i);
        [r0, r1, r2, r3, r4, r5, r6, r7, r8] = R.subarray(9 * b, 9 * b + 9) as unknown as NineNumbers;
        [x, y, z] = position.subarray(3 * b, 3 * b + 3) as unknown as [number, number, number];
        i += 2;
        continue;
      }
      const address = dofQpos[i]!;
      const q = qpos[address]! - qpos0[address]!;
      const ax = dofAxis[d]!;
      const ay = dofAxis[d + 1]!;
      const az = dofAxis[d + 2]!;
      const ex = r0 * ax + r1 * ay + r2 * az;
      const ey = r3 * ax + r4 * ay + r5 * az;
      const ez = r6 * ax + r7 * ay + r8 * az;
      axis[d] = ex;
      axis[d + 1] = ey;
      axis[d + 2] = ez;
      if (dofRotates[i] === 0) {
        x += ex * q;
        y += ey * q;
        z += ez * q;
        continue;
      }
      const cx = dofAnchor[d]!;
      const cy = dofAnchor[d + 1]!;
      const cz = dofAnchor[d + 2]!;
      const Ax = x + r0 * cx + r1 * cy + r2 * cz;
      const Ay = y + r3 * cx + r4 * cy + r5 * cz;
      const Az = z + r6 * cx + r7 * cy + r8 * cz;
      anchor[d] = Ax;
      anchor[d + 1] = Ay;
      anchor[d + 2] = Az;
      // Rot(a, q) = cos q 1 + (1 − cos q) a aᵀ + sin q [a]×          Rodrigues
      const c = cos(q);
      const s = sin(q);
      const u = 1 - c;
      const xx = c + u * ax * ax;
      const yy = c + u * ay * ay;
      const zz = c + u * az * az;
      const xy = u * ax * ay - s * az;
      const yx = u * ax * ay + s * az;
      const xz = u * ax * az + s * ay;
      const zx = u * ax * az - s * ay;
      const yz = u * ay * az - s * ax;
      const zy = u * ay * az + s * ax;
      const s0 = r0 * xx + r1 * yx + r2 * zx;
      const s1 = r0 * xy + r1 * yy + r2 * zy;
      const s2 = r0 * xz + r1 * yz + r2 * zz;
      const s3 = r3 * xx + r4 * yx + r5 * zx;
      const s4 = r3 * xy + r4 * yy + r5 * zy;
      const s5 = r3 * xz + r4 * yz + r5 * zz;
      const s6 = r6 * xx + r7 * yx + r8 * zx;
      const s7 = r6 * xy + r7 * yy + r8 * zy;
      const s8 = r6 * xz + r7 * yz + r8 * zz;
      r0 = s0;
      r1 = s1;
      r2 = s2;
      r3 = s3;
      r4 = s4;
      r5 = s5;
      r6 = s6;
      r7 = s7;
      r8 = s8;
      x = Ax - (r0 * cx + r1 * cy + r2 * cz);
      y = Ay - (r3 * cx + r4 * cy + r5 * cz);
      z = Az - (r6 * cx + r7 * cy + r8 * cz);
    }
    const o = 9 * b;
    R[o] = r0;
    R[o + 1] = r1;
    R[o + 2] = r2;
    R[o + 3] = r3;
    R[o + 4] = r4;
    R[o + 5] = r5;
    R[o + 6] = r6;
    R[o + 7] = r7;
    R[o + 8] = r8;
    position[t] = x;
    position[t + 1] = y;
    position[t + 2] = z;
    const mx = bodyCenter[t]!;
    const my = bodyCenter[t + 1]!;
    const mz = bodyCenter[t + 2]!;
    center[t] = x + r0 * mx + r1 * my + r2 * mz;
    center[t + 1] = y + r3 * mx + r4 * my + r5 * mz;
    center[t + 2] = z + r6 * mx + r7 * my + r8 * mz;
  }
  motionVectors(model, ws);
}

const unit = new Float64Array(4);

/** A body on a free joint: three translations along the world axes, three rotations about R's columns. */
function placeFreeBody(model: Model, ws: Workspace, qpos: Float64Array, b: number, first: number): void {
  const { rotation: R, position: x, center, axis, anchor } = ws;
  const c = model.bodyCenter;
  const address = model.dofQpos[first]!;
  const r = 9 * b;
  for (let k = 0; k < 3; k++) x[3 * b + k] = qpos[address + k]!;
  normalizeQuaternion(qpos, address + 3, unit);
  const w = unit[0]!;
  const i = unit[1]!;
  const j = unit[2]!;
  const k = unit[3]!;
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
  for (let row = 0; row < 3; row++) {
    const o = r + 3 * row;
    const arm = R[o]! * c[3 * b]! + R[o + 1]! * c[3 * b + 1]! + R[o + 2]! * c[3 * b + 2]!;
    center[3 * b + row] = x[3 * b + row]! + arm;
  }
}

type NineNumbers = [number, number, number, number, number, number, number, number, number];

/** Turns body b about the anchor of its ball joint, whose first dof is i; the dofs' axes turn with it. */
function turnBall(model: Model, ws: Workspace, qpos: Float64Array, b: number, i: number): void {
  const { rotation, position, axis, anchor } = ws;
  const { dofAxis: B, dofAnchor, dofBall } = model;
  normalizeQuaternion(qpos, dofBall[i]!, unit);
  const [w, qx, qy, qz] = unit as unknown as [number, number, number, number];
  const d = 3 * i;
  // B Rot(q) Bᵀ is the rotation of the quaternion (w, B v).
  const turned = (k: number) => qx * B[d + k]! + qy * B[d + 3 + k]! + qz * B[d + 6 + k]!;
  const [vx, vy, vz] = [turned(0), turned(1), turned(2)];
  const T = [
    [1 - 2 * (vy * vy + vz * vz), 2 * (vx * vy - w * vz), 2 * (vx * vz + w * vy)],
    [2 * (vx * vy + w * vz), 1 - 2 * (vx * vx + vz * vz), 2 * (vy * vz - w * vx)],
    [2 * (vx * vz - w * vy), 2 * (vy * vz + w * vx), 1 - 2 * (vx * vx + vy * vy)],
  ];
  const R = rotation.subarray(9 * b, 9 * b + 9);
  const before = R.slice();
  const at = (M: Float64Array, row: number, c: number) =>
    M[3 * row]! * dofAnchor[c]! + M[3 * row + 1]! * dofAnchor[c + 1]! + M[3 * row + 2]! * dofAnchor[c + 2]!;
  for (let row = 0; row < 3; row++) {
    for (let k = 0; k < 3; k++) {
      R[3 * row + k] =
        before[3 * row]! * T[0]![k]! + before[3 * row + 1]! * T[1]![k]! + before[3 * row + 2]! * T[2]![k]!;
    }
  }
  for (let row = 0; row < 3; row++) {
    const A = position[3 * b + row]! + at(before, row, d);
    position[3 * b + row] = A - at(R, row, d);
    for (let m = 0; m < 3; m++) {
      anchor[d + 3 * m + row] = A;
      axis[d + 3 * m + row] =
        R[3 * row]! * B[d + 3 * m]! +
        R[3 * row + 1]! * B[d + 3 * m + 1]! +
        R[3 * row + 2]! * B[d + 3 * m + 2]!;
    }
  }
}

/**
 * The spatial velocity per unit rate of each dof, (angular, linear at O):                      [eq:motion-subspace]
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
