/**
 * States of a batch, which are derived from the program of a step, against the scalar step that is its definition:
 * [eq:newton-point]; their adjoints against central differences [eq:adjoint-step], [eq:adjoint-solve], [eq:residual].
 */
import { fold, key, normal, uniform } from "@sgmrl/autodiff/random";
import { describe, expect, test } from "vitest";
import { scaleParameters } from "../../../src/rigid-body/compile/scale-parameters.ts";
import { workspaceOf } from "../../../src/rigid-body/dynamics/workspace.ts";
import {
  batchedSteps,
  bodyContactForces,
  DivergenceError,
  RobotError,
  type RobotState,
  StateError,
  step,
} from "../../../src/rigid-body/index.ts";
import type { Model } from "../../../src/rigid-body/model/model.ts";
import { robots } from "../../../src/rigid-body/robots/index.ts";
import {
  batchOf,
  modelOf,
  names,
  offsetsOf,
  stateOf,
  visited,
  widthOf,
  wild,
} from "../support/batched-rows.ts";
import { largestDifference } from "../support/measure-parity.ts";

/** ⟨cotangent, (q', v')⟩ of one scalar step. */
function scalarOf(model: Model, state: RobotState, control: Float64Array, bar: Float64Array): number {
  const next = step(model, state, control);
  return [...next.qpos, ...next.qvel].reduce((total, x, i) => total + bar[i]! * x, 0);
}

describe.each(names)("a batch of %s", (name) => {
  const model = modelOf(name);
  const batch = batchOf(name);

  test("takes the scalar step in every regime, and leaves few states to it", () => {
    const count = 400;
    const { states, controls } = wild(name, count);
    const before = states.slice();
    const left = batch.left;
    batch.advance(states, offsetsOf(model, count), controls);
    expect(batch.left - left).toBeLessThan(0.02 * count);
    let touching = 0;
    for (let r = 0; r < count; r++) {
      const expected = step(
        model,
        stateOf(model, before, r),
        controls.slice(r * model.nu, (r + 1) * model.nu),
      );
      if (workspaceOf(model).rowCount > 0) touching++;
      const found = stateOf(model, states, r);
      const speed = Math.max(30, ...expected.qvel.map(Math.abs));
      expect(largestDifference(found.qvel, expected.qvel) / speed).toBeLessThan(1e-10 / 30);
      expect(largestDifference(found.qpos, expected.qpos) / speed).toBeLessThan(1e-10 / 30);
      const push = Math.max(1, ...expected.warmstart.map(Math.abs));
      expect(largestDifference(found.warmstart, expected.warmstart) / push).toBeLessThan(1e-10);
    }
    expect(touching).toBeGreaterThan(name === "swimmer" ? 40 : 150);
  });

  test("has the same bits for any number of states, in any lane", () => {
    const count = 37;
    const { states, controls } = wild(name, count);
    const together = states.slice();
    batch.advance(together, offsetsOf(model, count), controls);
    const reversed = states.slice();
    const order = Array.from({ length: count }, (_, r) => count - 1 - r);
    const controlsOf = (rows: readonly number[]) =>
      Float64Array.from(rows.flatMap((r) => [...controls.slice(r * model.nu, (r + 1) * model.nu)]));
    batch.advance(
      reversed,
      Int32Array.from(order, (r) => r * widthOf(model)),
      controlsOf(order),
    );
    expect(reversed).toEqual(together);
    const alone = states.slice();
    for (let r = 0; r < count; r++) batch.advance(alone, Int32Array.of(r * widthOf(model)), controlsOf([r]));
    expect(alone).toEqual(together);
  });

  test("refuses what the scalar step refuses, with its error", () => {
    const { states, controls } = wild(name, 4);
    const fast = states.slice();
    fast[2 * widthOf(model) + model.nq + model.nv - 1] = 1e9;
    fast[2 * widthOf(model) + model.nq + model.nv - 2] = -1e9;
    expect(() => batch.advance(fast, offsetsOf(model, 4), controls)).toThrow(DivergenceError);
    const lost = states.slice();
    lost[widthOf(model) + model.nq] = Number.NaN;
    expect(() => batch.advance(lost, offsetsOf(model, 4), controls)).toThrow(StateError);
    const blind = controls.slice();
    blind[3 * model.nu] = Number.NaN;
    expect(() => batch.advance(states.slice(), offsetsOf(model, 4), blind)).toThrow(StateError);
  });

  test("has adjoints that agree with central differences of the scalar step", () => {
    const count = 12;
    const { nq, nv, nu } = model;
    const { states, controls } = visited(name, count, 60);
    const bars = normal(key(8), count * (nq + nv));
    const given = bars.slice();
    const controlBars = new Float64Array(count * nu);
    batch.pullback(states, offsetsOf(model, count), controls, bars, controlBars);
    const errors: number[] = [];
    for (let r = 0; r < count; r++) {
      const state = stateOf(model, states, r);
      const control = controls.slice(r * nu, (r + 1) * nu);
      const bar = given.slice(r * (nq + nv), (r + 1) * (nq + nv));
      const inputs = [state.qpos, state.qvel, control];
      const found = [
        bars.slice(r * (nq + nv), (r + 1) * (nq + nv)),
        controlBars.slice(r * nu, (r + 1) * nu),
      ].flatMap((part) => [...part]);
      const expected = inputs.flatMap((input) =>
        Array.from(input, (x, i) => {
          const at = (value: number) => {
            input[i] = value;
            return scalarOf(model, state, control, bar);
          };
          const difference = (at(x + 1e-6) - at(x - 1e-6)) / 2e-6;
          input[i] = x;
          return difference;
        }),
      );
      errors.push(largestDifference(found, expected) / Math.max(...expected.map(Math.abs)));
    }
    errors.sort((a, b) => a - b);
    expect(errors[count / 2]).toBeLessThan(1e-7);
    // One that is within 1e-6 of a kink would not agree.
    expect(errors[count - 2]).toBeLessThan(1e-4);
  });
});

