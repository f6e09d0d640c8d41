/** The adjoint of a whole trajectory, from its start and its controls. */
import { RobotError } from "../model/errors.ts";
import type { Model } from "../model/model.ts";
import type { BatchedSteps } from "./batched-steps.ts";
import { checkCount, checkLength } from "./check-batch.ts";

/** Trajectories of one robot, of equal length: rows of nq + 2 nv at the start, [rows, nu] controls at each time. */
export interface Trajectories {
  readonly start: Float64Array;
  readonly controls: readonly Float64Array[];
}

/** Derivatives of a scalar with respect to the start and the controls of a trajectory. */
export interface TrajectoryCotangents {
  /** [rows, nq + nv] */
  readonly start: Float64Array;
  /** Of the controls at each time, [rows, nu]. */
  readonly controls: readonly Float64Array[];
}

/**
 * Pulls the cotangents of all states, t = 0 ... T, back to the start and controls:   [eq:adjoint-trajectory]
 *   s̄_t = (given)_t + (∂s_{t+1}/∂s_t)ᵀ s̄_{t+1},   ū_t = (∂s_{t+1}/∂u_t)ᵀ s̄_{t+1}
 * Checkpointing: a first run keeps every `spacing`-th state. Then each segment, last to first, is run again
 * and recorded, and its adjoints taken: about T/spacing + spacing states in memory, fewest at √T. With a
 * spacing of T there is one segment, and no first run.
 *
 * Shapes  `stateCotangents(t)`: [rows, nq + nv] of s_t = (q, v), or undefined for zeros
 * Errors  RobotError for steps that write contact forces; StateError for arrays of other lengths, or a spacing
 *         that is no count; else as `BatchedSteps`
 */
export function trajectoryPullback(
  model: Model,
  steps: BatchedSteps,
  { start, controls }: Trajectories,
  stateCotangents: (t: number) => Float64Array | undefined,
  spacing: number = Math.max(1, Math.round(Math.sqrt(controls.length))),
): TrajectoryCotangents {
  const width = model.nq + 2 * model.nv;
  if (steps.width !== width) {
    const problem = `have states of ${steps.width} numbers; expected ${width}: make them without { contactForces: true }`;
    throw new RobotError(model.name, "the steps", problem);
  }
  checkCount(model, "spacing", spacing, 1);
  const T = controls.length;
  const rows = Math.ceil(start.length / width);
  checkLength(model, "states at the start", start, rows, width);
  const offsets = Int32Array.from({ length: rows }, (_, r) => r * width);
  const next = (states: Float64Array, t: number): Float64Array => {
    const reached = states.slice();
    steps.advance(reached, offsets, controls[t]!);
    return reached;
  };
  const kept = [start];
  let state = start;
  const lastKept = spacing * Math.floor((T - 1) / spacing);
  for (let t = 0; t < lastKept; t++) {
    state = next(state, t);
    if ((t + 1) % spacing === 0) kept.push(state);
  }

  const bar = new Float64Array(rows * (model.nq + model.nv));
  const gather = (t: number) => {
    const given = stateCotangents(t);
    if (given === undefined) return;
    checkLength(model, `stateCotangents(${t})`, given, rows, model.nq + model.nv);
    given.forEach((x, i) => {
      bar[i]! += x;
    });
  };
  const controlBars = controls.map((control) => new Float64Array(control.length));
  gather(T);
  const tapes = steps.tapes(Math.min(spacing, T), rows);
  for (let segment = kept.length - 1; segment >= 0; segment--) {
    const first = segment * spacing;
    const end = Math.min(first + spacing, T);
    const visited: Float64Array[] = [];
    for (let t = first, reached = kept[segment]!.slice(); t < end; t++) {
      visited.push(reached.slice());
      steps.record(reached, offsets, controls[t]!, tapes[t - first]!);
    }
    for (let t = end - 1; t >= first; t--) {
      const tape = tapes[t - first]!;
      steps.pullback(visited[t - first]!, offsets, controls[t]!, bar, controlBars[t]!, tape);
      gather(t);
    }
  }
  return { start: bar, controls: controlBars };
}
