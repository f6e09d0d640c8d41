import { atan2 } from "@sgmrl/autodiff/elementary";
import { type ConstraintLaw, impedance, minimumValue } from "../model/constraint-law.ts";
import type { BallLimit, JointLimit, Model } from "../model/model.ts";
import type { Contact, Workspace } from "./workspace.ts";

/**
 * The rows of the constraint set: limits by joint (lower before upper), of balls, then contacts. Each row is a unilateral  [eq:constraint-row]
 * scalar constraint with
 *   J          the rate at which its gap opens, per unit velocity
 *   R = (1 − d)/d · regularisation,   D = 1/R              d = impedance(r)
 *   aref = −B (J v) − K d r                                r = gap − margin
 * for which the solver's force is  max(0, −D (J a − aref)).
 * Source: MuJoCo documentation, "Constraint model".
 */
export function constraintRows(model: Model, ws: Workspace, qpos: Float64Array, qvel: Float64Array): void {
  ws.rowCount = 0;
  ws.groupCount = 0;
  ws.edgeCount = 0;
  const { limits, ballLimits } = model;
  for (let k = 0; k < limits.length; k++) {
    const limit = limits[k]!;
    const q = qpos[limit.qposAddress]!;
    if (q - limit.low < limit.law.margin) limitRow(model, ws, limit, 1, qpos, qvel);
    if (limit.high - q < limit.law.margin) limitRow(model, ws, limit, -1, qpos, qvel);
  }
  for (let k = 0; k < ballLimits.length; k++) ballLimitRow(model, ws, ballLimits[k]!, qpos, qvel);
  for (let c = 0; c < ws.contactCount; c++) contactRows(model, ws, ws.contacts[c]!, qvel);
}

function limitRow(
  model: Model,
  ws: Workspace,
  { qposAddress, dof, low, high, law }: JointLimit,
  side: 1 | -1,
  qpos: Float64Array,
  qvel: Float64Array,
): void {
  ws.edgeCount++;
  const o = 2 * model.nv * ws.groupCount;
  ws.directions[o] = side;
  ws.directions[o + 1] = 0;
  const q = qpos[qposAddress]!;
  const r = (side === 1 ? q - low : high - q) - law.margin;
  const d = impedance(law, r);
  openGroup(ws, model.paths.start[dof]!, 1);
  addRow(ws, 0, weight(law, d), -law.damping * side * qvel[dof]! - law.stiffness * d * r);
}

/**
 * A ball joint turned by φ ∈ [0, π] about the unit axis e, Q = ±|Q| (cos ½φ, sin ½φ e):      [eq:ball-limit]
 *   gap = angle − φ,   J = −e     on the joint's three dofs
 */
function ballLimitRow(
  model: Model,
  ws: Workspace,
  { qposAddress: a, dof, angle, law }: BallLimit,
  qpos: Float64Array,
  qvel: Float64Array,
): void {
  const sign = qpos[a]! < 0 ? -1 : 1;
  const x = sign * qpos[a + 1]!;
  const y = sign * qpos[a + 2]!;
  const z = sign * qpos[a + 3]!;
  const sine = Math.sqrt(x * x + y * y + z * z);
  const r = angle - 2 * atan2(sine, sign * qpos[a]!) - law.margin;
  if (r >= 0) return;
  const isTurned = sine > 0;
  const e = [isTurned ? x / sine : 1, isTurned ? y / sine : 0, isTurned ? z / sine : 0];
  ws.edgeCount++;
  const o = 2 * model.nv * ws.groupCount;
  let speed = 0;
  // The path to the world begins with the joint's three dofs, the last first.
  for (let k = 0; k < 3; k++) {
    const J = -e[2 - k]!;
    ws.directions[o + 2 * k] = J;
    ws.directions[o + 2 * k + 1] = 0;
    speed += J * qvel[dof + 2 - k]!;
  }
  const d = impedance(law, r);
  openGroup(ws, model.paths.start[dof + 2]!, 3);
  addRow(ws, 0, weight(law, d), -law.damping * speed - law.stiffness * d * r);
}

/** Opens a group, still without rows, whose directions are already in ws.directions. */
function openGroup(ws: Workspace, path: number, length: number): void {
  const group = ws.groups[ws.groupCount++]!;
  group.path = path;
  group.length = length;
  group.first = ws.rowCount;
  group.end = ws.rowCount;
}

/** Adds the row N + s T to the last group. */
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
 * A frictionless contact has one row, N. With friction μ its cone is approximated by a pyramid of four edges,
 * a row each:
 *   N + μ T1,  N − μ T1,  N + μ T2,  N − μ T2
 * For a planar robot T2 = 0, so the last two become one row N of double weight.
 */
function contactRows(model: Model, ws: Workspace, contact: Contact, qvel: Float64Array): void {
  const { contactDimension, law } = model.pairs[contact.pair]!;
  const r = contact.distance - law.margin;
  contact.row = ws.rowCount;
  contact.r = r;
  contact.impedance = impedance(law, r);
  if (contactDimension === 1) {
    ws.edgeCount++;
    contactGroup(model, ws, contact, contact.tangent1, qvel, false, 1);
    return;
  }
  ws.edgeCount += 4;
  const flat = model.plane !== undefined;
  contactGroup(model, ws, contact, contact.tangent1, qvel, true, flat ? 2 : 0);
  if (!flat) contactGroup(model, ws, contact, contact.tangent2, qvel, true, 0);
}

/**
 * Adds the rows N ± μ T if `slides`, and one row N of `upright` times the weight if that is positive. N and T
 * are the Jacobians of the contact point's velocity, second body minus first, along the normal and the given
 * tangent:
 *   (N, T)_i = ([i moves second] − [i moves first]) (n, t)ᵀ (v_i + ω_i × (P − O))          S_i = (ω_i, v_i)
 */
function contactGroup(
  model: Model,
  ws: Workspace,
  contact: Contact,
  tangent: Float64Array,
  qvel: Float64Array,
  slides: boolean,
  upright: 0 | 1 | 2,
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
  const { friction: mu, law } = model.pairs[contact.pair]!;
  const { r, impedance: d } = contact;
  const D = weight(law, d);
  const aref = -law.damping * Nv - law.stiffness * d * r;
  const slide = law.damping * mu * Tv;
  if (slides) {
    addRow(ws, mu, D, aref - slide);
    addRow(ws, -mu, D, aref + slide);
  }
  if (upright > 0) addRow(ws, 0, upright * D, aref);
}
