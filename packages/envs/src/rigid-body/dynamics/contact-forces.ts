import type { Model } from "../model/model.ts";
import { rowForce } from "./solver.ts";
import type { Contact, Workspace } from "./workspace.ts";

/**
 * [eq:contact-force] The force of a contact on its second body, in world axes [N], from the forces f_1..f_4
 * along the pyramid's edges in the last forward pass:
 *   F = N n + T1 t1 + T2 t2,   N = f_1 + f_2 + f_3 + f_4,   T1 = μ (f_1 − f_2),   T2 = μ (f_3 − f_4)
 * A frictionless contact has only the row N.
 */
export function contactForce(
  model: Model,
  ws: Workspace,
  contact: Contact,
  out: Float64Array = new Float64Array(3),
): Float64Array {
  const { contactDimension, friction: mu } = model.pairs[contact.pair]!;
  const r = contact.row;
  const { normal: n, tangent1: t1, tangent2: t2 } = contact;
  if (contactDimension === 1) {
    for (let k = 0; k < 3; k++) out[k] = rowForce(ws, r) * n[k]!;
    return out;
  }
  // For a planar robot f_3 and f_4 are one row.
  const flat = model.plane !== undefined;
  const N = rowForce(ws, r) + rowForce(ws, r + 1) + rowForce(ws, r + 2) + (flat ? 0 : rowForce(ws, r + 3));
  const T1 = mu * (rowForce(ws, r) - rowForce(ws, r + 1));
  const T2 = flat ? 0 : mu * (rowForce(ws, r + 2) - rowForce(ws, r + 3));
  for (let k = 0; k < 3; k++) out[k] = N * n[k]! + T1 * t1[k]! + T2 * t2[k]!;
  return out;
}

/**
 * The contact forces on each of the robot's bodies, stride 6, as (torque about the robot's centre of mass C, force):
 *   out_b = Σ_contacts ((P − C) × F, F)             the world's row stays 0
 * This is MuJoCo's cfrc_ext without applied forces. Units: N m, N.
 */
export function bodyContactForces(model: Model, ws: Workspace, out: Float64Array, offset: number = 0): void {
  for (let k = 0; k < 6 * model.partNames.length; k++) out[offset + k] = 0;
  if (ws.contactCount === 0) return;
  let cx = 0;
  let cy = 0;
  let cz = 0;
  let mass = 0;
  for (let b = 1; b < model.bodyMass.length; b++) {
    const m = model.bodyMass[b]!;
    mass += m;
    cx += m * ws.center[3 * b]!;
    cy += m * ws.center[3 * b + 1]!;
    cz += m * ws.center[3 * b + 2]!;
  }
  for (let c = 0; c < ws.contactCount; c++) {
    const contact = ws.contacts[c]!;
    const F = contactForce(model, ws, contact, ws.contactForce);
    const x = contact.position[0]! - cx / mass;
    const y = contact.position[1]! - cy / mass;
    const z = contact.position[2]! - cz / mass;
    addWrench(out, offset + 6 * contact.second.part, 1, x, y, z, F);
    if (contact.first !== undefined) addWrench(out, offset + 6 * contact.first.part, -1, x, y, z, F);
  }
}

function addWrench(
  out: Float64Array,
  o: number,
  sign: 1 | -1,
  x: number,
  y: number,
  z: number,
  F: Float64Array,
): void {
  out[o] = out[o]! + sign * (y * F[2]! - z * F[1]!);
  out[o + 1] = out[o + 1]! + sign * (z * F[0]! - x * F[2]!);
  out[o + 2] = out[o + 2]! + sign * (x * F[1]! - y * F[0]!);
  for (let k = 0; k < 3; k++) out[o + 3 + k] = out[o + 3 + k]! + sign * F[k]!;
}
