import type { Model } from "../model/model.ts";
import type { Workspace } from "./workspace.ts";

/**
 * Spatial velocities, and accelerations when qacc = 0, parents first:                          [eq:velocities]
 *   V_b = V_parent + Σ_i S_i v_i
 *   A_b = A_parent + Σ_i (V × S_i) v_i      V before dof i is added
 *   (ω, v) × (α, a) = (ω × α,  ω × a + v × α)
 * The translations of a free joint keep the world's axes and its rotations the body's; together
 *   A_b = (0, u × ω)                         u = velocity of the body's origin, here O
 * The axes of a ball joint turn with its body, so all three of its dofs use the V before the first of them.
 * Units: rad/s, m/s, m/s².
 */
export function velocities(model: Model, ws: Workspace, qvel: Float64Array): void {
  const { velocity: V, acceleration: A, motion: S } = ws;
  const { bodyParent, bodyFirstDof, bodyIsFree, dofBall } = model;
  const count = bodyParent.length;
  for (let b = 1; b < count; b++) {
    const p = 6 * bodyParent[b]!;
    let wx = V[p]!;
    let wy = V[p + 1]!;
    let wz = V[p + 2]!;
    let vx = V[p + 3]!;
    let vy = V[p + 4]!;
    let vz = V[p + 5]!;
    let ax = A[p]!;
    let ay = A[p + 1]!;
    let az = A[p + 2]!;
    let lx = A[p + 3]!;
    let ly = A[p + 4]!;
    let lz = A[p + 5]!;
    const first = bodyFirstDof[b]!;
    const end = bodyFirstDof[b + 1]!;
    const free = bodyIsFree[b] === 1;
    let [bwx, bwy, bwz, bvx, bvy, bvz, ball] = [0, 0, 0, 0, 0, 0, 0];
    for (let i = first; i < end; i++) {
      const s = 6 * i;
      const q = qvel[i]!;
      const sx = S[s]! * q;
      const sy = S[s + 1]! * q;
      const sz = S[s + 2]! * q;
      const tx = S[s + 3]! * q;
      const ty = S[s + 4]! * q;
      const tz = S[s + 5]! * q;
      if (dofBall[i]! >= 0) {
        // V before the first of the three, since their axes turn with the body.
        [bwx, bwy, bwz, bvx, bvy, bvz, ball] = [wx, wy, wz, vx, vy, vz, i + 3];
      }
      if (i < ball) {
        ax += bwy * sz - bwz * sy;
        ay += bwz * sx - bwx * sz;
        az += bwx * sy - bwy * sx;
        lx += bwy * tz - bwz * ty + bvy * sz - bvz * sy;
        ly += bwz * tx - bwx * tz + bvz * sx - bvx * sz;
        lz += bwx * ty - bwy * tx + bvx * sy - bvy * sx;
      } else if (!free) {
        ax += wy * sz - wz * sy;
        ay += wz * sx - wx * sz;
        az += wx * sy - wy * sx;
        lx += wy * tz - wz * ty + vy * sz - vz * sy;
        ly += wz * tx - wx * tz + vz * sx - vx * sz;
        lz += wx * ty - wy * tx + vx * sy - vy * sx;
      }
      wx += sx;
      wy += sy;
      wz += sz;
      vx += tx;
      vy += ty;
      vz += tz;
    }
    if (free) {
      const ux = qvel[first]!;
      const uy = qvel[first + 1]!;
      const uz = qvel[first + 2]!;
      lx += uy * wz - uz * wy;
      ly += uz * wx - ux * wz;
      lz += ux * wy - uy * wx;
    }
    const o = 6 * b;
    V[o] = wx;
    V[o + 1] = wy;
    V[o + 2] = wz;
    V[o + 3] = vx;
    V[o + 4] = vy;
    V[o + 5] = vz;
    A[o] = ax;
    A[o + 1] = ay;
    A[o + 2] = az;
    A[o + 3] = lx;
    A[o + 4] = ly;
    A[o + 5] = lz;
  }
}