test.each(["half-cheetah", "hopper"] as const)(
  "%s: a recorded run reaches what advance reaches, and its adjoint is that of the run taken again",
  (name) => {
    const model = modelOf(name);
    const { nq, nv, nu } = model;
    const steps = batchedSteps(model, 3);
    const count = 9;
    const { states, controls } = visited(name, count, 30);
    const [tape] = steps.tapes(1, count);
    if (name === "half-cheetah") {
      // What only `step` can say, in the middle of the batch: that this robot is nowhere.
      const lost = states.slice();
      lost[4 * widthOf(model)] = Number.POSITIVE_INFINITY;
      expect(() => steps.record(lost, offsetsOf(model, count), controls, tape!)).toThrow(StateError);
    }
    const [advanced, recorded] = [states.slice(), states.slice()];
    steps.advance(advanced, offsetsOf(model, count), controls);
    steps.record(recorded, offsetsOf(model, count), controls, tape!);
    expect(recorded).toEqual(advanced);
    const given = normal(key(15), count * (nq + nv));
    const [bars, again] = [given.slice(), given.slice()];
    const [controlBars, controlsAgain] = [new Float64Array(count * nu), new Float64Array(count * nu)];
    steps.pullback(states, offsetsOf(model, count), controls, again, controlsAgain);
    // Other work in the same memory does not reach the tape: not even of a larger batch.
    const larger = visited(name, 3 * count, 20);
    steps.record(larger.states, offsetsOf(model, 3 * count), larger.controls, steps.tapes(1, 3 * count)[0]!);
    steps.pullback(states, offsetsOf(model, count), controls, bars, controlBars, tape);
    expect(bars).toEqual(again);
    expect(controlBars).toEqual(controlsAgain);
  },
);

