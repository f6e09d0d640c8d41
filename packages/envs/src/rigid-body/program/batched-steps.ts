/** Steps of many states of one robot at once, and their adjoints, as compiled programs. */
import { compileProgram, LaneMemory } from "@sgmrl/autodiff/scalar";
import { linearize } from "../differentiable/linearize.ts";
import { bodyContactForces } from "../dynamics/contact-forces.ts";
import { type State, step, stepInPlace } from "../dynamics/step.ts";
import { workspaceOf } from "../dynamics/workspace.ts";
import { StateError } from "../model/errors.ts";
import type { Model } from "../model/model.ts";
import { adjointProgram } from "./adjoint.ts";
import { parameterValues } from "./parameters.ts";
import { stagesOf, stepProgram } from "./step.ts";

/**
 * States are rows (q, v, the solver's warm start) of nq + 2 nv numbers, anywhere in a buffer, then the contact forces on each part
 * if they are asked for; `offsets` says where each
 * begins. Controls are rows of nu, cotangents of states rows of nq + nv, all one after the other in the order of the offsets.
 */
export interface BatchedSteps {
  /**
   * The same programs for a robot that differs in masses, inertias, dampings and frictions only, none of them zero in one
   * and not in the other. For steps compiled with `openParameters`.
   */
  withParameters(model: Model): BatchedSteps;
  /** How many states have been left to `stepInPlace` and `linearize` so far. */
  readonly left: number;
  /**
   * `frameSkip` physics steps of each state under its control, in place. A state for which the program finds no solution
   * goes through `stepInPlace` instead, and so do its errors.
   */
  advance(states: Float64Array, offsets: Int32Array, controls: Float64Array): void;
  /**
   * The adjoint of `advance` at the given states, which are left as they are: `cotangents` of the states that `advance`
   * reaches become those of the states it starts from, and the controls' are added to `controlCotangents`.
   * Where a contact is just about to begin or end, the rows that push in the step are held: a one-sided derivative.
   */
  pullback(
    states: Float64Array,
    offsets: Int32Array,
    controls: Float64Array,
    cotangents: Float64Array,
    controlCotangents: Float64Array,
  ): void;
}

export interface BatchOptions {
  /** Default float64. */
  readonly dtype?: "float64" | "float32";
  /** Whether `advance` leaves the last contact forces in the state (default false). */
  readonly contactForces?: boolean;
  /** Whether one program serves robots of other masses, inertias, dampings and frictions (default false). */
  readonly openParameters?: boolean;
}