/**
 * Coriolis, centrifugal and gravity forces: recursive Newton-Euler at qacc = 0,                [eq:bias-force]
 *   f_b = I (A − (0, g)) + V ×* I V + Σ_children f        c_i = S_iᵀ f_b(i)
 *   (ω, v) ×* (n, f) = (ω × n + v × f,  ω × f)
 * so that  M(q) a + c(q, v) = applied forces.
 * Source: Featherstone 2008, section 5.3.
 */
export function biasForces(model: Model, ws: Workspace): void {
  const { velocity: V, acceleration: A, inertia: I, force: F, motion: S, bias } = ws;
  const { bodyParent, dofBody, nv } = model;
  const gx = model.gravity[0];
  const gy = model.gravity[1];
  const gz = model.gravity[2];
  const count = bodyParent.length;
  for (let b = 1; b < count; b++) {
    const o = 6 * b;
    const k = 10 * b;
    const m = I[k]!;
    const hx = I[k + 1]!;
    const hy = I[k + 2]!;
    const hz = I[k + 3]!;
    const xx = I[k + 4]!;
    const yy = I[k + 5]!;
    const zz = I[k + 6]!;
    const xy = I[k + 7]!;
    const xz = I[k + 8]!;
    const yz = I[k + 9]!;
    const wx = V[o]!;
    const wy = V[o + 1]!;
    const wz = V[o + 2]!;
    const vx = V[o + 3]!;
    const vy = V[o + 4]!;
    const vz = V[o + 5]!;
    const ax = A[o]!;
    const ay = A[o + 1]!;
    const az = A[o + 2]!;
    const lx = A[o + 3]! - gx;
    const ly = A[o + 4]! - gy;
    const lz = A[o + 5]! - gz;
    // momentum I V
    const nx = xx * wx + xy * wy + xz * wz + hy * vz - hz * vy;
    const ny = xy * wx + yy * wy + yz * wz + hz * vx - hx * vz;
    const nz = xz * wx + yz * wy + zz * wz + hx * vy - hy * vx;
    const px = m * vx - hy * wz + hz * wy;
    const py = m * vy - hz * wx + hx * wz;
    const pz = m * vz - hx * wy + hy * wx;
    F[o] = xx * ax + xy * ay + xz * az + hy * lz - hz * ly + wy * nz - wz * ny + vy * pz - vz * py;
    F[o + 1] = xy * ax + yy * ay + yz * az + hz * lx - hx * lz + wz * nx - wx * nz + vz * px - vx * pz;
    F[o + 2] = xz * ax + yz * ay + zz * az + hx * ly - hy * lx + wx * ny - wy * nx + vx * py - vy * px;
    F[o + 3] = m * lx - hy * az + hz * ay + wy * pz - wz * py;
    F[o + 4] = m * ly - hz * ax + hx * az + wz * px - wx * pz;
    F[o + 5] = m * lz - hx * ay + hy * ax + wx * py - wy * px;
  }
  for (let b = count - 1; b > 0; b--) {
    const p = bodyParent[b]!;
    if (p > 0) for (let k = 0; k < 6; k++) F[6 * p + k] = F[6 * p + k]! + F[6 * b + k]!;
  }
  for (let i = 0; i < nv; i++) bias[i] = along(S, 6 * i, F, 6 * dofBody[i]!);
}

/** S_iᵀ f */
function along(S: Float64Array, s: number, F: Float64Array, f: number): number {
  return (
    S[s]! * F[f]! +
    S[s + 1]! * F[f + 1]! +
    S[s + 2]! * F[f + 2]! +
    S[s + 3]! * F[f + 3]! +
    S[s + 4]! * F[f + 4]! +
    S[s + 5]! * F[f + 5]!
  );
}
