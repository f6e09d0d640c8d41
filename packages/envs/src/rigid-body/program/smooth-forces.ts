/** Velocities, and all forces but those of limits and contacts. */
import { abs, add, constant, max, min, mul, neg, type Scalar, sub } from "@sgmrl/autodiff/scalar";
import type { FluidBox, Model } from "../model/model.ts";
import { type BodyInertia, carried } from "./inertia.ts";
import type { Kinematics } from "./kinematics.ts";
import type { ProgramModel } from "./parameters.ts";
import {
  along,
  apply,
  compose,
  cross,
  crossForce,
  crossMotion,
  dot,
  type Mat,
  minus,
  plus,
  plusSpatial,
  type Spatial,
  scale,
  scaleSpatial,
  still,
  transpose,
  type Vec,
  vec,
  wrench,
} from "./spatial.ts";

/** V_b = V_parent + Σ_i S_i x_i: velocities for x = v; accelerations less A of [eq:velocities] for x = a. */
export function motionsOfBodies(model: Model, { motions }: Kinematics, x: readonly Scalar[]): Spatial[] {
  const V: Spatial[] = [still];
  for (let b = 1; b < model.bodyParent.length; b++) {
    let motion = V[model.bodyParent[b]!]!;
    for (let i = model.bodyFirstDof[b]!; i < model.bodyFirstDof[b + 1]!; i++)
      motion = plusSpatial(motion, scaleSpatial(x[i]!, motions[i]!));
    V.push(motion);
  }
  return V;
}

/** A_b when qacc = 0                                                                               [eq:velocities] */
function velocityProducts(model: Model, { motions }: Kinematics, v: readonly Scalar[]): Spatial[] {
  const V: Spatial[] = [still];
  const A: Spatial[] = [still];
  for (let b = 1; b < model.bodyParent.length; b++) {
    const parent = model.bodyParent[b]!;
    let [velocity, acceleration] = [V[parent]!, A[parent]!];
    const first = model.bodyFirstDof[b]!;
    const isFree = model.bodyIsFree[b] === 1;
    let start = velocity; // of the body's joint: the axes of a ball turn with the body, not one after the other
    for (let i = first; i < model.bodyFirstDof[b + 1]!; i++) {
      const own = scaleSpatial(v[i]!, motions[i]!);
      if (model.dofQpos[i]! >= 0 || model.dofBall[i]! >= 0) start = velocity;
      if (!isFree) acceleration = plusSpatial(acceleration, crossMotion(start, own));
      velocity = plusSpatial(velocity, own);
    }
    if (isFree) {
      const u = vec(v[first]!, v[first + 1]!, v[first + 2]!);
      acceleration = { ...acceleration, linear: cross(u, velocity.angular) };
    }
    V.push(velocity);
    A.push(acceleration);
  }
  return A;
}

/** I_b (A_b − g) + V_b ×* I_b V_b of each body, A_b the sum of `accelerations` and those at qacc = 0. */
export function inertialForces(
  model: Model,
  kin: Kinematics,
  inertias: readonly BodyInertia[],
  V: readonly Spatial[],
  v: readonly Scalar[],
  accelerations: readonly Spatial[] = V.map(() => still),
): Spatial[] {
  const gravity = vec(...model.gravity);
  return velocityProducts(model, kin, v).map((own, b) => {
    const { angular, linear } = plusSpatial(own, accelerations[b]!);
    const lifted = { angular, linear: minus(linear, gravity) };
    const inertia = inertias[b]!;
    return plusSpatial(timesBody(inertia, lifted), crossForce(V[b]!, timesBody(inertia, V[b]!)));
  });
}

/** (I_O ω + h × v,  m v − h × ω) */
export function timesBody({ mass, first, moment }: BodyInertia, { angular, linear }: Spatial): Spatial {
  return {
    angular: plus(apply(moment, angular), cross(first, linear)),
    linear: minus(scale(mass, linear), cross(first, angular)),
  };
}