/** Compiles the programs of a robot; those that a caller does not use are not compiled. */
export function batchedSteps(
  model: Model,
  frameSkip: number,
  { dtype = "float64", contactForces = false, openParameters = false }: BatchOptions = {},
): BatchedSteps {
  const forceCount = contactForces ? 6 * model.partNames.length : 0;
  const { nq, nv, nu } = model;
  const memory = new LaneMemory(dtype);
  const stepFunction = once(() => compileProgram(stepProgram(model, contactForces, openParameters), memory));
  const adjointFunction = once(() => compileProgram(adjointProgram(model, openParameters), memory));
  const parameterCount = openParameters ? parameterValues(model).length : 0;
  /** Whose parameters are in memory, for as many rows as there is room for. */
  let loaded: Model | undefined;
  const loadParameters = (robot: Model) => {
    if (loaded === robot || parameterCount === 0) return;
    const values = Float64Array.from(parameterValues(robot));
    memory.write(at.parameters, parameterCount, values, new Int32Array(capacity));
    loaded = robot;
  };
  let capacity = 0;
  let tapeCapacity = 0;
  let at = { qpos: 0, qvel: 0, warmstart: 0, control: 0, status: 0, solutions: 0, forces: 0, parameters: 0 };
  let tape: { qpos: number[]; qvel: number[]; solutions: number[]; bars: [number, number, number] };

  const reserve = (rows: number) => {
    if (rows <= capacity) return;
    capacity = rows;
    const room = (width: number) => memory.reserve(rows, width);
    at = {
      qpos: room(nq),
      qvel: room(nv),
      warmstart: room(nv),
      control: room(nu),
      status: room(1),
      solutions: room(stagesOf(model) * nv),
      forces: room(forceCount),
      parameters: room(parameterCount),
    };
    loaded = undefined;
  };
  const reserveTape = (rows: number) => {
    if (rows <= tapeCapacity) return;
    tapeCapacity = rows;
    const each = (width: number) => Array.from({ length: frameSkip }, () => memory.reserve(rows, width));
    tape = {
      qpos: each(nq),
      qvel: each(nv),
      solutions: each(stagesOf(model) * nv),
      bars: [memory.reserve(rows, nq), memory.reserve(rows, nv), memory.reserve(rows, nu)],
    };
  };

  const rowsOf = evenRows();
  const load = (states: Float64Array, offsets: Int32Array, controls: Float64Array) => {
    const rows = offsets.length;
    memory.write(at.qpos, nq, states, offsets);
    memory.write(at.qvel, nv, states, offsets, nq);
    memory.write(at.warmstart, nv, states, offsets, nq + nv);
    memory.write(at.control, nu, controls, rowsOf(rows, nu));
    memory.fill(at.status, 1, rows, 0);
  };

  let status = new Float64Array(0);
  /** Rows that the program could not do, or whose inputs are no numbers. */
  const leftOver = (states: Float64Array, offsets: Int32Array, controls: Float64Array): number[] => {
    const rows = offsets.length;
    if (status.length < rows) status = new Float64Array(rows);
    memory.read(at.status, 1, status, rowsOf(rows, 1));
    const found: number[] = [];
    for (let r = 0; r < rows; r++) {
      const isDone = status[r] === 0 && allFinite(states, offsets[r]!, nq + 2 * nv);
      if (!isDone || !allFinite(controls, r * nu, nu)) found.push(r);
    }
    return found;
  };
  const stateAt = (states: Float64Array, offset: number): State => ({
    qpos: states.slice(offset, offset + nq),
    qvel: states.slice(offset + nq, offset + nq + nv),
    warmstart: states.slice(offset + nq + nv, offset + nq + 2 * nv),
  });

  let left = 0;
  const stepsOf = (robot: Model): BatchedSteps => ({
    get left() {
      return left;
    },

    withParameters: stepsOf,

    advance(states, offsets, controls) {
      const rows = offsets.length;
      if (rows === 0) return;
      reserve(rows);
      loadParameters(robot);
      load(states, offsets, controls);
      const run = stepFunction();
      for (let k = 0; k < frameSkip; k++)
        run(
          rows,
          at.qpos,
          at.qvel,
          at.warmstart,
          at.control,
          at.status,
          at.solutions,
          at.forces,
          at.parameters,
        );
      const byStep = leftOver(states, offsets, controls).map((r) => {
        const state = stateAt(states, offsets[r]!);
        const control = controls.slice(r * nu, (r + 1) * nu);
        const forces = new Float64Array(forceCount);
        for (let k = 0; k < frameSkip; k++) stepInPlace(robot, state, control, workspaceOf(robot));
        if (contactForces) bodyContactForces(robot, workspaceOf(robot), forces);
        return [offsets[r]!, state, forces] as const;
      });
      left += byStep.length;
      memory.read(at.qpos, nq, states, offsets);
      memory.read(at.qvel, nv, states, offsets, nq);
      memory.read(at.warmstart, nv, states, offsets, nq + nv);
      if (contactForces) memory.read(at.forces, forceCount, states, offsets, nq + 2 * nv);
      for (const [offset, { qpos, qvel, warmstart }, forces] of byStep) {
        states.set(qpos, offset);
        states.set(qvel, offset + nq);
        states.set(warmstart, offset + nq + nv);
        states.set(forces, offset + nq + 2 * nv);
      }
    },

    pullback(states, offsets, controls, cotangents, controlCotangents) {
      const rows = offsets.length;
      if (rows === 0) return;
      reserve(rows);
      reserveTape(rows);
      loadParameters(robot);
      load(states, offsets, controls);
      const run = stepFunction();
      const adjoint = adjointFunction();
      for (let k = 0; k < frameSkip; k++) {
        memory.copy(at.qpos, tape.qpos[k]!, nq, rows);
        memory.copy(at.qvel, tape.qvel[k]!, nv, rows);
        run(
          rows,
          at.qpos,
          at.qvel,
          at.warmstart,
          at.control,
          at.status,
          tape.solutions[k]!,
          at.forces,
          at.parameters,
        );
      }
      const byLinearizing = leftOver(states, offsets, controls).map((r) => {
        const state = stateAt(states, offsets[r]!);
        const control = controls.slice(r * nu, (r + 1) * nu);
        return [
          r,
          pullbackByLinearizing(robot, frameSkip, state, control, cotangents, r * (nq + nv)),
        ] as const;
      });
      left += byLinearizing.length;
      const [qposBar, qvelBar, controlBar] = tape.bars;
      memory.write(qposBar, nq, cotangents, rowsOf(rows, nq + nv));
      memory.write(qvelBar, nv, cotangents, rowsOf(rows, nq + nv), nq);
      memory.write(controlBar, nu, controlCotangents, rowsOf(rows, nu));
      const before = byLinearizing.map(([r]) => controlCotangents.slice(r * nu, (r + 1) * nu));
      for (let k = frameSkip - 1; k >= 0; k--) {
        adjoint(
          rows,
          tape.qpos[k]!,
          tape.qvel[k]!,
          at.control,
          tape.solutions[k]!,
          qposBar,
          qvelBar,
          controlBar,
          at.parameters,
        );
      }
      memory.read(qposBar, nq, cotangents, rowsOf(rows, nq + nv));
      memory.read(qvelBar, nv, cotangents, rowsOf(rows, nq + nv), nq);
      memory.read(controlBar, nu, controlCotangents, rowsOf(rows, nu));
      byLinearizing.forEach(([r, { state, control }], k) => {
        cotangents.set(state, r * (nq + nv));
        controlCotangents.set(
          before[k]!.map((bar, i) => bar + control[i]!),
          r * nu,
        );
      });
    },
  });
  return stepsOf(model);
}

