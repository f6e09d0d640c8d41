import {
  abs,
  add,
  array,
  dot,
  jvp,
  matmul,
  matrixTranspose,
  maximum,
  minimum,
  mul,
  type NdArray,
  neg,
  square,
  stack,
  sub,
  sum,
} from "@sgmrl/autodiff";
import type { Model } from "../model/model.ts";
import type { ActiveRow } from "./active-rows.ts";
import { cross, masses, spins, twists } from "./energy.ts";
import { element, type Poses, poses, row } from "./poses.ts";
import { rowCost } from "./row-cost.ts";
import { coordinateRates } from "./tangent.ts";

/**
 * [eq:gauss] Gauss's principle of least constraint: the acceleration a of the simulator is the minimiser of one scalar,
 *   C(a; q, v, u) = Σ_b [ ½ m_b |p̈_b − g|² + ½ α_b·I_b α_b + α_b·(ω_b × I_b ω_b) − f_b·p̈_b − τ_b·α_b ]
 *                 + ½ Σ_i armature_i a_i² − Σ_i a_i (spring_i + damper_i + motor_i)
 *                 + Σ_active ½ D (J a − aref)²
 * with p̈, α the accelerations of the bodies under a, and f, τ the fluid's force and torque. ∂C/∂a = 0 is
 *   M a + c = applied forces + Jᵀ force
 * The active rows are held fixed. Everything is derived from `poses` by differentiation.
 * Source: Udwadia & Kalaba, Analytical Dynamics, Cambridge 1996, doi:10.1017/CBO9780511665479.
 */
export function gaussObjective(
  model: Model,
  rows: readonly ActiveRow[],
  q: NdArray,
  v: NdArray,
  u: NdArray,
  a: NdArray,
): NdArray {
  const [[, w], [acceleration, alpha]] = jvp((x: NdArray, y: NdArray) => twists(model, x, y))(
    [q, v],
    [coordinateRates(model, q, v), a],
  );
  const at = poses(model, q);
  const fall = sub(acceleration, array([...model.gravity]));
  const terms = [
    mul(0.5, dot(masses(model), sum(square(fall), 1))),
    mul(0.5, dot(alpha, spins(model, at.rotations, alpha))),
    dot(alpha, cross(w, spins(model, at.rotations, w))),
    mul(0.5, dot(array(model.dofArmature), square(a))),
    neg(dot(a, jointForces(model, q, v, u))),
  ];
  if (model.fluidBoxes.length > 0) terms.push(neg(fluidPower(model, at, q, v, acceleration, alpha)));
  if (rows.length > 0) {
    const [byVelocity, byAcceleration] = [twists(model, q, v), twists(model, q, a)];
    const along = { at, q, v, a, byVelocity, byAcceleration };
    for (const active of rows) terms.push(rowCost(model, active, along));
  }
  return terms.reduce((total, term) => add(total, term));
}

/** −k (q − q0) − b v + gear clamp(u), by dof; servos as in forward.ts. */
function jointForces(model: Model, q: NdArray, v: NdArray, u: NdArray): NdArray {
  const damping = mul(array(model.dofDamping), v);
  const springs = Array.from({ length: model.nv }, (_, i) =>
    Array.from({ length: model.nq }, (_, address) =>
      model.dofQpos[i] === address ? model.dofStiffness[i]! : 0,
    ),
  );
  const spring = sub(
    matmul(array(springs), q),
    mul(array(model.dofStiffness), array(model.dofSpringReference)),
  );
  const passive = neg(add(damping, spring));
  if (model.nu === 0) return passive;
  const gears = Array.from({ length: model.nv }, (_, i) =>
    Array.from(model.motorGear, (gear, m) => (model.motorDof[m] === i ? gear : 0)),
  );
  const clamped = minimum(maximum(u, array(model.motorLow)), array(model.motorHigh));
  if (model.motorServo.every((servo) => servo === undefined)) {
    return add(passive, matmul(array(gears), clamped));
  }
  const forces = model.motorServo.map((servo, m) => {
    const control = element(clamped, m);
    if (servo === undefined) return control;
    const { gain, bias, forceRange } = servo;
    const dof = model.motorDof[m]!;
    const gear = model.motorGear[m]!;
    const byLength = mul(bias[1] * gear, element(q, model.dofQpos[dof]!));
    const byRate = mul(bias[2] * gear, element(v, dof));
    const force = add(add(add(mul(gain, control), bias[0]), byLength), byRate);
    return minimum(maximum(force, forceRange[0]), forceRange[1]);
  });
  return add(passive, matmul(array(gears), stack(forces)));
}

/** Σ_b f_b·p̈_b + τ_b·α_b, the forces of passive.ts. */
function fluidPower(
  model: Model,
  { rotations }: Poses,
  q: NdArray,
  v: NdArray,
  acceleration: NdArray,
  alpha: NdArray,
): NdArray {
  const [u, w] = twists(model, q, v);
  let total: NdArray = array(0);
  for (const { body, frame, linearDrag, angularDrag, quadraticDrag, quadraticSpin } of model.fluidBoxes) {
    const toBox = matrixTranspose(matmul(row(rotations, body - 1), array(frame, [3, 3])));
    const part = (x: NdArray) => matmul(toBox, row(x, body - 1));
    const drag = (x: NdArray, linear: number, quadratic: Float64Array) =>
      neg(mul(add(linear, mul(array(quadratic), abs(x))), x));
    const force = drag(part(u), linearDrag, quadraticDrag);
    const torque = drag(part(w), angularDrag, quadraticSpin);
    total = add(total, add(dot(force, part(acceleration)), dot(torque, part(alpha))));
  }
  return total;
}
