import { DivergenceError, StateError } from "../model/errors.ts";
import type { Model } from "../model/model.ts";
import { eulerStep, rungeKuttaStep } from "./integrators.ts";
import { type Workspace, workspaceOf } from "./workspace.ts";

/** Everything that a step depends on besides the control, in MuJoCo's order. */
export interface RobotState {
  /** Coordinates [m, rad, unit quaternion]. */
  readonly qpos: Float64Array;
  /** Velocities [m/s, rad/s]. */
  readonly qvel: Float64Array;
  /** The solver's last acceleration, from which the next solve starts; zeros after a reset. */
  readonly warmstart: Float64Array;
}

/** The described pose at rest. */
export function initialState(model: Model): RobotState {
  return {
    qpos: model.qpos0.slice(),
    qvel: new Float64Array(model.nv),
    warmstart: new Float64Array(model.nv),
  };
}

/**
 * The state one timestep later under a constant control. The given state is not changed.
 *
 * Shapes  qpos [nq], qvel [nv], control [nu]
 * Units   m, rad, s; a control in the units of its motor, clamped to its range
 * Errors  StateError for a state or control of another length, or not finite;
 *         DivergenceError if an acceleration is not finite, or beyond 1e10
 */
export function step(model: Model, state: RobotState, control: ArrayLike<number>): RobotState {
  const next = { qpos: state.qpos.slice(), qvel: state.qvel.slice(), warmstart: state.warmstart.slice() };
  stepInPlace(model, next, control instanceof Float64Array ? control : Float64Array.from(control));
  return next;
}

/**
 * `step` in place, without allocation. A workspace, if given, must come from `createWorkspace(model)`.
 *
 * Errors  as `step`
 */
export function stepInPlace(
  model: Model,
  state: RobotState,
  control: Float64Array,
  workspace: Workspace = workspaceOf(model),
): void {
  checkState(model, state, control);
  const integrate = model.integrator === "euler" ? eulerStep : rungeKuttaStep;
  integrate(model, workspace, state.qpos, state.qvel, state.warmstart, control);
  for (let i = 0; i < model.nv; i++) {
    const a = workspace.acc[i]!;
    if (!(Math.abs(a) <= 1e10)) throw new DivergenceError(model.name, i, model.dofJoint[i]!, a);
  }
}

/** Refuses a state or control of the wrong length, or one that is not finite. */
export function checkState(model: Model, state: RobotState, control: Float64Array): void {
  checkInput(model, "qpos", state.qpos, model.nq);
  checkInput(model, "qvel", state.qvel, model.nv);
  checkInput(model, "warmstart", state.warmstart, model.nv);
  checkInput(model, "control", control, model.nu);
}

function checkInput(model: Model, field: string, values: Float64Array, length: number): void {
  if (values.length !== length) {
    throw new StateError(model.name, field, `has length ${values.length}; expected ${length}`);
  }
  for (let i = 0; i < length; i++) {
    if (!Number.isFinite(values[i]!))
      throw new StateError(model.name, `${field}[${i}]`, `is ${values[i]}; expected a finite number`);
  }
}
