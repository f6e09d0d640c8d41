/** The few states that the step program cannot handle, taken one at a time by `step` and `differentiateStep`. */
import { add, matmul } from "@sgmrl/autodiff";
import { differentiateStep, type Linearization } from "../differentiable/differentiate-step.ts";
import { bodyContactForces } from "../dynamics/contact-forces.ts";
import { type RobotState, step, stepInPlace } from "../dynamics/step.ts";
import { workspaceOf } from "../dynamics/workspace.ts";
import { StateError } from "../model/errors.ts";
import type { Model } from "../model/model.ts";

function stateAt({ nq, nv }: Model, states: Float64Array, offset: number): RobotState {
  return {
    qpos: states.slice(offset, offset + nq),
    qvel: states.slice(offset + nq, offset + nq + nv),
    warmstart: states.slice(offset + nq + nv, offset + nq + 2 * nv),
  };
}

/** A state's row after `frameSkip` steps, with contact forces if `width` has room. Throws as `step`. */
export function advanceAlone(
  model: Model,
  frameSkip: number,
  states: Float64Array,
  offset: number,
  width: number,
  control: Float64Array,
): Float64Array {
  const state = stateAt(model, states, offset);
  for (let k = 0; k < frameSkip; k++) stepInPlace(model, state, control, workspaceOf(model));
  const { qpos, qvel, warmstart } = state;
  const row = new Float64Array(width);
  row.set([...qpos, ...qvel, ...warmstart]);
  const forcesAt = model.nq + 2 * model.nv;
  if (width > forcesAt) bodyContactForces(model, workspaceOf(model), row, forcesAt);
  return row;
}

/** Cotangents of the state before `frameSkip` steps and of the control, by [eq:linearize]. */
export function pullbackAlone(
  model: Model,
  frameSkip: number,
  states: Float64Array,
  offset: number,
  control: Float64Array,
  bars: Float64Array,
): { state: Float64Array; control: Float64Array } {
  const { nq, nv, nu } = model;
  if (nq !== nv) {
    const problem = "is one whose step the program of the derivatives cannot do";
    throw new StateError(model.name, "the state", problem);
  }
  const visited = [stateAt(model, states, offset)];
  for (let k = 1; k < frameSkip; k++) visited.push(step(model, visited[k - 1]!, control));
  let bar = bars;
  const controlBar = new Float64Array(nu);
  for (const state of visited.toReversed()) {
    const { state: A, control: B } = differentiateStep(model, state, control);
    const next = bar;
    bar = new Float64Array(2 * nv);
    next.forEach((share, i) => {
      for (let k = 0; k < 2 * nv; k++) bar[k]! += share * A.data[i * 2 * nv + k]!;
      for (let k = 0; k < nu; k++) controlBar[k]! += share * B.data[i * nu + k]!;
    });
  }
  return { state: bar, control: controlBar };
}

/** The derivative of `frameSkip` steps: A ← A_k A, B ← A_k B + B_k for each of them. */
export function differentiateAlone(
  model: Model,
  frameSkip: number,
  state: RobotState,
  control: Float64Array,
): Linearization {
  let { state: A, control: B } = differentiateStep(model, state, control);
  for (let k = 1, at = state; k < frameSkip; k++) {
    at = step(model, at, control);
    const next = differentiateStep(model, at, control);
    A = matmul(next.state, A);
    B = add(matmul(next.state, B), next.control);
  }
  return { state: A, control: B };
}
