/**
 * [eq:planar] Robots that move in one plane: the same quantities as kinematics.ts, mass-matrix.ts and bias.ts, of which only the
 * components that are not zero are computed, on the bodies and dofs of planar-tree.ts. What the rest of a step reads of them is
 * put in the same places of the workspace.
 *
 * The plane has axes (u, v) and normal n, right-handed: (z, x; y) for a side view, (x, y; z) for a top view. A spatial
 * vector is (ω, u, v), an inertia (m, h_u, h_v, I), a rotation its angle, counter-clockwise from u to v:
 *   R (a, b) = (a cos φ − b sin φ, a sin φ + b cos φ)          ω × (a, b) = ω (−b, a)
 */
import type { Model } from "../../model/model.ts";
import type { Workspace } from "../workspace.ts";
import type { PlanarTree } from "./planar-tree.ts";

/** As `kinematics`; the angle of a body is the sum of the hinge angles on its path. */
export function planarKinematics(tree: PlanarTree, ws: Workspace, qpos: Float64Array): void {
  const { rotation: R, position, center } = ws;
  const { u, v, n, bodies } = tree;
  const [uu, uv, vu, vv] = [4 * u, 3 * u + v, 3 * v + u, 4 * v];
  for (let b = 1; b < bodies.length; b++) {
    const body = bodies[b]!;
    const { offsetU, offsetV, centerU, centerV, dofs } = body;
    const parent = body.parent!;
    let { angle, cos: c, sin: s } = parent;
    let x = parent.u + c * offsetU - s * offsetV;
    let y = parent.v + s * offsetU + c * offsetV;
    for (let k = 0; k < dofs.length; k++) {
      const dof = dofs[k]!;
      const q = qpos[dof.qposAddress]! - dof.reference;
      if (dof.turn === 0) {
        const eu = c * dof.axisU - s * dof.axisV;
        const ev = s * dof.axisU + c * dof.axisV;
        dof.placedU = eu;
        dof.placedV = ev;
        x += eu * q;
        y += ev * q;
        continue;
      }
      const { anchorU, anchorV } = dof;
      const Au = x + c * anchorU - s * anchorV;
      const Av = y + s * anchorU + c * anchorV;
      dof.placedU = Au;
      dof.placedV = Av;
      angle += dof.turn * q;
      c = Math.cos(angle);
      s = Math.sin(angle);
      x = Au - (c * anchorU - s * anchorV);
      y = Av - (s * anchorU + c * anchorV);
    }
    body.angle = angle;
    body.cos = c;
    body.sin = s;
    body.u = x;
    body.v = y;
    const r = 9 * b;
    R[r + uu] = c;
    R[r + uv] = -s;
    R[r + vu] = s;
    R[r + vv] = c;
    const t = 3 * b;
    position[t + u] = x;
    position[t + v] = y;
    position[t + n] = body.frameN;
    center[t + u] = x + c * centerU - s * centerV;
    center[t + v] = y + s * centerU + c * centerV;
    center[t + n] = body.centerN;
  }
  planarMotionVectors(tree, ws);
}

/** As `motionVectors`. */
function planarMotionVectors({ u, v, n, bodies, dofs }: PlanarTree, ws: Workspace): void {
  const { origin, motion: S } = ws;
  const { u: ou, v: ov, frameN } = bodies[1]!;
  origin[u] = ou;
  origin[v] = ov;
  origin[n] = frameN;
  for (let i = 0; i < dofs.length; i++) {
    const dof = dofs[i]!;
    const { turn, placedU, placedV } = dof;
    dof.w = turn;
    dof.u = turn === 0 ? placedU : -turn * (ov - placedV);
    dof.v = turn === 0 ? placedV : turn * (ou - placedU);
    const o = 6 * i;
    S[o + n] = turn;
    S[o + 3 + u] = dof.u;
    S[o + 3 + v] = dof.v;
  }
}

