import { rowVelocity } from "./constraints.ts";
import type { Model } from "./model.ts";
import { factorize, multiply, solveFactored } from "./tree-factor.ts";
import type { Workspace } from "./workspace.ts";

const maxIterations = 100;

/**
 * The constrained acceleration, with a0 = M⁻¹ f the smooth one:
 *   minimise over a   ½ (a − a0)ᵀ M (a − a0) + Σ_i ½ D_i min(0, J_i a − aref_i)²
 * Strictly convex and piecewise quadratic, so the minimiser is unique and Newton's method with an exact
 * line search lands on it: once the active set {i : J_i a < aref_i} is right, one full step is exact.
 *   H = M + Σ_active D_i J_iᵀ J_i        g = M a − f + Σ_active D_i (J_i a − aref_i) J_iᵀ
 * Optimality is  M a = f + Jᵀ force,  force_i = −D_i min(0, J_i a − aref_i).
 * Source: Todorov, "Convex and analytically-invertible dynamics with contacts and constraints: theory
 * and implementation in MuJoCo", ICRA 2014, doi:10.1109/ICRA.2014.6907751.
 * Reads ws.smooth, ws.smoothAcceleration, ws.mass and the rows; writes ws.acc and ws.constraintForce.
 */
export function solveConstraints(model: Model, ws: Workspace, warmstart: Float64Array): void {
  const { acc, constraintForce, smoothAcceleration } = ws;
  ws.solverIterations = 0;
  constraintForce.fill(0);
  acc.set(smoothAcceleration);
  if (ws.rowCount === 0) return;

  const smoothCost = startAt(model, ws, smoothAcceleration);
  let cost = startAt(model, ws, warmstart);
  if (!(cost <= smoothCost)) cost = startAt(model, ws, smoothAcceleration);

  while (ws.solverIterations < maxIterations) {
    ws.solverIterations++;
    newtonDirection(model, ws);
    if (fullStepKeepsActiveSet(ws)) {
      move(model, ws, 1);
      break;
    }
    move(model, ws, lineSearch(model, ws));
    const next = evaluate(model, ws);
    if (!(next < cost)) break;
    cost = next;
  }
  for (let r = 0; r < ws.rowCount; r++) {
    const force = -ws.rowWeight[r]! * Math.min(0, ws.rowGap[r]!);
    ws.rowForce[r] = force;
    if (force !== 0) addRow(model, ws, r, force, constraintForce);
  }
}

/** Sets a, M a and the gaps; returns the cost, less the constant ½ fᵀ a0. */
function startAt(model: Model, ws: Workspace, a: Float64Array): number {
  ws.acc.set(a);
  multiply(ws.mass, model.nv, model.dofParent, a, ws.massTimesAcceleration);
  for (let r = 0; r < ws.rowCount; r++) ws.rowGap[r] = rowVelocity(model, ws, r, a) - ws.rowReference[r]!;
  return evaluate(model, ws);
}

/** The cost at ws.acc, and the active set. */
function evaluate(model: Model, ws: Workspace): number {
  const { acc, smooth, massTimesAcceleration: Ma, rowGap, rowWeight, rowActive } = ws;
  let cost = 0;
  for (let i = 0; i < model.nv; i++) cost += acc[i]! * (0.5 * Ma[i]! - smooth[i]!);
  for (let r = 0; r < ws.rowCount; r++) {
    const gap = rowGap[r]!;
    rowActive[r] = gap < 0 ? 1 : 0;
    if (gap < 0) cost += 0.5 * rowWeight[r]! * gap * gap;
  }
  return cost;
}

