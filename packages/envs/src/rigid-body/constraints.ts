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
  const row = ws.rowCount++;
  ws.edgeCount++;
  ws.jacobian[row * model.nv] = side;
  const r = gap - law.margin;
  const d = impedance(law, r);
  ws.rowPath[row] = model.paths.start[dof]!;
  ws.rowLength[row] = 1;
  ws.rowWeight[row] = weight(law, d);
  ws.rowReference[row] = -law.damping * side * qvel[dof]! - law.stiffness * d * r;
}

/** D = 1/R */
function weight(law: ConstraintLaw, d: number): number {
  return 1 / Math.max(minimumValue, ((1 - d) / d) * law.regularization);
}

/**
 * A frictionless contact is the row Jn. With friction μ its friction cone is the pyramid of the four edges, each a row,
 *   Jn + μ Jt1,  Jn − μ Jt1,  Jn + μ Jt2,  Jn − μ Jt2
 * For a robot in a plane Jt2 = 0: the last two are one row Jn of double weight.
 */
function contactRows(model: Model, ws: Workspace, contact: Contact, qvel: Float64Array): void {
  const { contactDimension, friction: mu, law } = model.pairs[contact.pair]!;
  const last = Math.max(
    model.bodyLastDof[contact.second.body]!,
    contact.first === undefined ? -1 : model.bodyLastDof[contact.first.body]!,
  );
  const path = model.paths.start[last]!;
  const length = model.paths.start[last + 1]! - path;
  const r = contact.distance - law.margin;
  const d = impedance(law, r);
  const D = weight(law, d);
  contact.row = ws.rowCount;
  contact.r = r;

  const { normal, tangent1, tangent2 } = contact;
  const speed = pointRow(model, ws, contact, normal, path, length, qvel, ws.normalRow);
  const aref = -law.stiffness * d * r - law.damping * speed;
  if (contactDimension === 1) {
    ws.edgeCount += 1;
    edgeRow(model, ws, path, length, 0, D, aref);
    return;
  }
  ws.edgeCount += 4;
  const slide1 = mu * law.damping * pointRow(model, ws, contact, tangent1, path, length, qvel, ws.tangentRow);
  edgeRow(model, ws, path, length, mu, D, aref - slide1);
  edgeRow(model, ws, path, length, -mu, D, aref + slide1);
  if (model.plane !== undefined) {
    edgeRow(model, ws, path, length, 0, 2 * D, aref);
    return;
  }
  const slide2 = mu * law.damping * pointRow(model, ws, contact, tangent2, path, length, qvel, ws.tangentRow);
  edgeRow(model, ws, path, length, mu, D, aref - slide2);
  edgeRow(model, ws, path, length, -mu, D, aref + slide2);
}

/** The row Jn + s Jt. */
function edgeRow(
  model: Model,
  ws: Workspace,
  path: number,
  length: number,
  s: number,
  D: number,
  aref: number,
): void {
  const { jacobian: J, normalRow: Jn, tangentRow: Jt } = ws;
  const row = ws.rowCount++;
  const o = row * model.nv;
  if (s === 0) for (let t = 0; t < length; t++) J[o + t] = Jn[t]!;
  else for (let t = 0; t < length; t++) J[o + t] = Jn[t]! + s * Jt[t]!;
  ws.rowPath[row] = path;
  ws.rowLength[row] = length;
  ws.rowWeight[row] = D;
  ws.rowReference[row] = aref;
}

/**
 * out = the Jacobian of the contact point's velocity along w, second body minus first, on a path:
 *   J_i = ([i moves second] − [i moves first]) S_iᵀ ((P − O) × w, w)
 * Returns J qvel.
 */
function pointRow(
  model: Model,
  ws: Workspace,
  contact: Contact,
  w: Float64Array,
  path: number,
  length: number,
  qvel: Float64Array,
  out: Float64Array,
): number {
  const { motion: S, origin } = ws;
  const { dofMovesBody: moves, nv } = model;
  const { dofs } = model.paths;
  const second = contact.second.body * nv;
  const first = contact.first === undefined ? 0 : contact.first.body * nv;
  const P = contact.position;
  const wx = w[0]!;
  const wy = w[1]!;
  const wz = w[2]!;
  const px = P[0]! - origin[0]!;
  const py = P[1]! - origin[1]!;
  const pz = P[2]! - origin[2]!;
  const mx = py * wz - pz * wy;
  const my = pz * wx - px * wz;
  const mz = px * wy - py * wx;
  let speed = 0;
  for (let t = 0; t < length; t++) {
    const i = dofs[path + t]!;
    const s = 6 * i;
    const j =
      (moves[second + i]! - moves[first + i]!) *
      (S[s]! * mx + S[s + 1]! * my + S[s + 2]! * mz + S[s + 3]! * wx + S[s + 4]! * wy + S[s + 5]! * wz);
    out[t] = j;
    speed += j * qvel[i]!;
  }
  return speed;
}
