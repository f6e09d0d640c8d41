/**
 * [eq:planar] Robots that move in one plane: the same quantities as kinematics.ts, mass-matrix.ts and bias.ts, of which only the
 * components that are not zero are computed, in the same places of the workspace.
 *
 * The plane has axes (u, v) and normal n, right-handed: (z, x; y) for a side view, (x, y; z) for a top view. A spatial
 * vector is (ω, u, v), an inertia (m, h_u, h_v, I), a rotation its angle, counter-clockwise from u to v:
 *   R (a, b) = (a cos φ − b sin φ, a sin φ + b cos φ)          ω × (a, b) = ω (−b, a)
 */
import type { Model, Plane } from "./model.ts";
import type { Robot } from "./robot.ts";
import type { Workspace } from "./workspace.ts";

/**
 * The plane a robot moves in: every hinge along its normal, every slide across it, no free joint. And where it rubs on
 * the floor, the first tangent of each contact in the plane, the second along its normal (see collision.ts).
 */
export function planeOf(robot: Robot): Plane | undefined {
  const planes: Plane[] = [
    { u: 2, v: 0, n: 1 },
    { u: 0, v: 1, n: 2 },
    { u: 1, v: 2, n: 0 },
  ];
  const joints = robot.bodies.flatMap((body) => body.joints);
  return planes.find(
    ({ u, v, n }) =>
      joints.every((joint) => {
        if (joint.kind === "free") return false;
        return joint.kind === "slide" ? joint.axis[n] === 0 : joint.axis[u] === 0 && joint.axis[v] === 0;
      }) && slidesAlongFirstTangent(robot, n),
  );
}

function slidesAlongFirstTangent({ floor, bodies }: Robot, n: 0 | 1 | 2): boolean {
  const shapes = floor === undefined ? [] : bodies.flatMap((body) => body.shapes);
  return shapes.every((shape) => {
    const rubs = floor!.surface.contactDimension === 3 || shape.surface.contactDimension === 3;
    return !rubs || (n === 1 && shape.kind === "capsule" && shape.axis[1] === 0);
  });
}

/** As `kinematics`; φ_b is the sum of the hinge angles on the body's path. */
export function planarKinematics(model: Model, { u, v, n }: Plane, ws: Workspace, qpos: Float64Array): void {
  const { rotation: R, position, center, axis, anchor, angle, origin, motion: S } = ws;
  const { bodyParent, bodyPosition, bodyCenter, bodyFirstDof, qpos0 } = model;
  const { dofQpos, dofAxis, dofAnchor, dofRotates } = model;
  const [uu, uv, vu, vv] = [4 * u, 3 * u + v, 3 * v + u, 4 * v];
  for (let b = 1; b < bodyParent.length; b++) {
    const p = bodyParent[b]!;
    const t = 3 * b;
    let c = R[9 * p + uu]!;
    let s = R[9 * p + vu]!;
    let phi = angle[p]!;
    const bu = bodyPosition[t + u]!;
    const bv = bodyPosition[t + v]!;
    let x = position[3 * p + u]! + c * bu - s * bv;
    let y = position[3 * p + v]! + s * bu + c * bv;
    for (let i = bodyFirstDof[b]!; i < bodyFirstDof[b + 1]!; i++) {
      const d = 3 * i;
      const address = dofQpos[i]!;
      const q = qpos[address]! - qpos0[address]!;
      if (dofRotates[i] === 0) {
        const eu = c * dofAxis[d + u]! - s * dofAxis[d + v]!;
        const ev = s * dofAxis[d + u]! + c * dofAxis[d + v]!;
        axis[d + u] = eu;
        axis[d + v] = ev;
        x += eu * q;
        y += ev * q;
        continue;
      }
      const au = dofAnchor[d + u]!;
      const av = dofAnchor[d + v]!;
      const Au = x + c * au - s * av;
      const Av = y + s * au + c * av;
      anchor[d + u] = Au;
      anchor[d + v] = Av;
      phi += dofAxis[d + n]! * q;
      c = Math.cos(phi);
      s = Math.sin(phi);
      x = Au - (c * au - s * av);
      y = Av - (s * au + c * av);
    }
    const r = 9 * b;
    R[r + uu] = c;
    R[r + uv] = -s;
    R[r + vu] = s;
    R[r + vv] = c;
    angle[b] = phi;
    position[t + u] = x;
    position[t + v] = y;
    position[t + n] = position[3 * p + n]! + bodyPosition[t + n]!;
    const mu = bodyCenter[t + u]!;
    const mv = bodyCenter[t + v]!;
    center[t + u] = x + c * mu - s * mv;
    center[t + v] = y + s * mu + c * mv;
    center[t + n] = position[t + n]! + bodyCenter[t + n]!;
  }
  const ou = position[3 + u]!;
  const ov = position[3 + v]!;
  origin[u] = ou;
  origin[v] = ov;
  origin[n] = position[3 + n]!;
  for (let i = 0; i < model.nv; i++) {
    const d = 3 * i;
    const o = 6 * i;
    const w = dofRotates[i] === 0 ? 0 : dofAxis[d + n]!;
    S[o + n] = w;
    S[o + 3 + u] = w === 0 ? axis[d + u]! : -w * (ov - anchor[d + v]!);
    S[o + 3 + v] = w === 0 ? axis[d + v]! : w * (ou - anchor[d + u]!);
  }
}

