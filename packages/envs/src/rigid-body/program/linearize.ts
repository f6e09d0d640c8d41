import { array } from "@sgmrl/autodiff";
import { differentiateStep, type Linearization } from "../differentiable/differentiate-step.ts";
import { movePosition } from "../dynamics/integrators.ts";
import { checkState, type RobotState } from "../dynamics/step.ts";
import { RobotError } from "../model/errors.ts";
import type { Model } from "../model/model.ts";
import { type BatchedSteps, batchedSteps } from "./batched-steps.ts";
import { differentiateAlone } from "./left-over.ts";

/**
 * [eq:linearize] The derivative of `step`, by the program of its adjoint [eq:adjoint-step]. What that cannot do (limits
 * of ball joints, springs with references, servos, and the few states that `batchedSteps` leaves to `step`) is done
 * without it, in some hundred milliseconds. The program is compiled at the first call for a model.
 *
 * Where a contact or a limit is about to begin or end the active rows are held fixed: one of two one-sided
 * derivatives. Links of a robot in space that cross have none.
 *
 * Shapes  A: [2 nv, 2 nv], B: [2 nv, nu], in tangents of the coordinates [eq:tangent]
 * Errors  StateError for a state or control that is not one of the model, or has no derivative
 */
export function linearize(model: Model, state: RobotState, control: ArrayLike<number>): Linearization {
  const u = Float64Array.from(control);
  checkState(model, state, u);
  const steps = stepsOf(model);
  return steps === null ? differentiateStep(model, state, u) : jacobian(model, steps, state, u);
}

const compiled = new WeakMap<Model, BatchedSteps | null>();

/** Null for a robot that cannot be a program. */
function stepsOf(model: Model): BatchedSteps | null {
  const known = compiled.get(model);
  if (known !== undefined) return known;
  let steps: BatchedSteps | null = batchedSteps(model, 1);
  try {
    steps.compile();
  } catch (error) {
    if (!(error instanceof RobotError)) throw error;
    steps = null;
  }
  compiled.set(model, steps);
  return steps;
}

/** The same over all physics steps of one `advance`, by steps that are already compiled. */
export function jacobian(
  model: Model,
  steps: BatchedSteps,
  state: RobotState,
  control: ArrayLike<number>,
): Linearization {
  const { nq, nv, nu } = model;
  const u = Float64Array.from(control);
  const qpos = state.qpos.slice();
  movePosition(model, state.qpos, new Float64Array(nv), 0, qpos); // quaternions of unit length
  const width = nq + nv;
  const bars = new Float64Array(width * width);
  for (let i = 0; i < width; i++) bars[i * width + i] = 1;
  const controlBars = new Float64Array(width * nu);
  const reached = steps.pullbackAt(
    Float64Array.of(...qpos, ...state.qvel, ...state.warmstart),
    u,
    bars,
    controlBars,
  );
  if (reached === undefined) return differentiateAlone(model, steps.frameSkip, state, u);
  const byState = tangentRows(model, reached, bars, width);
  const inTangents = tangentColumns(model, qpos, byState);
  return {
    state: array(inTangents, [2 * nv, 2 * nv]),
    control: array(tangentRows(model, reached, controlBars, nu), [2 * nv, nu]),
  };
}

/** Rows for the coordinates of (q', v') to rows for their tangents: δ' = 2 Q'⁻¹ ∘ dQ' for a quaternion. */
function tangentRows(model: Model, q: Float64Array, rows: Float64Array, width: number): Float64Array {
  const { nq, nv } = model;
  const out = new Float64Array(2 * nv * width);
  const addRow = (c: number, from: number, to: number) => {
    for (let k = 0; k < width; k++) out[to * width + k]! += c * rows[from * width + k]!;
  };
  model.dofQpos.forEach((address, i) => {
    if (address >= 0) addRow(1, address, i);
    addRow(1, nq + i, nv + i);
  });
  for (const { qposAddress: a, dof } of model.quaternions)
    turns(q, a).forEach((turn, i) => {
      turn.forEach((c, k) => {
        addRow(2 * c, a + k, dof + i);
      });
    });
  return out;
}

/** Columns for the coordinates of (q, v) to columns for their tangents: dQ = ½ Q ∘ δ for a quaternion. */
function tangentColumns(model: Model, q: Float64Array, matrix: Float64Array): Float64Array {
  const { nq, nv } = model;
  const [from, to] = [nq + nv, 2 * nv];
  const out = new Float64Array(to * to);
  for (let row = 0; row < to; row++) {
    model.dofQpos.forEach((address, i) => {
      if (address >= 0) out[row * to + i] = matrix[row * from + address]!;
      out[row * to + nv + i] = matrix[row * from + nq + i]!;
    });
    for (const { qposAddress: a, dof } of model.quaternions)
      turns(q, a).forEach((turn, i) => {
        turn.forEach((c, k) => {
          out[row * to + dof + i]! += 0.5 * c * matrix[row * from + a + k]!;
        });
      });
  }
  return out;
}

/** Q ∘ (0, e_i) for the quaternion at q[a …] and the three axes e_i of the body. */
function turns(q: Float64Array, a: number): readonly (readonly number[])[] {
  const [w, x, y, z] = [q[a]!, q[a + 1]!, q[a + 2]!, q[a + 3]!];
  return [
    [-x, w, z, -y],
    [-y, -z, w, x],
    [-z, y, -x, w],
  ];
}