test("contact forces [eq:contact-force] are those of the scalar step", () => {
  for (const name of ["ant", "half-cheetah"] as const) {
    const model = modelOf(name);
    const width = widthOf(model) + 6 * model.partNames.length;
    const count = 60;
    const { states, controls } = wild(name, count);
    const rows = Float64Array.from({ length: count * width }, (_, k) => {
      const at = k % width;
      return at < widthOf(model) ? states[Math.floor(k / width) * widthOf(model) + at]! : 7;
    });
    const offsets = Int32Array.from({ length: count }, (_, r) => r * width);
    const steps = batchedSteps(model, 1, { contactForces: true });
    const recorded = rows.slice();
    steps.advance(rows, offsets, controls);
    steps.record(recorded, offsets, controls, steps.tapes(1, count)[0]!);
    expect(recorded).toEqual(rows);
    let pushed = 0;
    for (let r = 0; r < count; r++) {
      step(model, stateOf(model, states, r), controls.slice(r * model.nu, (r + 1) * model.nu));
      const expected = new Float64Array(6 * model.partNames.length);
      bodyContactForces(model, workspaceOf(model), expected);
      const found = rows.slice(r * width + widthOf(model), (r + 1) * width);
      const largest = Math.max(...expected.map(Math.abs));
      if (largest > 0) pushed++;
      expect(largestDifference(found, expected)).toBeLessThan(1e-10 * Math.max(1, largest));
    }
    expect(pushed).toBeGreaterThan(10);
  }
});

test("one program serves robots of other masses, inertias, dampings and frictions", () => {
  const name = "hopper";
  const template = modelOf(name);
  const { nq, nv, nu } = template;
  const open = batchedSteps(template, 1, { openParameters: true });
  const count = 80;
  const { states, controls } = wild(name, count);
  const offsets = offsetsOf(template, count);
  for (let task = 0; task < 3; task++) {
    const factors = (index: number, length: number) =>
      [...uniform(fold(key(13), task, index), length)].map((u) => 0.4 + 2 * u);
    const scaled = scaleParameters(robots[name], template, {
      mass: factors(0, 4),
      inertia: factors(1, 4),
      friction: factors(2, 5),
      damping: factors(3, nv),
    });
    const reached = states.slice();
    open.withParameters(scaled).advance(reached, offsets, controls);
    for (let r = 0; r < count; r++) {
      const expected = step(scaled, stateOf(scaled, states, r), controls.slice(r * nu, (r + 1) * nu));
      const speed = Math.max(30, ...expected.qvel.map(Math.abs));
      const found = stateOf(scaled, reached, r).qvel;
      expect(largestDifference(found, expected.qvel) / speed).toBeLessThan(1e-10 / 30);
    }
    // Compiled for this robot alone, the adjoint is the same.
    const given = normal(fold(key(14), task), count * (nq + nv));
    const [bars, ownBars] = [given.slice(), given.slice()];
    const [controlBars, ownControlBars] = [new Float64Array(count * nu), new Float64Array(count * nu)];
    open.withParameters(scaled).pullback(states, offsets, controls, bars, controlBars);
    batchedSteps(scaled, 1).pullback(states, offsets, controls, ownBars, ownControlBars);
    const largest = Math.max(...ownBars.map(Math.abs));
    expect(largestDifference(bars, ownBars) / largest).toBeLessThan(1e-10);
    expect(largestDifference(controlBars, ownControlBars) / largest).toBeLessThan(1e-10);
  }
});

test("a program refuses a robot that it was not compiled for, by field", () => {
  const template = modelOf("hopper");
  const open = batchedSteps(template, 1, { openParameters: true });
  const onTheMoon: Model = { ...template, gravity: [0, 0, -1.6] };
  expect(() => open.withParameters(onTheMoon)).toThrow(RobotError);
  expect(() => open.withParameters(onTheMoon)).toThrow(
    /robot "hopper", gravity\[2\]: is -1\.6; expected -9\.81, as of the robot, of which only masses/,
  );
  expect(() => batchOf("hopper").withParameters(template)).toThrow(
    /robot "hopper", the steps: are compiled with its numbers; make them with { openParameters: true }/,
  );
});