/** direction = −H⁻¹ g, and its images M p and J p. */
function newtonDirection(model: Model, ws: Workspace): void {
  const { hessian: H, direction: p, jacobian: J, smooth, massTimesAcceleration: Ma } = ws;
  const { nv, solverParent } = model;
  H.set(ws.mass);
  for (let i = 0; i < nv; i++) p[i] = smooth[i]! - Ma[i]!;
  for (let r = 0; r < ws.rowCount; r++) {
    if (ws.rowActive[r] === 0) continue;
    const D = ws.rowWeight[r]!;
    const last = ws.rowLastDof[r]!;
    const o = r * nv;
    const force = -D * ws.rowGap[r]!;
    for (let i = last; i >= 0; i = solverParent[i]!) {
      const ji = J[o + i]!;
      if (ji === 0) continue;
      p[i] = p[i]! + ji * force;
      const w = D * ji;
      for (let j = i; j >= 0; j = solverParent[j]!) H[i * nv + j] = H[i * nv + j]! + w * J[o + j]!;
    }
  }
  factorize(H, nv, solverParent);
  solveFactored(H, nv, solverParent, p);
  multiply(ws.mass, nv, model.dofParent, p, ws.massTimesDirection);
  for (let r = 0; r < ws.rowCount; r++) ws.rowSlope[r] = rowVelocity(model, ws, r, p);
}

function fullStepKeepsActiveSet(ws: Workspace): boolean {
  const { rowGap, rowSlope, rowActive } = ws;
  for (let r = 0; r < ws.rowCount; r++) {
    if (rowGap[r]! + rowSlope[r]! < 0 !== (rowActive[r] === 1)) return false;
  }
  return true;
}

/**
 * The zero of the derivative along a + t p, increasing and piecewise linear in t,
 *   φ'(t) = pᵀ(M a − f) + t pᵀM p + Σ_{gap + t slope < 0} D slope (gap + t slope)
 * by Newton's method kept inside a bracket.
 */
function lineSearch(model: Model, ws: Workspace): number {
  const { direction: p, massTimesAcceleration: Ma, massTimesDirection: Mp, smooth } = ws;
  const { rowGap, rowSlope, rowWeight } = ws;
  let linear = 0;
  let quadratic = 0;
  for (let i = 0; i < model.nv; i++) {
    linear += p[i]! * (Ma[i]! - smooth[i]!);
    quadratic += p[i]! * Mp[i]!;
  }
  let low = 0;
  let high = Number.POSITIVE_INFINITY;
  let t = 1;
  for (let k = 0; k < 50; k++) {
    let derivative = linear + t * quadratic;
    let curvature = quadratic;
    let scale = Math.abs(linear);
    for (let r = 0; r < ws.rowCount; r++) {
      const slope = rowSlope[r]!;
      const gap = rowGap[r]! + t * slope;
      if (gap < 0) {
        const d = rowWeight[r]! * slope;
        derivative += d * gap;
        curvature += d * slope;
        scale += Math.abs(d * gap);
      }
    }
    if (Math.abs(derivative) <= 1e-15 * scale) return t;
    if (derivative < 0) low = t;
    else high = t;
    const newton = t - derivative / curvature;
    const next =
      newton > low && newton < high ? newton : high === Number.POSITIVE_INFINITY ? 2 * t : (low + high) / 2;
    if (next === t) return t;
    t = next;
  }
  return t;
}

/** a ← a + t p, with M a and the gaps. */
function move(model: Model, ws: Workspace, t: number): void {
  const { acc, direction, massTimesAcceleration, massTimesDirection, rowGap, rowSlope } = ws;
  for (let i = 0; i < model.nv; i++) {
    acc[i] = acc[i]! + t * direction[i]!;
    massTimesAcceleration[i] = massTimesAcceleration[i]! + t * massTimesDirection[i]!;
  }
  for (let r = 0; r < ws.rowCount; r++) rowGap[r] = rowGap[r]! + t * rowSlope[r]!;
}

/** out ← out + s J_r */
function addRow(model: Model, ws: Workspace, r: number, s: number, out: Float64Array): void {
  const o = r * model.nv;
  for (let i = ws.rowLastDof[r]!; i >= 0; i = model.solverParent[i]!)
    out[i] = out[i]! + s * ws.jacobian[o + i]!;
}
