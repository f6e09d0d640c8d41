/** Steps of many states of one robot at once, and their adjoints, by compiled programs. */
import { compileProgram } from "@sgmrl/autodiff/scalar";
import { shown } from "../../framework/shown.ts";
import { RobotError } from "../model/errors.ts";
import type { Model } from "../model/model.ts";
import { adjointProgram } from "./adjoint.ts";
import {
  checkCotangents,
  checkCount,
  checkFrameSkip,
  checkLength,
  checkRecorded,
  checkRoom,
  checkStates,
} from "./check-batch.ts";
import { advanceAlone, pullbackAlone } from "./left-over.ts";
import { misfitOf, type StepType } from "./parameters.ts";
import { stepProgram } from "./step.ts";
import { StepMemory, type StepTape } from "./step-memory.ts";
import { tapeLength } from "./tape.ts";

/**
 * A state is a row (q, v, the solver's warm start) of nq + 2 nv numbers, followed by the contact forces on
 * each part if requested. `offsets` says where in a buffer each row begins. Controls (rows of nu) and
 * cotangents of states (rows of nq + nv) are contiguous, in the order of the offsets.
 *
 * Errors  StateError for arrays of another length, offsets beyond the states, a tape of other rows
 */
export interface BatchedSteps {
  /**
   * The same programs for a robot that differs only in masses, inertias, dampings and frictions, of which those that are
   * 0 stay 0. Throws RobotError for another robot, and without `openParameters`.
   */
  withParameters(model: Model): BatchedSteps;
  readonly frameSkip: number;
  /** Numbers in the row of a state. */
  readonly width: number;
  /** Why `advance` would throw: a feature of the robot that its program does not support; undefined for most. */
  readonly refusal: RobotError | undefined;
  /** Compiles the programs of `pullback` now rather than on first use. Throws RobotError for unsupported features. */
  compile(): void;
  /** Number of states left to `stepInPlace` and `differentiateStep` so far. */
  readonly left: number;
  /**
   * `frameSkip` physics steps of each state under its control, in place. A state for which the program finds
   * no solution is advanced by `stepInPlace` instead, which may throw.
   */
  advance(states: Float64Array, offsets: Int32Array, controls: Float64Array): void;
  /** Room for as many calls of `record` with at most so many states; the next call of `tapes` gives it away again. */
  tapes(count: number, rows: number): readonly StepTape[];
  /** `advance`, bit for bit, leaving on the tape what `pullback` needs of it. */
  record(states: Float64Array, offsets: Int32Array, controls: Float64Array, tape: StepTape): void;
  /**
   * The adjoint of `advance` at the given states, which are not changed: replaces the cotangents of the
   * states that `advance` reaches by those of the states it starts from, and adds the controls' to
   * `controlCotangents`. Where a contact is about to begin or end, the step's active rows are held fixed: a
   * one-sided derivative. Given the tape of these steps, it does not run them again; otherwise it
   * does.
   */
  pullback(
    states: Float64Array,
    offsets: Int32Array,
    controls: Float64Array,
    cotangents: Float64Array,
    controlCotangents: Float64Array,
    tape?: StepTape,
  ): void;
  /**
   * The adjoint at one state, (q, v, warm start), of as many cotangents as there are rows, all replaced as by
   * `pullback`; the steps themselves are made once. Returns the state reached; undefined, with nothing
   * changed, where the program leaves this state to `step`.
   */
  pullbackAt(
    state: Float64Array,
    control: Float64Array,
    cotangents: Float64Array,
    controlCotangents: Float64Array,
  ): Float64Array | undefined;
}

export interface BatchOptions {
  /** Default float64. */
  readonly dtype?: StepType;
  /** Whether `advance` writes the last contact forces into the state (default false). */
  readonly contactForces?: boolean;
  /**
   * Pulls back the states that this program leaves; by default `differentiateStep` does, in seconds. Of the same robot,
   * with parameters as open.
   */
  readonly fallback?: BatchedSteps | undefined;
  /** Whether one program serves all masses, inertias, dampings and frictions (default false). */
  readonly openParameters?: boolean;
}

