/** What steps of a batch are not given. */
import { describe, expect, test } from "vitest";
import { batchedSteps, RobotError, StateError, trajectoryPullback } from "../../../src/rigid-body/index.ts";
import { batchOf, modelOf, offsetsOf, widthOf, wild } from "../support/batched-rows.ts";

describe("steps of a batch refuse", () => {
  const model = modelOf("hopper");
  const { nq, nv, nu } = model;
  const batch = batchOf("hopper");
  const zeros = (rows: number, width: number) => new Float64Array(rows * width);
  const { states } = wild("hopper", 2);
  const offsets = offsetsOf(model, 2);
  const refusal = (run: () => unknown, error: typeof StateError | typeof RobotError, message: RegExp) => {
    expect(run).toThrow(error);
    expect(run).toThrow(message);
  };

  test.each([0, 1.5, Number.NaN])("a frameSkip of %d", (frameSkip) => {
    const message = /^robot "hopper", frameSkip: is .*; expected a whole number of at least 1$/;
    refusal(() => batchedSteps(model, frameSkip), RobotError, message);
  });

  test("controls, cotangents and states of other lengths", () => {
    const [tape] = batch.tapes(1, 2);
    for (const run of [
      () => batch.advance(states.slice(), offsets, zeros(1, nu)),
      () => batch.record(states.slice(), offsets, zeros(1, nu), tape!),
      () => batch.pullback(states, offsets, zeros(1, nu), zeros(2, nq + nv), zeros(2, nu)),
    ])
      refusal(run, StateError, /^hopper: controls have length 3; expected 6: 2 rows of 3$/);
    refusal(
      () => batch.pullback(states, offsets, zeros(2, nu), zeros(1, nq + nv), zeros(2, nu)),
      StateError,
      /^hopper: cotangents have length 12; expected 24: 2 rows of 12$/,
    );
    refusal(
      () => batch.pullback(states, offsets, zeros(2, nu), zeros(2, nq + nv), zeros(3, nu)),
      StateError,
      /^hopper: controlCotangents have length 9; expected 6: 2 rows of 3$/,
    );
    const state = states.slice(0, widthOf(model));
    for (const [run, field] of [
      [() => batch.pullbackAt(states, zeros(1, nu), zeros(2, nq + nv), zeros(2, nu)), "state"],
      [() => batch.pullbackAt(state, zeros(2, nu), zeros(2, nq + nv), zeros(2, nu)), "control"],
      [() => batch.pullbackAt(state, zeros(1, nu), zeros(1, nq), zeros(1, nu)), "cotangents"],
      [() => batch.pullbackAt(state, zeros(1, nu), zeros(2, nq + nv), zeros(1, nu)), "controlCotangents"],
    ] as const)
      refusal(run, StateError, new RegExp(`^hopper: ${field} have length`));
  });

  test.each([-1, 19])("an offset of %d", (offset) => {
    const rows = Int32Array.of(0, offset);
    const message =
      /^hopper: offsets\[1\] is -?\d+, where no row of 18 numbers begins in states of length 36$/;
    refusal(() => batch.advance(states.slice(), rows, zeros(2, nu)), StateError, message);
  });

  test("tapes for fewer states, or with the steps of others", () => {
    const [first, second] = batch.tapes(2, 2);
    const four = wild("hopper", 4);
    refusal(
      () => batch.record(four.states, offsetsOf(model, 4), four.controls, first!),
      StateError,
      /^hopper: the tape has room for 2 states; got 4$/,
    );
    batch.record(states.slice(0, widthOf(model)), Int32Array.of(0), zeros(1, nu), second!);
    for (const tape of [first, second]) {
      refusal(
        () => batch.pullback(states, offsets, zeros(2, nu), zeros(2, nq + nv), zeros(2, nu), tape),
        StateError,
        /^hopper: the tape has the steps of [01] states; got 2$/,
      );
    }
    refusal(() => batch.tapes(1.5, 2), StateError, /^hopper: count is 1\.5; expected a whole number/);
    refusal(() => batch.tapes(1, -2), StateError, /^hopper: rows is -2; expected a whole number/);
  });

  test("trajectories that they do not fit", () => {
    const controls = [zeros(2, nu), zeros(2, nu)];
    const pulled = (start: Float64Array, bars: Float64Array, spacing = 1, steps = batch) =>
      trajectoryPullback(model, steps, { start, controls }, () => bars, spacing);
    const bars = zeros(2, nq + nv);
    const withForces = batchedSteps(model, 1, { contactForces: true });
    const message = /^robot "hopper", the steps: have states of \d+ numbers; expected 18: make them without/;
    refusal(() => pulled(states, bars, 1, withForces), RobotError, message);
    refusal(
      () => pulled(states, bars, 0),
      StateError,
      /^hopper: spacing is 0; expected a whole number of at/,
    );
    refusal(() => pulled(states.slice(1), bars), StateError, /^hopper: states at the start have length 35/);
    refusal(
      () => pulled(states, zeros(1, nq + nv)),
      StateError,
      /^hopper: stateCotangents\(2\) have length 12/,
    );
  });
});
