import { type ConstraintLaw, impedance, minimumValue } from "./constraint-law.ts";
import type { Model } from "./model.ts";
import type { Contact, Workspace } from "./workspace.ts";

/**
 * The rows of the constraint set: limits by joint (lower before upper), then contacts. Each row is a
 * unilateral scalar constraint with
 *   J          how its gap opens per unit velocity
 *   R = (1 − d)/d · regularisation,   D = 1/R              d = impedance(r)
 *   aref = −B (J v) − K d r                                r = gap − margin
 * and the solver gives it the force  max(0, −D (J a − aref)).
 * Source: MuJoCo documentation, "Constraint model".
 */
export function constraintRows(model: Model, ws: Workspace, qpos: Float64Array, qvel: Float64Array): void {
  ws.rowCount = 0;
  for (const limit of model.limits) {
    const q = qpos[limit.qposAddress]!;
    if (q - limit.low < limit.law.margin) limitRow(model, ws, limit.dof, 1, q - limit.low, limit.law, qvel);
    if (limit.high - q < limit.law.margin)
      limitRow(model, ws, limit.dof, -1, limit.high - q, limit.law, qvel);
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
  clearRow(model, ws, row, dof);
  ws.jacobian[row * model.nv + dof] = side;
  finishRow(model, ws, row, gap - law.margin, law, qvel);
}

/**
 * A frictionless contact is the row Jn. With friction μ its friction cone is the pyramid of the four
 * edges, each a row,
 *   Jn + μ Jt1,  Jn − μ Jt1,  Jn + μ Jt2,  Jn − μ Jt2
 */
function contactRows(model: Model, ws: Workspace, contact: Contact, qvel: Float64Array): void {
  const pair = model.pairs[contact.pair]!;
  const law = pair.law;
  const r = contact.distance - law.margin;
  contact.row = ws.rowCount;
  if (pair.contactDimension === 1) {
    finishRow(model, ws, edgeRow(model, ws, contact, contact.tangent1, 0), r, law, qvel);
    return;
  }
  const mu = pair.friction;
  const row = edgeRow(model, ws, contact, contact.tangent1, mu);
  finishRow(model, ws, row, r, law, qvel);
  const weight = ws.rowWeight[row]!;
  const shift = ws.rowReference[row]! + law.damping * rowVelocity(model, ws, row, qvel);
  for (let k = 1; k < 4; k++) {
    const edge = edgeRow(
      model,
      ws,
      contact,
      k < 2 ? contact.tangent1 : contact.tangent2,
      k % 2 === 0 ? mu : -mu,
    );
    ws.rowResidual[edge] = r;
    ws.rowWeight[edge] = weight;
    ws.rowReference[edge] = shift - law.damping * rowVelocity(model, ws, edge, qvel);
  }
}

/**
 * The Jacobian of the contact point's velocity along w = n + s t, second body minus first:
 *   J_i = S_iᵀ ((P − O) × w, w)
 */
function edgeRow(model: Model, ws: Workspace, contact: Contact, tangent: Float64Array, s: number): number {
  const row = ws.rowCount++;
  const n = contact.normal;
  const wx = n[0]! + s * tangent[0]!;
  const wy = n[1]! + s * tangent[1]!;
  const wz = n[2]! + s * tangent[2]!;
  const px = contact.position[0]! - ws.origin[0]!;
  const py = contact.position[1]! - ws.origin[1]!;
  const pz = contact.position[2]! - ws.origin[2]!;
  const mx = py * wz - pz * wy;
  const my = pz * wx - px * wz;
  const mz = px * wy - py * wx;
  const last = model.bodyLastDof[contact.second.body]!;
  if (contact.first === undefined) {
    clearRow(model, ws, row, last);
    addWrench(model, ws, row, last, 1, mx, my, mz, wx, wy, wz);
  } else {
    const other = model.bodyLastDof[contact.first.body]!;
    clearRow(model, ws, row, Math.max(last, other));
    addWrench(model, ws, row, last, 1, mx, my, mz, wx, wy, wz);
    addWrench(model, ws, row, other, -1, mx, my, mz, wx, wy, wz);
  }
  return row;
}

function addWrench(
  model: Model,
  ws: Workspace,
  row: number,
  last: number,
  sign: 1 | -1,
  mx: number,
  my: number,
  mz: number,
  wx: number,
  wy: number,
  wz: number,
): void {
  const { jacobian: J, motion: S } = ws;
  const { dofParent, nv } = model;
  for (let i = last; i >= 0; i = dofParent[i]!) {
    const s = 6 * i;
    const j = S[s]! * mx + S[s + 1]! * my + S[s + 2]! * mz + S[s + 3]! * wx + S[s + 4]! * wy + S[s + 5]! * wz;
    J[row * nv + i] = J[row * nv + i]! + sign * j;
  }
}

/** Zeroes the row's entries on the solver's path of `last`, the only ones that are ever read. */
function clearRow(model: Model, ws: Workspace, row: number, last: number): void {
  ws.rowLastDof[row] = last;
  for (let i = last; i >= 0; i = model.solverParent[i]!) ws.jacobian[row * model.nv + i] = 0;
}

function finishRow(
  model: Model,
  ws: Workspace,
  row: number,
  r: number,
  law: ConstraintLaw,
  qvel: Float64Array,
): void {
  const d = impedance(law, r);
  ws.rowResidual[row] = r;
  ws.rowWeight[row] = 1 / Math.max(minimumValue, ((1 - d) / d) * law.regularization);
  ws.rowReference[row] = -law.damping * rowVelocity(model, ws, row, qvel) - law.stiffness * d * r;
}

/** (J x)_row over the row's path. */
export function rowVelocity(model: Model, ws: Workspace, row: number, x: Float64Array): number {
  const { jacobian: J } = ws;
  const parent = model.solverParent;
  const o = row * model.nv;
  let sum = 0;
  for (let i = ws.rowLastDof[row]!; i >= 0; i = parent[i]!) sum += J[o + i]! * x[i]!;
  return sum;
}