/** (rows, width) → 0, width, 2 width, ... */
function evenRows(): (rows: number, width: number) => Int32Array {
  const known = new Map<number, Int32Array>();
  return (rows, width) => {
    let offsets = known.get(width);
    if (offsets === undefined || offsets.length < rows) {
      offsets = new Int32Array(rows);
      for (let r = 0; r < rows; r++) offsets[r] = r * width;
      known.set(width, offsets);
    }
    return offsets.length === rows ? offsets : offsets.subarray(0, rows);
  };
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

function allFinite(values: Float64Array, from: number, count: number): boolean {
  for (let i = from; i < from + count; i++) if (!Number.isFinite(values[i]!)) return false;
  return true;
}

/** What `pullback` does, by [eq:linearize]: for the few states that the program leaves. */
function pullbackByLinearizing(
  model: Model,
  frameSkip: number,
  start: State,
  control: Float64Array,
  cotangents: Float64Array,
  from: number,
): { state: Float64Array; control: Float64Array } {
  const { nq, nv, nu } = model;
  if (nq !== nv) {
    const problem = "is one whose step the program of the derivatives cannot do";
    throw new StateError(model.name, "the state", problem);
  }
  const states = [start];
  for (let k = 1; k < frameSkip; k++) states.push(step(model, states[k - 1]!, control));
  let bar = cotangents.slice(from, from + 2 * nv);
  const controlBar = new Float64Array(nu);
  for (const state of states.toReversed()) {
    const { state: A, control: B } = linearize(model, state, control);
    const next = bar;
    bar = new Float64Array(2 * nv);
    next.forEach((share, i) => {
      for (let k = 0; k < 2 * nv; k++) bar[k]! += share * A.data[i * 2 * nv + k]!;
      for (let k = 0; k < nu; k++) controlBar[k]! += share * B.data[i * nu + k]!;
    });
  }
  return { state: bar, control: controlBar };
}
