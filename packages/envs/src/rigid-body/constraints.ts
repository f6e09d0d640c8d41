import { type ConstraintLaw, impedance, minimumValue } from "./constraint-law.ts";
import type { Model } from "./model.ts";
import type { Contact, Workspace } from "./workspace.ts";

/**
 * The rows of the constraint set: limits by joint (lower before upper), then contacts. Each row is a unilateral  [eq:constraint-row]
 * scalar constraint with
 *   J          how its gap opens per unit velocity
 *   R = (1 − d)/d · regularisation,   D = 1/R              d = impedance(r)
 *   aref = −B (J v) − K d r                                r = gap − margin
 * and the solver gives it the force  max(0, −D (J a − aref)).
 * Source: MuJoCo documentation, "Constraint model".
 */
export function constraintRows(model: Model, ws: Workspace, qpos: Float64Array, qvel: Float64Array): void {
  ws.rowCount = 0;
  ws.groupCount = 0;
  ws.edgeCount = 0;
  const { limits } = model;
  for (let k = 0; k < limits.length; k++) {
    const { qposAddress, dof, low, high, law } = limits[k]!;
    const q = qpos[qposAddress]!;
    if (q - low < law.margin) limitRow(model, ws, dof, 1, q - low, law, qvel);
    if (high - q < law.margin) limitRow(model, ws, dof, -1, high - q, law, qvel);
  }
  for (let c = 0; c < ws.contactCount; c++) contactRows(model, ws, ws.contacts[c]!, qvel);
}

function limitRow(
  model: Model,
  ws: Workspace,
  dof: number,
  side: 1 | -1,
  gap: number,
  law: ConstraintLaw,
  qvel: Float64Array,
): void {
  ws.edgeCount++;
  const o = 2 * model.nv * ws.groupCount;
  ws.directions[o] = side;
  ws.directions[o + 1] = 0;
  const r = gap - law.margin;
  const d = impedance(law, r);
  openGroup(ws, model.paths.start[dof]!, 1);
  addRow(ws, 0, weight(law, d), -law.damping * side * qvel[dof]! - law.stiffness * d * r);
}

/** A group with the directions at its place in ws.directions, and no rows yet. */
function openGroup(ws: Workspace, path: number, length: number): void {
  const group = ws.groups[ws.groupCount++]!;
  group.path = path;
  group.length = length;
  group.first = ws.rowCount;
  group.end = ws.rowCount;
}

/** The row N + s T, into the last group. */
function addRow(ws: Workspace, s: number, D: number, aref: number): void {
  const row = ws.rowCount++;
  ws.groups[ws.groupCount - 1]!.end = ws.rowCount;
  ws.rowSlide[row] = s;
  ws.rowWeight[row] = D;
  ws.rowReference[row] = aref;
}

/** D = 1/R */
function weight(law: ConstraintLaw, d: number): number {
  return 1 / Math.max(minimumValue, ((1 - d) / d) * law.regularization);
}

/**
 * A frictionless contact is the row N. With friction μ its friction cone is the pyramid of the four edges, each a row,
 *   N + μ T1,  N − μ T1,  N + μ T2,  N − μ T2
 * For a robot in a plane T2 = 0: the last two are one row N of double weight.
 */
function contactRows(model: Model, ws: Workspace, contact: Contact, qvel: Float64Array): void {
  const { contactDimension, friction: mu, law } = model.pairs[contact.pair]!;
  const { tangent1, tangent2 } = contact;
  const r = contact.distance - law.margin;
  contact.row = ws.rowCount;
  contact.r = r;
  const d = impedance(law, r);
  const D = weight(law, d);
  const push = -law.stiffness * d * r;
  ws.edgeCount += contactDimension === 1 ? 1 : 4;
  if (contactDimension === 1) {
    contactGroup(model, ws, contact, tangent1, qvel, law.damping, push, 0, 0, D);
  } else if (model.plane !== undefined) {
    contactGroup(model, ws, contact, tangent1, qvel, law.damping, push, mu, D, 2 * D);
  } else {
    contactGroup(model, ws, contact, tangent1, qvel, law.damping, push, mu, D, 0);
    contactGroup(model, ws, contact, tangent2, qvel, law.damping, push, mu, D, 0);
  }
}

/**
 * The rows N ± μ T of weight `edge` and N of weight `plain`, where those are not 0. Of the contact point's velocity, second
 * body minus first, N and T are the Jacobians along the normal and the given tangent:
 *   (N, T)_i = ([i moves second] − [i moves first]) (n, t)ᵀ (v_i + ω_i × (P − O))          S_i = (ω_i, v_i)
 *   aref = push − B (N ± μ T) qvel
 */
function contactGroup(
  model: Model,
  ws: Workspace,
  contact: Contact,
  tangent: Float64Array,
  qvel: Float64Array,
  damping: number,
  push: number,
  mu: number,
  edge: number,
  plain: number,
): void {
  const { motion: S, origin, directions: J } = ws;
  const { dofMovesBody: moves, bodyLastDof, nv } = model;
  const { start, dofs } = model.paths;
  const b1 = contact.first === undefined ? 0 : contact.first.body;
  const b2 = contact.second.body;
  const last = Math.max(bodyLastDof[b1]!, bodyLastDof[b2]!);
  const path = start[last]!;
  const length = start[last + 1]! - path;
  const { position: P, normal: n } = contact;
  const x = P[0]! - origin[0]!;
  const y = P[1]! - origin[1]!;
  const z = P[2]! - origin[2]!;
  const nx = n[0]!;
  const ny = n[1]!;
  const nz = n[2]!;
  const tx = tangent[0]!;
  const ty = tangent[1]!;
  const tz = tangent[2]!;
  let o = 2 * nv * ws.groupCount;
  let Nv = 0;
  let Tv = 0;
  for (let k = 0; k < length; k++) {
    const i = dofs[path + k]!;
    const s = 6 * i;
    const wx = S[s]!;
    const wy = S[s + 1]!;
    const wz = S[s + 2]!;
    const sign = moves[b2 * nv + i]! - moves[b1 * nv + i]!;
    const vx = sign * (S[s + 3]! + wy * z - wz * y);
    const vy = sign * (S[s + 4]! + wz * x - wx * z);
    const vz = sign * (S[s + 5]! + wx * y - wy * x);
    const N = nx * vx + ny * vy + nz * vz;
    const T = tx * vx + ty * vy + tz * vz;
    J[o++] = N;
    J[o++] = T;
    Nv += N * qvel[i]!;
    Tv += T * qvel[i]!;
  }
  openGroup(ws, path, length);
  if (edge > 0) {
    addRow(ws, mu, edge, push - damping * (Nv + mu * Tv));
    addRow(ws, -mu, edge, push - damping * (Nv - mu * Tv));
  }
  if (plain > 0) addRow(ws, 0, plain, push - damping * Nv);
}
