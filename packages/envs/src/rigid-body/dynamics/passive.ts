import type { FluidBox, Model } from "../model/model.ts";
import type { Workspace } from "./workspace.ts";

/**
 * Forces of springs, dampers and the fluid, less the bias forces c:                        [eq:passive-force]
 *   f_i = −c_i − k_i (q_i − q0_i) − b_i v_i + (fluid forces)
 * Units: N or N m.
 */
export function passiveForces(model: Model, ws: Workspace, qpos: Float64Array, qvel: Float64Array): void {
  const { smooth: f, bias } = ws;
  const { dofStiffness, dofSpringReference, dofDamping, dofQpos } = model;
  for (let i = 0; i < model.nv; i++) {
    const k = dofStiffness[i]!;
    const spring = k === 0 ? 0 : k * (qpos[dofQpos[i]!]! - dofSpringReference[i]!);
    f[i] = -bias[i]! - spring - dofDamping[i]! * qvel[i]!;
  }
  for (let k = 0; k < model.fluidBoxes.length; k++) fluidForce(model, ws, model.fluidBoxes[k]!);
}

/**
 * Drag of a medium at rest on a body's equivalent inertia box, in the box's axes, with u the velocity of the
 * centre of mass, ω the angular velocity and the coefficients of fluid-box.ts:
 *   f_i = −(linearDrag + quadraticDrag_i |u_i|) u_i
 *   τ_i = −(angularDrag + quadraticSpin_i |ω_i|) ω_i
 */
function fluidForce(model: Model, ws: Workspace, box: FluidBox): void {
  const { velocity: V, rotation: R, center, origin, motion: S, smooth } = ws;
  const { frame, linearDrag, angularDrag, quadraticDrag, quadraticSpin } = box;
  const b = box.body;
  const r = 9 * b;
  const o = 6 * b;
  const cx = center[3 * b]! - origin[0]!;
  const cy = center[3 * b + 1]! - origin[1]!;
  const cz = center[3 * b + 2]! - origin[2]!;
  const wx = V[o]!;
  const wy = V[o + 1]!;
  const wz = V[o + 2]!;
  const ux = V[o + 3]! + wy * cz - wz * cy;
  const uy = V[o + 4]! + wz * cx - wx * cz;
  const uz = V[o + 5]! + wx * cy - wy * cx;
  let fx = 0;
  let fy = 0;
  let fz = 0;
  let nx = 0;
  let ny = 0;
  let nz = 0;
  for (let i = 0; i < 3; i++) {
    // e: the box's axis i in the world
    const bx = frame[i]!;
    const by = frame[3 + i]!;
    const bz = frame[6 + i]!;
    const ex = R[r]! * bx + R[r + 1]! * by + R[r + 2]! * bz;
    const ey = R[r + 3]! * bx + R[r + 4]! * by + R[r + 5]! * bz;
    const ez = R[r + 6]! * bx + R[r + 7]! * by + R[r + 8]! * bz;
    const u = ux * ex + uy * ey + uz * ez;
    const w = wx * ex + wy * ey + wz * ez;
    const f = -(linearDrag + quadraticDrag[i]! * Math.abs(u)) * u;
    const t = -(angularDrag + quadraticSpin[i]! * Math.abs(w)) * w;
    fx += f * ex;
    fy += f * ey;
    fz += f * ez;
    nx += t * ex;
    ny += t * ey;
    nz += t * ez;
  }
  nx += cy * fz - cz * fy;
  ny += cz * fx - cx * fz;
  nz += cx * fy - cy * fx;
  for (let i = 0; i < model.nv; i++) {
    if (model.dofMovesBody[b * model.nv + i] === 0) continue;
    const s = 6 * i;
    const power =
      S[s]! * nx + S[s + 1]! * ny + S[s + 2]! * nz + S[s + 3]! * fx + S[s + 4]! * fy + S[s + 5]! * fz;
    smooth[i] = smooth[i]! + power;
  }
}
