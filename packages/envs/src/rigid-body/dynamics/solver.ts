import type { Model } from "../model/model.ts";
import { copy, multiply, solve } from "../model/tree-factor.ts";
import type { Workspace } from "./workspace.ts";

const maxIterations = 100;
/** Iterations with a full Newton step, which usually suffice; then a line search ensures convergence. */
const fullSteps = 3;

/**
 * The acceleration under constraints, f the smooth forces and a0 = M⁻¹ f:                      [eq:constraint-solver]
 *   minimise over a   ½ (a − a0)ᵀ M (a − a0) + Σ_i ½ D_i min(0, J_i a − aref_i)²
 * Strictly convex and piecewise quadratic, so the minimiser is unique. With A = {i : J_i a < aref_i}, Newton's
 * method solves
 *   (M + Σ_A D_i J_iᵀ J_i) a⁺ = f + Σ_A D_i aref_i J_iᵀ
 * If a⁺ has the same active set A it is the minimiser, up to rounding; otherwise a moves towards a⁺, to the
 * minimum along that line. The start does not change the answer, only the number of iterations.
 * Optimality is  M a = f + Jᵀ force,  force_i = −D_i min(0, J_i a − aref_i).
 * The rows of a group are J_i = N + s_i T, so a group needs only two products with a, and
 *   Σ_A D_i J_iᵀ J_i = α NᵀN + β (NᵀT + TᵀN) + γ TᵀT      α = Σ_A D_i,  β = Σ_A D_i s_i,  γ = Σ_A D_i s_i²
 * Source: Todorov, "Convex and analytically-invertible dynamics with contacts and constraints: theory and
 * implementation in MuJoCo", ICRA 2014, doi:10.1109/ICRA.2014.6907751.
 * Reads ws.smooth, ws.mass and the rows; writes ws.acc and the rows' gaps.
 */
export function solveConstraints(model: Model, ws: Workspace, start: Float64Array): void {
  const n = model.nv;
  ws.solverIterations = 0;
  if (ws.rowCount === 0) {
    copy(ws.smooth, n, ws.acc);
    solve(ws.mass, model.paths, ws.acc, ws.factor);
    return;
  }
  copy(start, n, ws.acc);
  gaps(model, ws, ws.acc, ws.rowGap);
  while (ws.solverIterations < maxIterations) {
    ws.solverIterations++;
    newtonPoint(model, ws);
    gaps(model, ws, ws.candidate, ws.rowCandidateGap);
    const settled = sameActiveSet(ws);
    if (settled || ws.solverIterations <= fullSteps) {
      copy(ws.candidate, n, ws.acc);
      copy(ws.rowCandidateGap, ws.rowCount, ws.rowGap);
      if (settled) return;
    } else if (!moveTowardsCandidate(model, ws)) {
      return;
    }
  }
}

/** force_i = −D_i min(0, J_i a − aref_i) of a row, after a solve [N or N m]. */
export function rowForce(ws: Workspace, row: number): number {
  return -ws.rowWeight[row]! * Math.min(0, ws.rowGap[row]!);
}

/** J a − aref */
function gaps(model: Model, ws: Workspace, a: Float64Array, out: Float64Array): void {
  const { groups, directions: J, rowSlide, rowReference } = ws;
  const { dofs } = model.paths;
  for (let g = 0; g < ws.groupCount; g++) {
    const { path, length, first, end } = groups[g]!;
    const o = 2 * model.nv * g;
    let Na = 0;
    let Ta = 0;
    for (let k = 0; k < length; k++) {
      const x = a[dofs[path + k]!]!;
      Na += J[o + 2 * k]! * x;
      Ta += J[o + 2 * k + 1]! * x;
    }
    for (let r = first; r < end; r++) out[r] = Na + rowSlide[r]! * Ta - rowReference[r]!;
  }
}

