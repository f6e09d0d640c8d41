/**
 * Everything that is derived from the program of a step, against the scalar step that is its definition: states of a batch
 * [eq:newton-point], adjoints of steps [eq:adjoint-step], [eq:adjoint-solve], [eq:residual] and of trajectories
 * [eq:adjoint-trajectory].
 */
import { fold, key, normal, uniform } from "@sgmrl/autodiff/random";
import { describe, expect, test } from "vitest";
import { scaleParameters } from "../../../src/rigid-body/compile/scale-parameters.ts";
import { differentiateStep } from "../../../src/rigid-body/differentiable/differentiate-step.ts";
import { workspaceOf } from "../../../src/rigid-body/dynamics/workspace.ts";
import {
  batchedSteps,
  bodyContactForces,
  compileModel,
  DivergenceError,
  initialState,
  jacobian,
  RobotError,
  type RobotState,
  robotFromMjcf,
  StateError,
  step,
  trajectoryPullback,
} from "../../../src/rigid-body/index.ts";
import type { Model } from "../../../src/rigid-body/model/model.ts";
import { type RobotName, robots } from "../../../src/rigid-body/robots/index.ts";
import { largestDifference } from "../support/measure-parity.ts";
import { loadOfficial } from "../support/official.ts";
import { randomCase, regimes } from "../support/random-state.ts";

const names = Object.keys(robots) as RobotName[];
const planar = names.filter((name) => name !== "ant");
const models = new Map(names.map((name) => [name, compileModel(robots[name])]));
const batches = new Map(names.map((name) => [name, batchedSteps(models.get(name)!, 1)]));

const widthOf = ({ nq, nv }: Model) => nq + 2 * nv;
const rowOf = ({ qpos, qvel, warmstart }: RobotState) => [...qpos, ...qvel, ...warmstart];
const offsetsOf = (model: Model, rows: number) =>
  Int32Array.from({ length: rows }, (_, r) => r * widthOf(model));

function stateOf(model: Model, states: Float64Array, r: number): RobotState {
  const { nq, nv } = model;
  const from = r * widthOf(model);
  return {
    qpos: states.slice(from, from + nq),
    qvel: states.slice(from + nq, from + nq + nv),
    warmstart: states.slice(from + nq + nv, from + nq + 2 * nv),
  };
}

interface Rows {
  readonly states: Float64Array;
  readonly controls: Float64Array;
}

/** Wild states of all regimes, and controls beyond their range. */
function wild(name: RobotName, count: number): Rows {
  const cases = Array.from({ length: count }, (_, i) =>
    randomCase(models.get(name)!, name, regimes[i % 4]!, fold(key(5), i)),
  );
  return {
    states: Float64Array.from(cases.flatMap(({ state }) => rowOf(state))),
    controls: Float64Array.from(cases.flatMap(({ control }) => [...control])),
  };
}

/** Where random controls take the robot in so many steps; on the way it meets the floor and its limits. */
function visited(name: RobotName, count: number, steps: number): Rows {
  const model = models.get(name)!;
  const states = Float64Array.from(
    Array.from({ length: count }, (_, r) => {
      const start = initialState(model);
      start.qvel.set(normal(fold(key(6), r), model.nv).map((x) => 0.3 * x));
      return rowOf(start);
    }).flat(),
  );
  const controls = (t: number) => uniform(fold(key(7), t), count * model.nu).map((u) => 1.8 * u - 0.9);
  for (let t = 0; t < steps; t++) batches.get(name)!.advance(states, offsetsOf(model, count), controls(t));
  return { states, controls: controls(steps) };
}

/** ⟨cotangent, (q', v')⟩ of one scalar step. */
function scalarOf(model: Model, state: RobotState, control: Float64Array, bar: Float64Array): number {
  const next = step(model, state, control);
  return [...next.qpos, ...next.qvel].reduce((total, x, i) => total + bar[i]! * x, 0);
}

