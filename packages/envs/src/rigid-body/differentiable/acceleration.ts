import {
  add,
  array,
  choleskySolve,
  compile,
  eye,
  grad,
  jacobian,
  jvp,
  matmul,
  matrixTranspose,
  mul,
  type NdArray,
  neg,
  reference,
  stack,
  sub,
  zeros,
} from "@sgmrl/autodiff";
import { forward } from "../dynamics/forward.ts";
import { workspaceOf } from "../dynamics/workspace.ts";
import type { Model } from "../model/model.ts";
import { activeRows } from "./active-rows.ts";
import { kineticEnergy } from "./energy.ts";
import { gaussObjective } from "./gauss.ts";
import { row } from "./poses.ts";
import { tangentBasis } from "./tangent.ts";

/** a(q, v, u) and its derivatives, that in q along tangents: [nv, nv], [nv, nv], [nv, nu]. */
export interface AccelerationDerivative {
  readonly acceleration: Float64Array;
  readonly byPosition: NdArray;
  readonly byVelocity: NdArray;
  readonly byControl: NdArray;
}

/** ∂a/∂z = −(∂²C/∂a²)⁻¹ ∂²C/∂a∂z, see [eq:linearize]. */
export function differentiateAcceleration(
  model: Model,
  qpos: Float64Array,
  qvel: Float64Array,
  u: Float64Array,
): AccelerationDerivative {
  const { nv, nu } = model;
  const workspace = workspaceOf(model);
  forward(model, workspace, qpos, qvel, u, new Float64Array(nv));
  const acceleration = workspace.acc.slice();
  const rows = activeRows(model, qpos);
  const at = [array(qpos), array(qvel), array(u), array(acceleration)] as const;
  /** ∂C/∂a. */
  const residual = (q: NdArray, v: NdArray, control: NdArray, a: NdArray): NdArray =>
    grad((x: NdArray) => gaussObjective(model, rows, q, v, control, x))(a);
  // The program is traced once and run for every direction.
  const tangent = compile(
    (dq: NdArray, dv: NdArray, du: NdArray, da: NdArray) => jvp(residual)([...at], [dq, dv, du, da])[1],
    { backend: reference },
  );
  const zero = at.map((x) => mul(0, x)) as [NdArray, NdArray, NdArray, NdArray]; // one for each of the four
  /** Columns of the residual's derivative in argument k, along the rows of `directions`. */
  const columns = (k: 0 | 1 | 2 | 3, directions: NdArray): NdArray => {
    const count = directions.shape[0]!;
    if (count === 0) return zeros([nv, 0]);
    return stack(
      Array.from({ length: count }, (_, i) => tangent(...(zero.with(k, row(directions, i)) as typeof zero))),
      1,
    );
  };
  const H = columns(3, eye(nv));
  const solved = (slope: NdArray) => (slope.shape[1] === 0 ? slope : neg(choleskySolve(H, slope)));
  return {
    acceleration,
    byPosition: solved(columns(0, matrixTranspose(tangentBasis(model, at[0])))),
    byVelocity: solved(columns(1, eye(nv))),
    byControl: solved(columns(2, eye(nu))),
  };
}

/**
 * From a to the acceleration a' of implicit damping, (M + h B) a' = M a:
 *   (M + h B) da' = M da + ∂(M(q) (a − a'))/∂q dq,      M(q) x = ∂T/∂v at v = x
 */
export function implicitDamping(
  model: Model,
  qpos: Float64Array,
  acceleration: Float64Array,
  dq: NdArray,
  da: NdArray,
): { readonly acceleration: ArrayLike<number>; readonly derivative: NdArray } {
  const { nv, timestep: h, dofDamping } = model;
  const q = array(qpos);
  const a = array(acceleration);
  const momentum = (x: NdArray, v: NdArray) => grad((y: NdArray) => kineticEnergy(model, x, y))(v);
  const M = jacobian((v: NdArray) => momentum(q, v))(mul(0, a));
  const damped = add(M, mul(h, mul(eye(nv), array(dofDamping))));
  const implicit = choleskySolve(damped, matmul(M, a));
  const change = matmul(jacobian((x: NdArray) => momentum(x, sub(a, implicit)))(q), tangentBasis(model, q));
  return {
    acceleration: implicit.data,
    derivative: choleskySolve(damped, add(matmul(M, da), matmul(change, dq))),
  };
}
