import {
  add,
  array,
  choleskySolve,
  compile,
  concat,
  grad,
  jacobian,
  jvp,
  matmul,
  mul,
  type NdArray,
  neg,
  slice,
  stack,
  sub,
} from "@sgmrl/autodiff";
import { forward } from "../forward.ts";
import { movePosition } from "../integrators.ts";
import type { Model } from "../model.ts";
import { checkState, type State } from "../step.ts";
import { activeRows } from "./active-rows.ts";
import { kineticEnergy } from "./energy.ts";
import { gaussObjective } from "./gauss.ts";

/** First derivatives of a step, x = (q, v): x' ≈ x'_0 + A dx + B du. */
export interface Linearization {
  /** A = ∂(q', v')/∂(q, v), [2 nv, 2 nv]. */
  readonly state: NdArray;
  /** B = ∂(q', v')/∂u, [2 nv, nu]. */
  readonly control: NdArray;
}

/**
 * [eq:linearize] The derivative of `step`, by automatic differentiation. The acceleration a(q, v, u) is the minimiser of Gauss's
 * objective C, so by the implicit function theorem, with z = (q, v, u),
 *   ∂a/∂z = −(∂²C/∂a²)⁻¹ ∂²C/∂a∂z
 * and the integrator's own formulas carry it to the next state.
 *
 * The rows that push at the solution are held to be those that push: where a contact is about to begin or end, a motor
 * is exactly at its bound, or an impedance curve changes its piece, the step has two one-sided derivatives and this is
 * one of them. For robots of slides and hinges that touch nothing but the floor.
 */
export function linearize(model: Model, state: State, control: ArrayLike<number>): Linearization {
  const u = Float64Array.from(control);
  checkState(model, state, u);
  const { nv, nu } = model;
  const size = 2 * nv + nu;
  const identity = (from: number, rows: number): NdArray =>
    array(
      Array.from({ length: rows }, (_, i) =>
        Array.from({ length: size }, (_, j) => (j === from + i ? 1 : 0)),
      ),
    );
  const dq = identity(0, nv);
  const dv = identity(nv, nv);
  const du = identity(2 * nv, nu);
  const h = model.timestep;
  const split = (next: NdArray): Linearization => ({
    state: slice(next, [], [0, 2 * nv]),
    control: slice(next, [], [2 * nv]),
  });
  /** ∂a/∂(q, v, u) after the motion (dq, dv, du) of its arguments. */
  const push = (at: AccelerationDerivative, dQ: NdArray, dV: NdArray) =>
    add(
      add(matmul(at.byPosition, dQ), matmul(at.byVelocity, dV)),
      nu === 0 ? mul(0, dV) : matmul(at.byControl, du),
    );

  if (model.integrator === "euler") {
    const at = differentiateAcceleration(model, state.qpos, state.qvel, u);
    const da = push(at, dq, dv);
    const nextV = add(
      dv,
      mul(h, model.isDamped ? implicitDamping(model, state.qpos, at.acceleration, dq, da) : da),
    );
    return split(concat([add(dq, mul(h, nextV)), nextV]));
  }

  // Runge-Kutta, stage by stage as in integrators.ts.
  const q = state.qpos.slice();
  const X = state.qvel.slice();
  let [dQ, dX] = [dq, dv];
  let sumX = mul(0, dv);
  let sumF = mul(0, dv);
  for (let k = 0; k < 4; k++) {
    const at = differentiateAcceleration(model, q, X, u);
    const dF = push(at, dQ, dX);
    const weight = k === 0 || k === 3 ? 1 / 6 : 1 / 3;
    sumX = add(sumX, mul(weight, dX));
    sumF = add(sumF, mul(weight, dF));
    const c = k === 2 ? h : h / 2;
    movePosition(model, state.qpos, X, c, q);
    for (let i = 0; i < nv; i++) X[i] = state.qvel[i]! + c * at.acceleration[i]!;
    dQ = add(dq, mul(c, dX));
    dX = add(dv, mul(c, dF));
  }
  return split(concat([add(dq, mul(h, sumX)), add(dv, mul(h, sumF))]));
}

function unit(size: number, k: number): NdArray {
  const data = new Float64Array(size);
  data[k] = 1;
  return array(data);
}

interface AccelerationDerivative {
  readonly acceleration: Float64Array;
  readonly byPosition: NdArray;
  readonly byVelocity: NdArray;
  readonly byControl: NdArray;
}

function differentiateAcceleration(
  model: Model,
  qpos: Float64Array,
  qvel: Float64Array,
  u: Float64Array,
): AccelerationDerivative {
  const { nv, nu, workspace } = model;
  forward(model, workspace, qpos, qvel, u, new Float64Array(nv));
  const acceleration = workspace.acc.slice();
  const rows = activeRows(model, qpos);
  const z = concat([array(qpos), array(qvel), array(u), array(acceleration)]);
  const part = (x: NdArray, from: number, length: number) => slice(x, [from, from + length]);
  /** ∂C/∂a as a function of (q, v, u, a). */
  const residual = (x: NdArray): NdArray => {
    const [q, v, control] = [part(x, 0, nv), part(x, nv, nv), part(x, 2 * nv, nu)];
    return grad((a: NdArray) => gaussObjective(model, rows, q, v, control, a))(part(x, 2 * nv + nu, nv));
  };
  // Column k is the residual's tangent along z_k; the program is traced once and run for every column.
  const tangent = compile((x: NdArray, dx: NdArray) => jvp(residual)([x], [dx])[1]);
  const J = stack(
    Array.from({ length: z.shape[0]! }, (_, k) => tangent(z, unit(z.shape[0]!, k))),
    1,
  );
  const columns = (from: number, length: number) => slice(J, [], [from, from + length]);
  const H = columns(2 * nv + nu, nv);
  const solved = (from: number, length: number) =>
    length === 0 ? array(new Float64Array(0), [nv, 0]) : neg(choleskySolve(H, columns(from, length)));
  return {
    acceleration,
    byPosition: solved(0, nv),
    byVelocity: solved(nv, nv),
    byControl: solved(2 * nv, nu),
  };
}

/**
 * From a to the acceleration a' of implicit damping, (M + h B) a' = M a:
 *   (M + h B) da' = M da + ∂(M(q) (a − a'))/∂q dq,      M(q) x = ∂T/∂v at v = x
 */
function implicitDamping(
  model: Model,
  qpos: Float64Array,
  acceleration: Float64Array,
  dq: NdArray,
  da: NdArray,
): NdArray {
  const { nv, timestep: h, dofDamping } = model;
  const q = array(qpos);
  const a = array(acceleration);
  const momentum = (x: NdArray, v: NdArray) => grad((y: NdArray) => kineticEnergy(model, x, y))(v);
  const M = jacobian((v: NdArray) => momentum(q, v))(mul(0, a));
  const damping = array(
    Array.from({ length: nv }, (_, i) =>
      Array.from({ length: nv }, (_, j) => (i === j ? h * dofDamping[i]! : 0)),
    ),
  );
  const damped = add(M, damping);
  const implicit = choleskySolve(damped, matmul(M, a));
  const change = jacobian((x: NdArray) => momentum(x, sub(a, implicit)))(q);
  return choleskySolve(damped, add(matmul(M, da), matmul(change, dq)));
}