describe.each(names)("a batch of %s", (name) => {
  const model = models.get(name)!;
  const batch = batches.get(name)!;

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
    const model = models.get(name)!;
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
    const model = models.get(name)!;
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
  const template = models.get(name)!;
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
  const template = models.get("hopper")!;
  const open = batchedSteps(template, 1, { openParameters: true });
  const onTheMoon: Model = { ...template, gravity: [0, 0, -1.6] };
  expect(() => open.withParameters(onTheMoon)).toThrow(RobotError);
  expect(() => open.withParameters(onTheMoon)).toThrow(
    /robot "hopper", gravity\[2\]: is -1\.6; expected -9\.81, as of the robot, of which only masses/,
  );
  expect(() => batches.get("hopper")!.withParameters(template)).toThrow(
    /robot "hopper", the steps: are compiled with its numbers; make them with { openParameters: true }/,
  );
});

describe("in float32, poses that rounding makes doubtful", () => {
  const rods = compileModel(
    robotFromMjcf(`<mujoco model="two rods"><option timestep="0.002" gravity="0 0 0"/><worldbody>
    <body name="a" pos="0 0 1"><joint name="ax" type="slide" axis="1 0 0"/><joint name="az" type="slide" axis="0 0 1"/>
      <joint name="ah" axis="0 1 0"/>
      <geom name="ga" type="capsule" fromto="-0.5 0 0 0.5 0 0" size="0.05" density="1000" condim="1"/>
      <body name="m" pos="0 0 0.3"><joint name="mz" type="slide" axis="0 0 1"/>
        <geom name="gm" type="sphere" size="0.02" density="1000" contype="0" conaffinity="0"/>
        <body name="b" pos="0 0 -0.21"><joint name="bh" axis="0 1 0"/>
          <geom name="gb" type="capsule" fromto="-0.5 0 0 0.5 0 0" size="0.05" density="1000" condim="1"/>
      </body></body></body></worldbody></mujoco>`),
  );
  const rod = compileModel(
    robotFromMjcf(`<mujoco model="rod"><option timestep="0.002"/><worldbody><geom type="plane" size="1 1 1"/>
    <body pos="0 0 0.24"><freejoint/><geom type="capsule" fromto="-0.2 0 0 0.2 0 0" size="0.05" density="1000"/></body>
    </worldbody></mujoco>`),
  );

  /** The largest differences of velocities and cotangents between float32 and float64, relative to the largest. */
  function differences(model: Model, rows: readonly (readonly number[])[]) {
    const { nq, nv, nu } = model;
    const double = batchedSteps(model, 1);
    const single = batchedSteps(model, 1, { dtype: "float32", fallback: double });
    // Both start from the same numbers.
    const states = Float64Array.from(rows.flat(), Math.fround);
    const given = normal(key(16), rows.length * (nq + nv)).map(Math.fround);
    const offsets = offsetsOf(model, rows.length);
    const controls = new Float64Array(rows.length * nu);
    const [expected, found] = [double, single].map((steps) => {
      const [reached, bars] = [states.slice(), given.slice()];
      steps.advance(reached, offsets, controls);
      steps.pullback(states, offsets, controls, bars, controls.slice());
      return rows.map((_, r) => ({
        velocity: stateOf(model, reached, r).qvel,
        bars: bars.slice(r * (nq + nv), (r + 1) * (nq + nv)),
      }));
    }) as [Ends[], Ends[]];
    const worst = (part: keyof Ends) =>
      Math.max(
        ...expected.map(
          (end, r) => largestDifference(found[r]![part], end[part]) / Math.max(...end[part].map(Math.abs)),
        ),
      );
    return { velocity: worst("velocity"), bars: worst("bars"), left: single.left };
  }

  interface Ends {
    readonly velocity: Float64Array;
    readonly bars: Float64Array;
  }

  const turns = Array.from({ length: 100 }, (_, k) => -3 + 0.06 * k);
  const still = (count: number) => new Array<number>(count).fill(0);

  test.each([1e-6, 1e-5, 1e-4, 2e-4, 3e-4, 5e-4, 1e-3, 2e-3])("links at %d rad", (angle) => {
    const found = differences(
      rods,
      turns.map((turn) => [0.3, 0.01, turn, 0, angle, ...still(10)]),
    );
    expect(found.velocity).toBeLessThan(1e-4);
    expect(found.bars).toBeLessThan(1e-3);
    if (angle === 2e-3) expect(found.left).toBe(0);
  });

  test("links that cross in a plane", () => {
    const found = differences(
      rods,
      turns.map((turn) => [0.3, 0.01, turn, -0.06, 0.7, 0.1, 0.2, 0.3, 0.4, 0.5, ...still(5)]),
    );
    expect(found.velocity).toBeLessThan(1e-5);
    expect(found.bars).toBeLessThan(1e-4);
    expect(found.left).toBe(0);
  });

  test("a rod that stands upright and slides", () => {
    const found = differences(
      rod,
      turns.map((turn) => {
        const [c, s] = [Math.cos(turn) * Math.SQRT1_2, Math.sin(turn) * Math.SQRT1_2];
        return [0, 0, 0.24, c, s, -c, s, 1, 0.7, 0, 0, 0, 0, ...still(6)];
      }),
    );
    expect(found.velocity).toBeLessThan(1e-5);
    expect(found.bars).toBeLessThan(1e-3);
  });
});