/** f = passive − bias + actuator, and the force of a fluid: [eq:bias-force], [eq:passive-force], [eq:fluid]. */
export function smoothForces(
  model: ProgramModel,
  kin: Kinematics,
  inertias: readonly BodyInertia[],
  V: readonly Spatial[],
  q: readonly Scalar[],
  v: readonly Scalar[],
  u: readonly Scalar[],
): Scalar[] {
  // c_i, by recursive Newton-Euler.
  const total = carried(model, inertialForces(model, kin, inertias, V, v), plusSpatial);
  const bias = kin.motions.map((S, i) => along(S, total[model.dofBody[i]!]!));
  const f = plusJointForces(model, bias.map(neg), q, v, u);
  if (model.fluidBoxes.length === 0) return f;
  const drags = carried(model, fluidForces(model, kin, inertias, V), plusSpatial);
  return f.map((force, i) => add(force, along(kin.motions[i]!, drags[model.dofBody[i]!]!)));
}

/** The given forces along the dofs, plus those of springs, dampers and motors. */
export function plusJointForces(
  model: ProgramModel,
  forces: readonly Scalar[],
  q: readonly Scalar[],
  v: readonly Scalar[],
  u: readonly Scalar[],
): Scalar[] {
  const f = forces.map((force, i) => {
    const stiffness = model.dofStiffness[i]!;
    const spring = stiffness === 0 ? constant(0) : mul(stiffness, q[model.dofQpos[i]!]!);
    return sub(sub(force, spring), mul(model.parameters.damping[i]!, v[i]!));
  });
  u.forEach((control, m) => {
    const held = min(model.motorHigh[m]!, max(model.motorLow[m]!, control));
    const dof = model.motorDof[m]!;
    f[dof] = add(f[dof]!, mul(model.motorGear[m]!, held));
  });
  return f;
}

/** The fluid's force on each body. */
export function fluidForces(
  model: Model,
  kin: Kinematics,
  inertias: readonly BodyInertia[],
  V: readonly Spatial[],
): Spatial[] {
  const drags: Spatial[] = V.map(() => still);
  for (const box of model.fluidBoxes) {
    const place = placedBox(box, kin, inertias);
    drags[box.body] = plusSpatial(drags[box.body]!, drag(box, place, V[box.body]!));
  }
  return drags;
}

/** A body's centre of mass, from O, and the axes of its fluid box. */
export interface PlacedBox {
  readonly center: Vec;
  readonly axes: Mat;
}

export function placedBox(
  { body, frame }: FluidBox,
  { poses }: Kinematics,
  inertias: readonly BodyInertia[],
): PlacedBox {
  const rows = ([0, 3, 6] as const).map((r) => vec(frame[r]!, frame[r + 1]!, frame[r + 2]!));
  const axes = transpose(compose(poses[body]!.rotation, [rows[0]!, rows[1]!, rows[2]!]));
  return { center: inertias[body]!.center, axes };
}

/**
 * The fluid's force on a body that moves with V, in the axes of its box, u the velocity of its centre of mass c:
 *   f_i = −(linearDrag + quadraticDrag_i |u_i|) u_i,   τ_i = −(angularDrag + quadraticSpin_i |ω_i|) ω_i
 */
export function drag(box: FluidBox, { center: c, axes }: PlacedBox, { angular, linear }: Spatial): Spatial {
  const { linearDrag, angularDrag, quadraticDrag, quadraticSpin } = box;
  const velocity = plus(linear, cross(angular, c));
  const along3 = (x: Vec, plain: number, quadratic: Float64Array) =>
    axes
      .map((e, i) => {
        const speed = dot(x, e);
        return scale(neg(mul(add(plain, mul(quadratic[i]!, abs(speed))), speed)), e);
      })
      .reduce(plus);
  const force = along3(velocity, linearDrag, quadraticDrag);
  const torque = along3(angular, angularDrag, quadraticSpin);
  return { angular: plus(torque, wrench(c, force).angular), linear: force };
}
