import type { Model } from "../model/model.ts";
import type { Workspace } from "./workspace.ts";

/**
 * Each body's inertia about O in world axes, with c = centre of mass − O:
 *   m,   h = m c,   I_O = R I_b Rᵀ + m (|c|² 1 − c cᵀ)
 * Stored as (m, h, xx, yy, zz, xy, xz, yz): ten numbers that add up when bodies move as one.
 */
export function spatialInertias(model: Model, ws: Workspace): void {
  const { rotation: R, center, origin, inertia } = ws;
  const { bodyMass, bodyInertia } = model;
  const count = bodyMass.length;
  const ox = origin[0]!;
  const oy = origin[1]!;
  const oz = origin[2]!;
  for (let b = 1; b < count; b++) {
    const r = 9 * b;
    const k = 6 * b;
    const o = 10 * b;
    const m = bodyMass[b]!;
    const x = center[3 * b]! - ox;
    const y = center[3 * b + 1]! - oy;
    const z = center[3 * b + 2]! - oz;
    const xx = bodyInertia[k]!;
    const yy = bodyInertia[k + 1]!;
    const zz = bodyInertia[k + 2]!;
    const xy = bodyInertia[k + 3]!;
    const xz = bodyInertia[k + 4]!;
    const yz = bodyInertia[k + 5]!;
    const r0 = R[r]!;
    const r1 = R[r + 1]!;
    const r2 = R[r + 2]!;
    const r3 = R[r + 3]!;
    const r4 = R[r + 4]!;
    const r5 = R[r + 5]!;
    const r6 = R[r + 6]!;
    const r7 = R[r + 7]!;
    const r8 = R[r + 8]!;
    // A = R I_b
    const a0 = r0 * xx + r1 * xy + r2 * xz;
    const a1 = r0 * xy + r1 * yy + r2 * yz;
    const a2 = r0 * xz + r1 * yz + r2 * zz;
    const a3 = r3 * xx + r4 * xy + r5 * xz;
    const a4 = r3 * xy + r4 * yy + r5 * yz;
    const a5 = r3 * xz + r4 * yz + r5 * zz;
    const a6 = r6 * xx + r7 * xy + r8 * xz;
    const a7 = r6 * xy + r7 * yy + r8 * yz;
    const a8 = r6 * xz + r7 * yz + r8 * zz;
    inertia[o] = m;
    inertia[o + 1] = m * x;
    inertia[o + 2] = m * y;
    inertia[o + 3] = m * z;
    inertia[o + 4] = a0 * r0 + a1 * r1 + a2 * r2 + m * (y * y + z * z);
    inertia[o + 5] = a3 * r3 + a4 * r4 + a5 * r5 + m * (x * x + z * z);
    inertia[o + 6] = a6 * r6 + a7 * r7 + a8 * r8 + m * (x * x + y * y);
    inertia[o + 7] = a0 * r3 + a1 * r4 + a2 * r5 - m * x * y;
    inertia[o + 8] = a0 * r6 + a1 * r7 + a2 * r8 - m * x * z;
    inertia[o + 9] = a3 * r6 + a4 * r7 + a5 * r8 - m * y * z;
  }
}

/**
 * The joint-space mass matrix, by the composite-rigid-body algorithm: with I_i^c the         [eq:mass-matrix]
 * inertia of all bodies that dof i moves,
 *   M_ij = S_jᵀ I_i^c S_i        if dof j moves the body of dof i, j <= i; else 0
 *   M_ii += armature_i                              stored by paths: see tree-factor.ts
 * where  I (ω, v) = (I_O ω + h × v,  m v − h × ω).
 * Replaces the inertias in ws.inertia by the composite ones.
 * Source: Featherstone, Rigid Body Dynamics Algorithms, Springer 2008, section 6.2,
 * doi:10.1007/978-1-4899-7560-7.
 */
export function massMatrix(model: Model, ws: Workspace): void {
  const { inertia: C, motion: S, mass: M } = ws;
  const { bodyParent, dofBody, dofArmature, strangers, nv } = model;
  const { start, dofs } = model.paths;
  for (let b = bodyParent.length - 1; b > 1; b--) {
    const p = 10 * bodyParent[b]!;
    const o = 10 * b;
    if (p === 0) continue;
    for (let k = 0; k < 10; k++) C[p + k] = C[p + k]! + C[o + k]!;
  }
  for (let i = nv - 1; i >= 0; i--) {
    const c = 10 * dofBody[i]!;
    const s = 6 * i;
    const wx = S[s]!;
    const wy = S[s + 1]!;
    const wz = S[s + 2]!;
    const vx = S[s + 3]!;
    const vy = S[s + 4]!;
    const vz = S[s + 5]!;
    const m = C[c]!;
    const hx = C[c + 1]!;
    const hy = C[c + 2]!;
    const hz = C[c + 3]!;
    const xy = C[c + 7]!;
    const xz = C[c + 8]!;
    const yz = C[c + 9]!;
    const nx = C[c + 4]! * wx + xy * wy + xz * wz + hy * vz - hz * vy;
    const ny = xy * wx + C[c + 5]! * wy + yz * wz + hz * vx - hx * vz;
    const nz = xz * wx + yz * wy + C[c + 6]! * wz + hx * vy - hy * vx;
    const fx = m * vx - hy * wz + hz * wy;
    const fy = m * vy - hz * wx + hx * wz;
    const fz = m * vz - hx * wy + hy * wx;
    for (let k = start[i]!; k < start[i + 1]!; k++) {
      const j = dofs[k]!;
      const t = 6 * j;
      M[k] = S[t]! * nx + S[t + 1]! * ny + S[t + 2]! * nz + S[t + 3]! * fx + S[t + 4]! * fy + S[t + 5]! * fz;
    }
    M[start[i]!] = M[start[i]!]! + dofArmature[i]!;
  }
  for (let k = 0; k < strangers.length; k++) M[strangers[k]!] = 0;
}
