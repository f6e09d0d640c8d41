import { array } from "@sgmrl/autodiff";
import type { Linearization } from "../differentiable/linearize.ts";
import type { RobotState } from "../dynamics/step.ts";
import { RobotError } from "../model/errors.ts";
import type { Model } from "../model/model.ts";
import type { BatchedSteps } from "./batched-steps.ts";

/**
 * The A and B of `linearize`, but by adjoints and over all physics steps of one `advance`: their rows are the
 * unit cotangents of the state reached, pulled back [eq:adjoint-step]. For robots with hinges and slides
 * only, whose coordinates are their own tangents.
 *
 * Errors  RobotError for a robot with ball or free joints
 */
export function jacobian(
  model: Model,
  steps: BatchedSteps,
  { qpos, qvel, warmstart }: RobotState,
  control: ArrayLike<number>,
): Linearization {
  const { nq, nv, nu } = model;
  if (nq !== nv)
    throw new RobotError(model.name, "joints", "the Jacobian from adjoints needs slides and hinges only");
  const rows = 2 * nv;
  const bars = new Float64Array(rows * rows);
  for (let i = 0; i < rows; i++) bars[i * rows + i] = 1;
  const controls = new Float64Array(rows * nu);
  for (let i = 0; i < rows; i++) controls.set(Array.from(control), i * nu);
  const controlBars = new Float64Array(rows * nu);
  const state = Float64Array.of(...qpos, ...qvel, ...warmstart);
  steps.pullback(state, new Int32Array(rows), controls, bars, controlBars);
  const matrix = (values: Float64Array, width: number) =>
    array(Array.from({ length: rows }, (_, i) => Array.from(values.subarray(i * width, (i + 1) * width))));
  return { state: matrix(bars, rows), control: matrix(controlBars, nu) };
}