/** As `spatialInertias`, about the normal: I_O = I_b + m |c|². */
export function planarInertias(model: Model, { u, v, n }: Plane, ws: Workspace): void {
  const { center, origin, inertia } = ws;
  const { bodyMass, bodyInertia } = model;
  const ou = origin[u]!;
  const ov = origin[v]!;
  for (let b = 1; b < bodyMass.length; b++) {
    const m = bodyMass[b]!;
    const cu = center[3 * b + u]! - ou;
    const cv = center[3 * b + v]! - ov;
    const o = 4 * b;
    inertia[o] = m;
    inertia[o + 1] = m * cu;
    inertia[o + 2] = m * cv;
    inertia[o + 3] = bodyInertia[6 * b + n]! + m * (cu * cu + cv * cv);
  }
}

/**
 * As `massMatrix`:
 *   I (ω, u, v) = (I ω + h_u v − h_v u,  m u − h_v ω,  m v + h_u ω)
 */
export function planarMassMatrix(model: Model, { u, v, n }: Plane, ws: Workspace): void {
  const { inertia: C, motion: S, mass: M } = ws;
  const { bodyParent, dofBody, dofArmature, strangers, nv } = model;
  const { start, dofs } = model.paths;
  const count = bodyParent.length;
  for (let b = count - 1; b > 1; b--) {
    const p = 4 * bodyParent[b]!;
    const o = 4 * b;
    if (p === 0) continue;
    C[p] = C[p]! + C[o]!;
    C[p + 1] = C[p + 1]! + C[o + 1]!;
    C[p + 2] = C[p + 2]! + C[o + 2]!;
    C[p + 3] = C[p + 3]! + C[o + 3]!;
  }
  for (let i = 0; i < nv; i++) {
    const body = dofBody[i]!;
    const o = 4 * body;
    const s = 6 * i;
    const m = C[o]!;
    const hu = C[o + 1]!;
    const hv = C[o + 2]!;
    const sw = S[s + n]!;
    const su = S[s + 3 + u]!;
    const sv = S[s + 3 + v]!;
    const torque = C[o + 3]! * sw + hu * sv - hv * su;
    const fu = m * su - hv * sw;
    const fv = m * sv + hu * sw;
    for (let k = start[i]!; k < start[i + 1]!; k++) {
      const j = dofs[k]!;
      const t = 6 * j;
      M[k] = S[t + n]! * torque + S[t + 3 + u]! * fu + S[t + 3 + v]! * fv;
    }
    M[start[i]!] = M[start[i]!]! + dofArmature[i]!;
  }
  for (let k = 0; k < strangers.length; k++) M[strangers[k]!] = 0;
}

/** As `velocities` and `biasForces`; no angular acceleration without qacc. */
export function planarBias(model: Model, { u, v, n }: Plane, ws: Workspace, qvel: Float64Array): void {
  const { velocity: V, acceleration: A, inertia: I, force: F, motion: S, bias } = ws;
  const { bodyParent, bodyFirstDof, dofBody, nv } = model;
  const count = bodyParent.length;
  const gu = model.gravity[u];
  const gv = model.gravity[v];
  for (let b = 1; b < count; b++) {
    const p = 6 * bodyParent[b]!;
    let w = V[p + n]!;
    let x = V[p + 3 + u]!;
    let y = V[p + 3 + v]!;
    let ax = A[p + 3 + u]!;
    let ay = A[p + 3 + v]!;
    for (let i = bodyFirstDof[b]!; i < bodyFirstDof[b + 1]!; i++) {
      const s = 6 * i;
      const q = qvel[i]!;
      const sw = S[s + n]! * q;
      const su = S[s + 3 + u]! * q;
      const sv = S[s + 3 + v]! * q;
      ax += y * sw - w * sv;
      ay += w * su - x * sw;
      w += sw;
      x += su;
      y += sv;
    }
    const o = 6 * b;
    V[o + n] = w;
    V[o + 3 + u] = x;
    V[o + 3 + v] = y;
    A[o + 3 + u] = ax;
    A[o + 3 + v] = ay;
    const k = 4 * b;
    const m = I[k]!;
    const hu = I[k + 1]!;
    const hv = I[k + 2]!;
    const lu = ax - gu;
    const lv = ay - gv;
    const pu = m * x - hv * w;
    const pv = m * y + hu * w;
    F[o + n] = hu * lv - hv * lu + x * pv - y * pu;
    F[o + 3 + u] = m * lu - w * pv;
    F[o + 3 + v] = m * lv + w * pu;
  }
  for (let b = count - 1; b > 1; b--) {
    const p = 6 * bodyParent[b]!;
    const o = 6 * b;
    if (p === 0) continue;
    F[p + n] = F[p + n]! + F[o + n]!;
    F[p + 3 + u] = F[p + 3 + u]! + F[o + 3 + u]!;
    F[p + 3 + v] = F[p + 3 + v]! + F[o + 3 + v]!;
  }
  for (let i = 0; i < nv; i++) {
    const s = 6 * i;
    const f = 6 * dofBody[i]!;
    bias[i] = S[s + n]! * F[f + n]! + S[s + 3 + u]! * F[f + 3 + u]! + S[s + 3 + v]! * F[f + 3 + v]!;
  }
}
