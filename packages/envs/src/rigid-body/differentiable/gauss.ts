import {
  abs,
  add,
  array,
  div,
  dot,
  jvp,
  matmul,
  matrixTranspose,
  maximum,
  minimum,
  mul,
  type NdArray,
  neg,
  pow,
  reshape,
  slice,
  sqrt,
  square,
  stack,
  sub,
  sum,
} from "@sgmrl/autodiff";
import type { ConstraintLaw } from "../constraint-law.ts";
import type { Model } from "../model.ts";
import type { ActiveRow } from "./active-rows.ts";
import { masses, spins, twists } from "./energy.ts";
import { element, type Poses, poses, row } from "./poses.ts";

/**
 * [eq:gauss] Gauss's principle of least constraint: the acceleration a of the simulator is the minimiser of one scalar,
 *   C(a; q, v, u) = Σ_b [ ½ m_b |p̈_b − g|² + ½ α_b·I_b α_b + α_b·(ω_b × I_b ω_b) − f_b·p̈_b − τ_b·α_b ]
 *                 + ½ Σ_i armature_i a_i² − Σ_i a_i (spring_i + damper_i + motor_i)
 *                 + Σ_active ½ D (J a − aref)²
 * with p̈, α the accelerations of the bodies under a, and f, τ the fluid's force and torque. ∂C/∂a = 0 is
 *   M a + c = applied forces + Jᵀ force
 * The rows that push are held fixed. Everything is made from `poses` by differentiation.
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
  const [[, w], [acceleration, alpha]] = jvp((x: NdArray, y: NdArray) => twists(model, x, y))([q, v], [v, a]);
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
    for (const active of rows) terms.push(rowCost(model, active, at, q, v, a, byVelocity, byAcceleration));
  }
  return terms.reduce((total, term) => add(total, term));
}

/** −k q − b v + gear clamp(u), by dof. */
function jointForces(model: Model, q: NdArray, v: NdArray, u: NdArray): NdArray {
  const damping = mul(array(model.dofDamping), v);
  const spring = mul(array(model.dofStiffness), q);
  const passive = neg(add(damping, spring));
  if (model.nu === 0) return passive;
  const gears = Array.from({ length: model.nv }, (_, i) =>
    Array.from(model.motorGear, (gear, m) => (model.motorDof[m] === i ? gear : 0)),
  );
  const clamped = minimum(maximum(u, array(model.motorLow)), array(model.motorHigh));
  return add(passive, matmul(array(gears), clamped));
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

/** ½ D (J a − aref)², as in constraints.ts. */
function rowCost(
  model: Model,
  active: ActiveRow,
  at: Poses,
  q: NdArray,
  v: NdArray,
  a: NdArray,
  byVelocity: readonly [NdArray, NdArray],
  byAcceleration: readonly [NdArray, NdArray],
): NdArray {
  const { law } = active;
  if (active.kind === "limit") {
    const { limit, side } = active;
    const position = element(q, limit.qposAddress);
    const gap = side === 1 ? sub(position, limit.low) : sub(limit.high, position);
    const along = (x: NdArray) => mul(side, element(x, limit.dof));
    return softCost(law, active.r, sub(gap, law.margin), along(v), along(a));
  }
  const { shape, end, slide, tangent, edges } = active;
  const b = shape.body - 1;
  const R = row(at.rotations, b);
  const axis = matmul(R, array([shape.ux, shape.uy, shape.uz]));
  const h = end * shape.halfLength;
  const tip = array([shape.cx + h * shape.ux, shape.cy + h * shape.uy, shape.cz + h * shape.uz]);
  const e = add(row(at.origins, b), matmul(R, tip));
  const distance = sub(element(e, 2), model.floorHeight + shape.radius);
  // P = (e_x, e_y, z0 + distance/2)
  const drop = sub(add(model.floorHeight, mul(0.5, distance)), element(e, 2));
  const P = add(e, mul(array([0, 0, 1]), drop));
  const direction = edge(axis, end, tangent, slide);
  const arm = sub(P, row(at.centers, b));
  const along = ([linear, angular]: readonly [NdArray, NdArray]) =>
    dot(direction, add(row(linear, b), reshape(cross(stack([row(angular, b)]), stack([arm])), [3])));
  return mul(
    edges,
    softCost(law, active.r, sub(distance, law.margin), along(byVelocity), along(byAcceleration)),
  );
}

/** n + slide t, t the axis made horizontal or the normal crossed with that. */
function edge(axis: NdArray, end: -1 | 0 | 1, tangent: 1 | 2, slide: number): NdArray {
  const n = array([0, 0, 1]);
  if (slide === 0) return n;
  const turned =
    tangent === 1
      ? [
          [1, 0, 0],
          [0, 1, 0],
          [0, 0, 0],
        ]
      : [
          [0, -1, 0],
          [1, 0, 0],
          [0, 0, 0],
        ];
  if (end === 0) return add(n, array(tangent === 1 ? [0, slide, 0] : [-slide, 0, 0]));
  const horizontal = matmul(array(turned), axis);
  return add(n, mul(slide, div(horizontal, sqrt(dot(horizontal, horizontal)))));
}

/** ½ D (J a − aref)² with aref = −B (J v) − K d r,  D = d / ((1 − d) regularisation). */
function softCost(law: ConstraintLaw, here: number, r: NdArray, Jv: NdArray, Ja: NdArray): NdArray {
  const d = impedance(law, here, r);
  const D = div(d, mul(law.regularization, sub(1, d)));
  const miss = add(Ja, add(mul(law.damping, Jv), mul(law.stiffness, mul(d, r))));
  return mul(0.5, mul(D, square(miss)));
}

/** `impedance` of constraint-law.ts on the piece that holds at r = `here` < 0. */
function impedance(law: ConstraintLaw, here: number, r: NdArray): NdArray {
  const { d0, dWidth, width, midpoint, power } = law;
  const x = -here / width;
  if (d0 === dWidth || !(x < 1)) return add(mul(0, r), x < 1 ? (d0 + dWidth) / 2 : dWidth);
  const reach = div(neg(r), width);
  const y =
    x <= midpoint
      ? div(pow(reach, power), midpoint ** (power - 1))
      : sub(1, div(pow(sub(1, reach), power), (1 - midpoint) ** (power - 1)));
  return add(d0, mul(y, dWidth - d0));
}

/** Row by row, [n, 3]. */
function cross(x: NdArray, y: NdArray): NdArray {
  const column = (z: NdArray, k: number) => reshape(slice(z, [], [k, k + 1]), [z.shape[0]!]);
  const minor = (i: number, j: number) =>
    sub(mul(column(x, i), column(y, j)), mul(column(x, j), column(y, i)));
  return stack([minor(1, 2), minor(2, 0), minor(0, 1)], 1);
}