/** candidate ← a⁺ for the active set {i : rowGap_i < 0}. */
function newtonPoint(model: Model, ws: Workspace): void {
  const { hessian: H, candidate, groups, directions: J, rowGap, rowWeight, rowReference, rowSlide } = ws;
  const { start, dofs } = model.paths;
  copy(ws.smooth, model.nv, candidate);
  copy(ws.mass, dofs.length, H);
  for (let g = 0; g < ws.groupCount; g++) {
    const { path, length, first, end } = groups[g]!;
    let alpha = 0;
    let beta = 0;
    let gamma = 0;
    let pullN = 0;
    let pullT = 0;
    for (let r = first; r < end; r++) {
      if (!(rowGap[r]! < 0)) continue;
      const D = rowWeight[r]!;
      const s = rowSlide[r]!;
      const pull = D * rowReference[r]!;
      alpha += D;
      beta += D * s;
      gamma += D * s * s;
      pullN += pull;
      pullT += pull * s;
    }
    if (alpha === 0) continue;
    const o = 2 * model.nv * g;
    for (let k = 0; k < length; k++) {
      const i = dofs[path + k]!;
      const N = J[o + 2 * k]!;
      const T = J[o + 2 * k + 1]!;
      candidate[i] = candidate[i]! + pullN * N + pullT * T;
      const n = alpha * N + beta * T;
      const t = beta * N + gamma * T;
      const row = start[i]! - k;
      for (let l = k; l < length; l++) H[row + l] = H[row + l]! + n * J[o + 2 * l]! + t * J[o + 2 * l + 1]!;
    }
  }
  solve(H, model.paths, candidate, ws.factor);
}

function sameActiveSet({ rowCount, rowGap, rowCandidateGap }: Workspace): boolean {
  for (let r = 0; r < rowCount; r++) {
    if (rowGap[r]! < 0 !== rowCandidateGap[r]! < 0) return false;
  }
  return true;
}

/**
 * a ← a + t p, p = a⁺ − a, t the zero of the increasing, piecewise linear derivative
 *   φ'(t) = pᵀ(M a − f) + t pᵀM p + Σ_{gap + t slope < 0} D slope (gap + t slope)
 * found by Newton's method inside a bracket. Returns whether the cost went down.
 */
function moveTowardsCandidate(model: Model, ws: Workspace): boolean {
  const { acc, candidate, direction: p, product, rowGap, rowCandidateGap, rowWeight, rowCount } = ws;
  const n = model.nv;
  multiply(ws.mass, model.paths, acc, product);
  let linear = 0;
  for (let i = 0; i < n; i++) {
    p[i] = candidate[i]! - acc[i]!;
    linear += p[i]! * (product[i]! - ws.smooth[i]!);
  }
  multiply(ws.mass, model.paths, p, product);
  let quadratic = 0;
  for (let i = 0; i < n; i++) quadratic += p[i]! * product[i]!;

  let low = 0;
  let high = Number.POSITIVE_INFINITY;
  let t = 1;
  for (let k = 0; k < 50; k++) {
    let derivative = linear + t * quadratic;
    let curvature = quadratic;
    let scale = Math.abs(linear);
    for (let r = 0; r < rowCount; r++) {
      const slope = rowCandidateGap[r]! - rowGap[r]!;
      const gap = rowGap[r]! + t * slope;
      if (gap < 0) {
        const d = rowWeight[r]! * slope;
        derivative += d * gap;
        curvature += d * slope;
        scale += Math.abs(d * gap);
      }
    }
    if (Math.abs(derivative) <= 1e-15 * scale) break;
    if (derivative < 0) low = t;
    else high = t;
    const newton = t - derivative / curvature;
    const bisected = high === Number.POSITIVE_INFINITY ? 2 * t : (low + high) / 2;
    const next = newton > low && newton < high ? newton : bisected;
    if (next === t) break;
    t = next;
  }

  let change = t * (linear + 0.5 * t * quadratic);
  for (let r = 0; r < rowCount; r++) {
    const before = Math.min(0, rowGap[r]!);
    rowGap[r] = rowGap[r]! + t * (rowCandidateGap[r]! - rowGap[r]!);
    const after = Math.min(0, rowGap[r]!);
    change += 0.5 * rowWeight[r]! * (after - before) * (after + before);
  }
  for (let i = 0; i < n; i++) acc[i] = acc[i]! + t * p[i]!;
  return change < 0;
}