describe("steps of a batch refuse", () => {
  const model = models.get("hopper")!;
  const { nq, nv, nu } = model;
  const batch = batches.get("hopper")!;
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

describe.each(planar)("the adjoint of %s", (name) => {
  test("is the derivative of what defines the step", () => {
    const model = models.get(name)!;
    const { nv, nu } = model;
    const count = 1;
    const { states, controls } = visited(name, count, 45);
    const bars = normal(key(9), count * 2 * nv);
    const given = bars.slice();
    const controlBars = new Float64Array(count * nu);
    batches.get(name)!.pullback(states, offsetsOf(model, count), controls, bars, controlBars);
    for (let r = 0; r < count; r++) {
      const control = controls.slice(r * nu, (r + 1) * nu);
      const { state: A, control: B } = differentiateStep(model, stateOf(model, states, r), control);
      const ours = jacobian(model, batches.get(name)!, stateOf(model, states, r), control);
      const size = Math.max(...A.data);
      expect(ours.state.shape).toEqual(A.shape);
      expect(ours.control.shape).toEqual(B.shape);
      expect(largestDifference(ours.state.data, A.data) / size).toBeLessThan(1e-10);
      expect(largestDifference(ours.control.data, B.data) / size).toBeLessThan(1e-10);
      const transposed = (matrix: typeof A, width: number) =>
        Array.from({ length: width }, (_, k) => {
          let total = 0;
          for (let i = 0; i < 2 * nv; i++) total += given[r * 2 * nv + i]! * matrix.data[i * width + k]!;
          return total;
        });
      const byState = transposed(A, 2 * nv);
      const scale = Math.max(...byState.map(Math.abs));
      expect(largestDifference(bars.slice(r * 2 * nv, (r + 1) * 2 * nv), byState) / scale).toBeLessThan(
        1e-10,
      );
      const byControl = controlBars.slice(r * nu, (r + 1) * nu);
      expect(largestDifference(byControl, transposed(B, nu)) / scale).toBeLessThan(1e-10);
    }
  });
});

describe("at the edge of contact", () => {
  test("the adjoint is the one-sided derivative of the official step, away from the floor and into it", async () => {
    const model = models.get("half-cheetah")!;
    const { nv, nu } = model;
    const official = await loadOfficial("half-cheetah");
    // A level robot that sinks: the height at which its lowest point meets the floor.
    const control = new Float64Array(nu).fill(0.1);
    const at = (height: number): RobotState => {
      const state = initialState(model);
      state.qpos[1] = height;
      state.qvel[1] = -0.5;
      return state;
    };
    const touches = (height: number): boolean => {
      step(model, at(height), control);
      return workspaceOf(model).contactCount > 0;
    };
    let [low, high] = [-0.2, 0.5];
    for (let k = 0; k < 60; k++) {
      const middle = (low + high) / 2;
      if (touches(middle)) low = middle;
      else high = middle;
    }
    const bar = normal(key(10), 2 * nv);
    const officialAt = (height: number): number => {
      const next = official.step(at(height), control);
      return [...next.qpos, ...next.qvel].reduce((total, x, i) => total + bar[i]! * x, 0);
    };
    const h = 1e-7;
    for (const [height, side] of [
      [high + 1e-9, 1],
      [low - 1e-9, -1],
    ] as const) {
      const shares = bar.slice();
      const states = Float64Array.from(rowOf(at(height)));
      batches.get("half-cheetah")!.pullback(states, Int32Array.of(0), control, shares, new Float64Array(nu));
      const oneSided =
        (4 * officialAt(height + side * h) - officialAt(height + 2 * side * h) - 3 * officialAt(height)) /
        (2 * side * h);
      expect(Math.abs(shares[1]! - oneSided)).toBeLessThan(1e-4 * Math.max(1, Math.abs(oneSided)));
    }
  });
});

describe("the adjoint of a trajectory", () => {
  const name = "half-cheetah";
  const model = models.get(name)!;
  const { nq, nv, nu } = model;
  const batch = batchedSteps(model, 5);
  const [rows, T] = [3, 7];
  const { states: start } = visited(name, rows, 20);
  const controls = Array.from({ length: T }, (_, t) =>
    uniform(fold(key(11), t), rows * nu).map((u) => 1.8 * u - 0.9),
  );
  const given = Array.from({ length: T + 1 }, (_, t) => normal(fold(key(12), t), rows * (nq + nv)));

  test("is the same bit for bit however many states are kept", () => {
    const [all, some, few] = [1, 3, 7].map((spacing) =>
      trajectoryPullback(model, batch, { start, controls }, (t) => given[t], spacing),
    );
    expect(some).toEqual(all);
    expect(few).toEqual(all);
  });

  test("agrees with central differences", () => {
    const found = trajectoryPullback(model, batch, { start, controls }, (t) => given[t]);
    const total = (): number => {
      const states = start.slice();
      let sum = 0;
      for (let t = 0; t <= T; t++) {
        for (let r = 0; r < rows; r++) {
          for (let i = 0; i < nq + nv; i++)
            sum += given[t]![r * (nq + nv) + i]! * states[r * widthOf(model) + i]!;
        }
        if (t < T) batch.advance(states, offsetsOf(model, rows), controls[t]!);
      }
      return sum;
    };
    const difference = (values: Float64Array, i: number): number => {
      const x = values[i]!;
      const at = (value: number) => {
        values[i] = value;
        return total();
      };
      const result = (at(x + 1e-7) - at(x - 1e-7)) / 2e-7;
      values[i] = x;
      return result;
    };
    for (const [t, i] of [
      [0, 0],
      [2, nu + 1],
      [6, 2 * nu + 5],
    ] as const) {
      const expected = difference(controls[t]!, i);
      expect(Math.abs(found.controls[t]![i]! / expected - 1)).toBeLessThan(1e-4);
    }
    for (const [r, i] of [
      [0, 1],
      [1, 4],
      [2, nq + 2],
    ] as const) {
      const expected = difference(start, r * widthOf(model) + i);
      expect(Math.abs(found.start[r * (nq + nv) + i]! / expected - 1)).toBeLessThan(1e-4);
    }
  });
});