/**
 * The programs of a robot, each compiled on first use.
 *
 * Errors  RobotError for a frameSkip that is no count; in use, for unsupported features, by name, and
 *         DivergenceError and StateError as `step`
 */
export function batchedSteps(
  model: Model,
  frameSkip: number,
  { dtype = "float64", contactForces = false, openParameters = false, fallback }: BatchOptions = {},
): BatchedSteps {
  checkFrameSkip(model, frameSkip);
  const { nq, nv, nu } = model;
  const forceCount = contactForces ? 6 * model.partNames.length : 0;
  const at = new StepMemory(model, dtype, forceCount, openParameters, frameSkip * tapeLength(model));
  const layout = { contactForces, openParameters, dtype };
  const compiled = (program: () => ReturnType<typeof stepProgram>) =>
    once(() => compileProgram(program(), at.lanes));
  const all = compiled(() => stepProgram(model, { ...layout, times: frameSkip }));
  const recorded = compiled(() => stepProgram(model, { ...layout, times: frameSkip, isRecorded: true }));
  const refusal = once(() => refusalOf(all));
  const adjoint = compiled(() => adjointProgram(model, { openParameters, dtype, times: frameSkip }));

  let left = 0;
  /** Runs the steps, recording what the adjoint needs. */
  const runRecorded = (rows: number, tape: StepTape): void => {
    recorded()(rows, at.state, at.control, at.status, at.parameters, tape.address);
    tape.recorded = rows;
    tape.leftOver = at.leftOver(rows);
  };
  /** Writes the states reached, those of `leftOver` from `step`; if that throws, no state has changed. */
  const finish = (
    robot: Model,
    states: Float64Array,
    offsets: Int32Array,
    controls: Float64Array,
    leftOver: readonly number[],
  ) => {
    const alone = leftOver.map((r) => {
      const control = controls.slice(r * nu, (r + 1) * nu);
      return [offsets[r]!, advanceAlone(robot, frameSkip, states, offsets[r]!, at.width, control)] as const;
    });
    left += alone.length;
    at.lanes.read(at.state, at.width, states, offsets);
    for (const [offset, row] of alone) states.set(row, offset);
  };
  const pullbackLeft = (
    robot: Model,
    states: Float64Array,
    offset: number,
    control: Float64Array,
    bars: Float64Array,
  ): { state: Float64Array; control: Float64Array } => {
    if (fallback === undefined) return pullbackAlone(robot, frameSkip, states, offset, control, bars);
    const controlBars = new Float64Array(nu);
    const steps = openParameters ? fallback.withParameters(robot) : fallback;
    steps.pullback(states, Int32Array.of(offset), control, bars, controlBars);
    return { state: bars, control: controlBars };
  };
  const stepsOf = (robot: Model): BatchedSteps => ({
    frameSkip,
    width: at.width,

    get refusal() {
      return refusal();
    },

    compile() {
      recorded();
      adjoint();
    },

    get left() {
      return left;
    },

    withParameters(other) {
      if (!openParameters) {
        const problem = "are compiled with its numbers; make them with { openParameters: true }";
        throw new RobotError(model.name, "the steps", problem);
      }
      const misfit = misfitOf(model, other);
      if (misfit === undefined) return stepsOf(other);
      const { field, got, expected } = misfit;
      throw new RobotError(model.name, field, `is ${shown(got)}; expected ${expected}`);
    },

    advance(states, offsets, controls) {
      checkStates(model, at.width, states, offsets, controls);
      const rows = offsets.length;
      if (rows === 0) return;
      at.load(robot, states, offsets, controls);
      all()(rows, at.state, at.control, at.status, at.parameters);
      finish(robot, states, offsets, controls, at.leftOver(rows));
    },

    tapes(count, rows) {
      checkCount(model, "count", count, 0);
      checkCount(model, "rows", rows, 0);
      return at.tapes(count, rows);
    },

    record(states, offsets, controls, tape) {
      const rows = offsets.length;
      checkStates(model, at.width, states, offsets, controls);
      checkRoom(model, rows, tape);
      if (rows === 0) return;
      at.load(robot, states, offsets, controls);
      runRecorded(rows, tape);
      finish(robot, states, offsets, controls, tape.leftOver);
    },

    pullback(states, offsets, controls, cotangents, controlCotangents, tape) {
      const rows = offsets.length;
      checkStates(model, at.width, states, offsets, controls);
      checkCotangents(model, rows, cotangents, controlCotangents);
      if (rows === 0) return;
      if (tape !== undefined) checkRecorded(model, rows, tape);
      const known = tape ?? at.ownTape(rows);
      if (tape === undefined) {
        at.load(robot, states, offsets, controls);
        runRecorded(rows, known);
      } else at.loadInputs(robot, rows, controls);
      const alone = known.leftOver.map((r) => {
        const control = controls.slice(r * nu, (r + 1) * nu);
        const bars = cotangents.slice(r * (nq + nv), (r + 1) * (nq + nv));
        const before = controlCotangents.slice(r * nu, (r + 1) * nu);
        return { r, before, ...pullbackLeft(robot, states, offsets[r]!, control, bars) };
      });
      left += alone.length;
      const [barRows, controlRows] = [at.rowsOf(rows, nq + nv), at.rowsOf(rows, nu)];
      at.lanes.write(at.bars, nq + nv, cotangents, barRows);
      at.lanes.write(at.controlBars, nu, controlCotangents, controlRows);
      adjoint()(rows, at.control, at.bars, at.controlBars, at.parameters, known.address);
      at.lanes.read(at.bars, nq + nv, cotangents, barRows);
      at.lanes.read(at.controlBars, nu, controlCotangents, controlRows);
      for (const { r, before, state, control } of alone) {
        cotangents.set(state, r * (nq + nv));
        controlCotangents.set(
          before.map((bar, i) => bar + control[i]!),
          r * nu,
        );
      }
    },

    pullbackAt(state, control, cotangents, controlCotangents) {
      const count = Math.ceil(cotangents.length / (nq + nv));
      checkLength(model, "state", state, 1, nq + 2 * nv);
      checkLength(model, "control", control, 1, nu);
      checkCotangents(model, count, cotangents, controlCotangents);
      const row = new Float64Array(at.width);
      row.set(state);
      const rows = Math.max(count, at.lanes.lanes);
      // As many rows as cotangents, so that there is room for those; all lanes of the first block hold the state.
      const inputs = new Float64Array(rows * nu);
      for (let r = 0; r < rows; r++) inputs.set(control, r * nu);
      at.load(robot, row, new Int32Array(rows), inputs);
      const tape = at.ownTape(at.lanes.lanes);
      runRecorded(1, tape);
      if (tape.leftOver.length > 0) return undefined;
      at.lanes.read(at.state, at.width, row, Int32Array.of(0));
      at.lanes.write(at.bars, nq + nv, cotangents, at.rowsOf(count, nq + nv));
      at.lanes.write(at.controlBars, nu, controlCotangents, at.rowsOf(count, nu));
      for (let first = 0; first < count; first += at.lanes.lanes) {
        const [bars, controlBars] = [
          at.lanes.at(at.bars, first * (nq + nv)),
          at.lanes.at(at.controlBars, first * nu),
        ];
        adjoint()(1, at.control, bars, controlBars, at.parameters, tape.address);
      }
      at.lanes.read(at.bars, nq + nv, cotangents, at.rowsOf(count, nq + nv));
      at.lanes.read(at.controlBars, nu, controlCotangents, at.rowsOf(count, nu));
      return row;
    },
  });
  return stepsOf(model);
}

function refusalOf(compile: () => unknown): RobotError | undefined {
  try {
    compile();
    return undefined;
  } catch (error) {
    if (error instanceof RobotError) return error;
    throw error;
  }
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
