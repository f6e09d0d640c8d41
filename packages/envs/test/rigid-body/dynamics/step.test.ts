import { describe, expect, test } from "vitest";
import {
  compileModel,
  createWorkspace,
  DivergenceError,
  initialState,
  StateError,
  step,
  stepInPlace,
} from "../../../src/rigid-body/index.ts";
import { robots } from "../../../src/rigid-body/robots/index.ts";

const model = compileModel(robots["half-cheetah"]);
const control = new Float64Array(6).fill(0.5);

describe("step", () => {
  test("leaves its state alone and gives the same bits twice", () => {
    const state = initialState(model);
    const first = step(model, state, control);
    const second = step(model, state, control);
    expect(state).toEqual(initialState(model));
    expect(first).toEqual(second);
    expect(first.qvel).not.toEqual(state.qvel);
  });

  test("does not depend on what the workspace held before", () => {
    const fresh = compileModel(robots["half-cheetah"]);
    let used = initialState(model);
    for (let t = 0; t < 50; t++) used = step(model, used, control);
    expect(step(model, used, control)).toEqual(step(fresh, used, control));
  });

  test("in place, with a workspace of its own, is the same step", () => {
    const state = initialState(model);
    const workspace = createWorkspace(model);
    const expected = step(model, state, control);
    stepInPlace(model, state, control, workspace);
    expect(state).toEqual(expected);
  });

  test("refuses a NaN coordinate, a control of the wrong length and a control that is not finite", () => {
    const state = initialState(model);
    state.qpos[4] = Number.NaN;
    expect(() => step(model, state, control)).toThrow(StateError);
    expect(() => step(model, state, control)).toThrow("half-cheetah: qpos[4] is NaN");
    expect(() => step(model, initialState(model), [0, 0])).toThrow("control has length 2; expected 6");
    expect(() => step(model, initialState(model), [0, 0, 0, 0, 0, Infinity])).toThrow(
      "control[5] is Infinity",
    );
  });

  test("reports a diverging state instead of resetting it", () => {
    const state = initialState(model);
    state.qvel.fill(1e9);
    expect(() => step(model, state, control)).toThrow(DivergenceError);
  });
});
