import {
  add,
  array,
  concat,
  div,
  eye,
  grad,
  jvp,
  mul,
  type NdArray,
  neg,
  reshape,
  slice,
  sub,
  vmap,
  zerosLike,
} from "@sgmrl/autodiff";
import { RobotError } from "../model/errors.ts";
import type { Model } from "../model/model.ts";
import { gaussObjective } from "./gauss.ts";

/** Coordinates and velocities of a robot, as arrays. */
export interface SmoothState {
  /** [nq] */
  readonly q: NdArray;
  /** [nv] */
  readonly v: NdArray;
}

/**
 * The dynamics without contacts and joint limits, from Gauss's objective C [eq:gauss]. It is quadratic in a, so one Newton
 * step from a = 0 reaches its minimum:
 *   M = ∂²C/∂a²,   f = −∂C/∂a at a = 0,   M a = f
 * Implicit damping [eq:semi-implicit-euler] solves (M + h B) a' = M a = f instead.
 *
 * Shapes  q: [nq], v: [nv], u: [nu] → [nv]
 */
export function smoothAcceleration(
  model: Model,
  { q, v }: SmoothState,
  u: NdArray,
  implicitDamping: number,
): NdArray {
  const slope = grad((a: NdArray) => gaussObjective(model, [], q, v, u, a));
  const rest = zerosLike(v);
  const units = eye(model.nv, v.dtype);
  const M = vmap((direction: NdArray) => jvp(slope)([rest], [direction])[1])(units);
  const B = mul(units, array(model.dofDamping));
  return solveByElimination(add(M, mul(implicitDamping, B)), neg(slope(rest)));
}

/**
 * One step of integrators.ts without contacts and joint limits, as a program; `vmap` batches it over robots.
 *
 * Shapes  qpos [nq], qvel [nv], u [nu]
 * Errors  RobotError for a model with ball or free joints
 */
export function smoothStep(model: Model): (state: SmoothState, u: NdArray) => SmoothState {
  if (model.quaternions.length > 0) {
    throw new RobotError(
      model.name,
      "joints",
      "a smooth step needs slides and hinges only; it has a free joint or a ball joint",
    );
  }
  return model.integrator === "euler" ? eulerStep(model) : rungeKuttaStep(model);
}

type SmoothStep = ReturnType<typeof smoothStep>;

/** [eq:semi-implicit-euler] */
function eulerStep(model: Model): SmoothStep {
  const h = model.timestep;
  return ({ q, v }, u) => {
    const next = add(v, mul(h, smoothAcceleration(model, { q, v }, u, model.isDamped ? h : 0)));
    return { q: add(q, mul(h, next)), v: next };
  };
}

/** [eq:runge-kutta] */
function rungeKuttaStep(model: Model): SmoothStep {
  const h = model.timestep;
  return ({ q, v }, u) => {
    let stage: SmoothState = { q, v };
    let [dq, dv] = [zerosLike(q), zerosLike(v)];
    for (const [weight, c] of [
      [1 / 6, h / 2],
      [1 / 3, h / 2],
      [1 / 3, h],
      [1 / 6, 0],
    ] as const) {
      const F = smoothAcceleration(model, stage, u, 0);
      [dq, dv] = [add(dq, mul(weight, stage.v)), add(dv, mul(weight, F))];
      stage = { q: add(q, mul(c, stage.v)), v: add(v, mul(c, F)) };
    }
    return { q: add(q, mul(h, dq)), v: add(v, mul(h, dv)) };
  };
}

/**
 * A⁻¹ b by Gauss-Jordan elimination of X = [A | b], which needs no pivoting for a symmetric positive definite A:
 *   X ← X − (X e_k − e_k) (e_kᵀ X) / X_kk          makes column k the unit vector e_k
 * Uses elementwise arithmetic and products only, so that it stays on any device.
 */
function solveByElimination(A: NdArray, b: NdArray): NdArray {
  const n = b.shape[0]!;
  const units = eye(n, b.dtype);
  let X = concat([A, reshape(b, [n, 1])], 1);
  for (let k = 0; k < n; k++) {
    const row = slice(X, [k, k + 1]);
    const off = sub(slice(X, [], [k, k + 1]), slice(units, [], [k, k + 1]));
    X = sub(X, mul(off, div(row, slice(row, [], [k, k + 1]))));
  }
  return reshape(slice(X, [], [n]), [n]);
}
