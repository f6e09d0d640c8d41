/** Checks of what compiled steps are given; they read their memory by these lengths alone. */
import { shown } from "../../framework/shown.ts";
import { RobotError, StateError } from "../model/errors.ts";
import type { Model } from "../model/model.ts";
import type { StepTape } from "./step-memory.ts";

export function checkFrameSkip(model: Model, frameSkip: number): void {
  if (Number.isSafeInteger(frameSkip) && frameSkip >= 1) return;
  const problem = `is ${shown(frameSkip)}; expected a whole number of at least 1`;
  throw new RobotError(model.name, "frameSkip", problem);
}

export function checkCount(model: Model, field: string, count: number, least: number): void {
  if (Number.isSafeInteger(count) && count >= least) return;
  throw new StateError(model.name, field, `is ${shown(count)}; expected a whole number of at least ${least}`);
}

/** States in rows of `width` numbers, and their controls. */
export function checkStates(
  model: Model,
  width: number,
  states: Float64Array,
  offsets: Int32Array,
  controls: Float64Array,
): void {
  const rows = offsets.length;
  for (let r = 0; r < rows; r++) {
    const offset = offsets[r]!;
    if (offset >= 0 && offset + width <= states.length) continue;
    const problem = `is ${offset}, where no row of ${width} numbers begins in states of length ${states.length}`;
    throw new StateError(model.name, `offsets[${r}]`, problem);
  }
  checkLength(model, "controls", controls, rows, model.nu);
}

/** Of the states that are reached, and of the controls. */
export function checkCotangents(
  model: Model,
  rows: number,
  cotangents: Float64Array,
  controlCotangents: Float64Array,
): void {
  checkLength(model, "cotangents", cotangents, rows, model.nq + model.nv);
  checkLength(model, "controlCotangents", controlCotangents, rows, model.nu);
}

export function checkRoom(model: Model, rows: number, tape: StepTape): void {
  if (rows <= tape.room) return;
  throw new StateError(model.name, "the tape", `has room for ${tape.room} states; got ${rows}`);
}

export function checkRecorded(model: Model, rows: number, tape: StepTape): void {
  if (rows === tape.recorded) return;
  throw new StateError(model.name, "the tape", `has the steps of ${tape.recorded} states; got ${rows}`);
}

export function checkLength(
  model: Model,
  field: string,
  values: Float64Array,
  rows: number,
  width: number,
): void {
  if (values.length === rows * width) return;
  const problem = `have length ${values.length}; expected ${rows * width}: ${rows} rows of ${width}`;
  throw new StateError(model.name, field, problem);
}
