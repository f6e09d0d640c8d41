import type { FluidBox, Model } from "./model.ts";
import type { Workspace } from "./workspace.ts";

/**
 * Springs, dampers and the fluid:                                                              [eq:passive-force]
 *   f_i = −k_i q_i − b_i v_i + (fluid forces)
 * Units: N or N m.
 */
export function passiveForces(model: Model, ws: Workspace, qpos: Float64Array, qvel: Float64Array): void {
  const { passive } = ws;
  const { dofStiffness, dofDamping, dofQpos } = model;
  for (let i = 0; i < model.nv; i++) {
    const k = dofStiffness[i]!;
    passive[i] = -dofDamping[i]! * qvel[i]! - (k === 0 ? 0 : k * qpos[dofQpos[i]!]!);
  }
  if (model.fluid !== undefined) {
    for (const box of model.fluid.boxes)
      fluidForce(model, ws, box, model.fluid.density, model.fluid.viscosity);
  }
}

/**
 * A medium at rest acting on a body as on its equivalent inertia box (edges b, mean edge d), in the  [eq:fluid]
 * box's axes, with u the velocity of the centre of mass and ω the angular velocity:
 *   f_i = −3π d β u_i − ½ ρ b_j b_k |u_i| u_i
 *   τ_i = −π d³ β ω_i − ρ b_i (b_j⁴ + b_k⁴) |ω_i| ω_i / 64
 * (i, j, k) a permutation of the axes, ρ density [kg/m^3], β viscosity [Pa s].
 * Source: MuJoCo documentation, "Inertia model".
 */
function fluidForce(model: Model, ws: Workspace, box: FluidBox, rho: number, beta: number): void {
  const { velocity: V, rotation: R, center, origin, motion: S, passive } = ws;
  const b = box.body;
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
  const edges = box.edges;
  const d = (edges[0] + edges[1] + edges[2]) / 3;
  let fx = 0;
  let fy = 0;
  let fz = 0;
  let nx = 0;
  let ny = 0;
  let nz = 0;
  for (let i = 0; i < 3; i++) {
    // e: the box's axis i in the world
    const ex = rotatedAxis(R, 9 * b, 0, box.frame, i);
    const ey = rotatedAxis(R, 9 * b, 1, box.frame, i);
    const ez = rotatedAxis(R, 9 * b, 2, box.frame, i);
    const bi = edges[i]!;
    const bj = edges[(i + 1) % 3]!;
    const bk = edges[(i + 2) % 3]!;
    const u = ux * ex + uy * ey + uz * ez;
    const w = wx * ex + wy * ey + wz * ez;
    const f = -3 * Math.PI * d * beta * u - 0.5 * rho * bj * bk * Math.abs(u) * u;
    const t = -Math.PI * d * d * d * beta * w - (rho * bi * (bj ** 4 + bk ** 4) * Math.abs(w) * w) / 64;
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
  for (let i = model.bodyLastDof[b]!; i >= 0; i = model.dofParent[i]!) {
    const s = 6 * i;
    const power =
      S[s]! * nx + S[s + 1]! * ny + S[s + 2]! * nz + S[s + 3]! * fx + S[s + 4]! * fy + S[s + 5]! * fz;
    passive[i] = passive[i]! + power;
  }
}

/** Component `row` of (body rotation) · (column i of the box's frame). */
function rotatedAxis(R: Float64Array, r: number, row: number, frame: Float64Array, i: number): number {
  return (
    R[r + 3 * row]! * frame[i]! + R[r + 3 * row + 1]! * frame[3 + i]! + R[r + 3 * row + 2]! * frame[6 + i]!
  );
}
