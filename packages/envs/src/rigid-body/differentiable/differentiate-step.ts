import { add, concat, eye, matmul, mul, type NdArray, slice, zeros } from "@sgmrl/autodiff";
import { movePosition } from "../dynamics/integrators.ts";
import { checkState, type RobotState } from "../dynamics/step.ts";
import type { Model } from "../model/model.ts";
import { type AccelerationDerivative, differentiateAcceleration, implicitDamping } from "./acceleration.ts";
import { differentiateMotion } from "./tangent.ts";

/** First derivatives of a step, x = (q, v): x' ≈ x'_0 ⊕ (A dx + B du), dx in tangents of q [eq:tangent]. */
export interface Linearization {
  /** A = ∂(q', v')/∂(q, v), [2 nv, 2 nv]. */
  readonly state: NdArray;
  /** B = ∂(q', v')/∂u, [2 nv, nu]. */
  readonly control: NdArray;
}

/**
 * [eq:linearize] The derivative of `step`, by automatic differentiation of what defines it. The acceleration a(q, v, u)
 * minimises Gauss's objective C, so by the implicit function theorem, with z = (q, v, u),
 *   ∂a/∂z = −(∂²C/∂a²)⁻¹ ∂²C/∂a∂z
 * and the integrator's own formulas carry it to the next state.
 *
 * The rows active at the solution are held fixed. Where a contact is about to begin or end, a motor is
 * exactly at its bound, an impedance curve changes its piece, or the closest point of a link reaches the
 * link's end, the step has two one-sided derivatives, and this is one of them. Crossing links of a planar
 * robot push nothing; in space the step has no derivative there, and this throws.
 */
export function differentiateStep(
  model: Model,
  state: RobotState,
  control: ArrayLike<number>,
): Linearization {
  const u = Float64Array.from(control);
  checkState(model, state, u);
  const { nv, nu } = model;
  const start: Tangent = {
    q: concat([eye(nv), zeros([nv, nv + nu])], 1),
    v: concat([zeros([nv, nv]), eye(nv), zeros([nv, nu])], 1),
  };
  const integrate = model.integrator === "euler" ? differentiateEuler : differentiateRungeKutta;
  const qpos = state.qpos.slice();
  movePosition(model, state.qpos, new Float64Array(nv), 0, qpos); // quaternions of unit length
  const { q, v } = integrate(model, { ...state, qpos }, u, start);
  const next = concat([q, v]);
  return { state: slice(next, [], [0, 2 * nv]), control: slice(next, [], [2 * nv]) };
}

/** Derivatives of a state with respect to (q, v, u) at the start of the step, [nv, 2 nv + nu] each. */
interface Tangent {
  readonly q: NdArray;
  readonly v: NdArray;
}

/** Propagates derivatives at the start of a step of integrators.ts to its end. */
type Integrator = (model: Model, state: RobotState, u: Float64Array, start: Tangent) => Tangent;

const differentiateEuler: Integrator = (model, { qpos, qvel }, u, { q, v }) => {
  const h = model.timestep;
  const at = differentiateAcceleration(model, qpos, qvel, u);
  const da = accelerate(model, at, { q, v });
  const implicit = model.isDamped
    ? implicitDamping(model, qpos, at.acceleration, q, da)
    : { acceleration: at.acceleration, derivative: da };
  const w = qvel.map((rate, i) => rate + h * implicit.acceleration[i]!);
  const dw = add(v, mul(h, implicit.derivative));
  return { q: move(model, w, h, q, dw), v: dw };
};

const differentiateRungeKutta: Integrator = (model, { qpos, qvel }, u, { q, v }) => {
  const h = model.timestep;
  const stageQ = qpos.slice();
  const stageV = qvel.slice();
  let stage: Tangent = { q, v };
  const X = new Float64Array(model.nv);
  let dX = mul(0, v);
  let dF = mul(0, v);
  for (let k = 0; k < 4; k++) {
    const at = differentiateAcceleration(model, stageQ, stageV, u);
    const da = accelerate(model, at, stage);
    const weight = k === 0 || k === 3 ? 1 / 6 : 1 / 3;
    for (let i = 0; i < model.nv; i++) X[i]! += weight * stageV[i]!;
    dX = add(dX, mul(weight, stage.v));
    dF = add(dF, mul(weight, da));
    const c = k === 2 ? h : h / 2;
    movePosition(model, qpos, stageV, c, stageQ);
    stage = { q: move(model, stageV, c, q, stage.v), v: add(v, mul(c, da)) };
    for (let i = 0; i < model.nv; i++) stageV[i] = qvel[i]! + c * at.acceleration[i]!;
  }
  return { q: move(model, X, h, q, dX), v: add(v, mul(h, dF)) };
};

/** da, by the chain rule. */
function accelerate({ nv, nu }: Model, at: AccelerationDerivative, { q, v }: Tangent): NdArray {
  const da = add(matmul(at.byPosition, q), matmul(at.byVelocity, v));
  return nu === 0 ? da : add(da, concat([zeros([nv, 2 * nv]), at.byControl], 1));
}

/** The derivative of q ⊕ h w. */
function move(model: Model, w: Float64Array, h: number, dq: NdArray, dw: NdArray): NdArray {
  const { byStart, byMotion } = differentiateMotion(model, w, h);
  return add(matmul(byStart, dq), mul(h, matmul(byMotion, dw)));
}