/** As `spatialInertias`, about the normal: I_O = I_b + m |c|². */
export function planarInertias({ bodies }: PlanarTree): void {
  const { u: ou, v: ov } = bodies[1]!;
  for (let b = 1; b < bodies.length; b++) {
    const body = bodies[b]!;
    const { bodyMass: m, cos: c, sin: s, centerU, centerV } = body;
    const cu = body.u + c * centerU - s * centerV - ou;
    const cv = body.v + s * centerU + c * centerV - ov;
    body.mass = m;
    body.hu = m * cu;
    body.hv = m * cv;
    body.inertia = body.bodyInertia + m * (cu * cu + cv * cv);
  }
}

/**
 * As `massMatrix`:
 *   I (ω, u, v) = (I ω + h_u v − h_v u,  m u − h_v ω,  m v + h_u ω)
 */
export function planarMassMatrix(model: Model, { bodies, dofs, entries }: PlanarTree, ws: Workspace): void {
  const { mass: M } = ws;
  const { strangers } = model;
  for (let b = bodies.length - 1; b > 1; b--) {
    const body = bodies[b]!;
    const parent = body.parent!;
    parent.mass += body.mass;
    parent.hu += body.hu;
    parent.hv += body.hv;
    parent.inertia += body.inertia;
  }
  for (let i = 0; i < dofs.length; i++) {
    const dof = dofs[i]!;
    const { w, u, v, first, end } = dof;
    const { mass, hu, hv, inertia } = dof.body;
    const torque = inertia * w + hu * v - hv * u;
    const fu = mass * u - hv * w;
    const fv = mass * v + hu * w;
    for (let k = first; k < end; k++) {
      const other = entries[k]!;
      M[k] = other.w * torque + other.u * fu + other.v * fv;
    }
    M[first] = M[first]! + dof.armature;
  }
  for (let k = 0; k < strangers.length; k++) M[strangers[k]!] = 0;
}

/** As `velocities` and `biasForces`; no angular acceleration without qacc. */
export function planarBias(model: Model, tree: PlanarTree, ws: Workspace, qvel: Float64Array): void {
  const { velocity: V, bias } = ws;
  const { u, v, n, bodies, dofs } = tree;
  const gu = model.gravity[u];
  const gv = model.gravity[v];
  for (let b = 1; b < bodies.length; b++) {
    const body = bodies[b]!;
    const own = body.dofs;
    let { velW: w, velU: x, velV: y, accU: ax, accV: ay } = body.parent!;
    for (let k = 0; k < own.length; k++) {
      const dof = own[k]!;
      const q = qvel[dof.index]!;
      const sw = dof.w * q;
      const su = dof.u * q;
      const sv = dof.v * q;
      ax += y * sw - w * sv;
      ay += w * su - x * sw;
      w += sw;
      x += su;
      y += sv;
    }
    body.velW = w;
    body.velU = x;
    body.velV = y;
    body.accU = ax;
    body.accV = ay;
    const o = 6 * b;
    V[o + n] = w;
    V[o + 3 + u] = x;
    V[o + 3 + v] = y;
    const { mass, hu, hv } = body;
    const lu = ax - gu;
    const lv = ay - gv;
    const pu = mass * x - hv * w;
    const pv = mass * y + hu * w;
    body.torque = hu * lv - hv * lu + x * pv - y * pu;
    body.forceU = mass * lu - w * pv;
    body.forceV = mass * lv + w * pu;
  }
  for (let b = bodies.length - 1; b > 1; b--) {
    const body = bodies[b]!;
    const parent = body.parent!;
    parent.torque += body.torque;
    parent.forceU += body.forceU;
    parent.forceV += body.forceV;
  }
  for (let i = 0; i < dofs.length; i++) {
    const { body, w, u: su, v: sv } = dofs[i]!;
    bias[i] = w * body.torque + su * body.forceU + sv * body.forceV;
  }
}
