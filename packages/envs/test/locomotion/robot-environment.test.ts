/** Environments of an author's own robots: batches, controls, observations, derivatives, refusals. */
import { fold, key, normal, split, uniformAt } from "@sgmrl/autodiff/random";
import { differentiateByDifferences } from "@sgmrl/autodiff/testing";
import { describe, expect, it } from "vitest";
import {
  checkEnvironment,
  drawTrajectory,
  type Environment,
  type RewardSlopes,
  type RobotEnvironment,
  rigidBody,
  robotEnvironment,
  startNoise,
  taskInWords,
  width,
} from "../../src/index.ts";
import { modelNames, modelXml } from "../rigid-body/support/mjcf-models.ts";

const hopping = (actuators: string, floor = "") => `
<mujoco model="hopper of one's own">
  <option timestep="0.005"/>
  <default><geom contype="0" conaffinity="0"/></default>
  <worldbody>
    ${floor}
    <body name="trunk" pos="0 0 0.6">
      <joint name="x" type="slide" axis="1 0 0"/>
      <joint name="z" type="slide" axis="0 0 1"/>
      <joint name="pitch" axis="0 1 0"/>
      <geom type="capsule" fromto="-0.2 0 0 0.2 0 0" size="0.06"/>
      <body name="leg">
        <joint name="hip" axis="0 1 0" damping="0.5"/>
        <geom type="capsule" fromto="0 0 0 0 0 -0.5" size="0.04" contype="1"/>
      </body>
    </body>
  </worldbody>
  <actuator>${actuators}</actuator>
</mujoco>`;
const floor = '<geom type="plane" size="1 1 1" conaffinity="1"/>';
const motors = '<motor joint="hip" gear="20" ctrlrange="-0.5 2.5"/><motor joint="pitch" gear="2"/>';
const servo = '<position joint="hip" kp="30" ctrlrange="-0.5 2.5"/>';

interface Pace {
  readonly pace: number;
}

/** Every slope is other than 0. */
const definition: RobotEnvironment<Pace> = {
  name: "own-hopper",
  summary: "a hopper of one's own moves at an unknown pace",
  robot: rigidBody.robotFromMjcf(hopping(motors, floor)),
  family: { description: "U[0, 1]", sample: (k) => ({ pace: uniformAt(k, 0) }) },
  numbers: { pace: 1 },
  frameSkip: 3,
  actionScale: 2,
  start(k, { qpos, qvel }) {
    qpos[3] = uniformAt(k, 0) - 0.5;
    qvel[1] = -uniformAt(k, 1);
  },
  observes: { positions: ["z", "hip"], velocities: ["pitch", "x"], velocityClip: 3 },
  reward: ({ pace }, { dx, dy, dt, effort, qpos, qvel }) =>
    2 - (dx / dt - pace) ** 2 + dy - 0.1 * effort - qpos[2]! ** 2 + 0.3 * qvel[3]!,
  differentiable: {
    slopes: ({ pace }, { dx, dt, qpos }) => ({
      dx: (-2 * (dx / dt - pace)) / dt,
      dy: 1,
      effort: -0.1,
      qpos: [0, 0, -2 * qpos[2]!, 0],
      qvel: [0, 0, 0, 0.3],
    }),
  },
  terminated: (qpos) => qpos[1]! < -0.3,
};
const own = robotEnvironment(definition);
const withServo = robotEnvironment({ ...definition, robot: rigidBody.robotFromMjcf(hopping(servo, floor)) });
const ownObservation = robotEnvironment({
  ...definition,
  observes: { size: 2, write: ([x, z], [vx], out) => out.set([z! - x!, vx!]) },
});

/** States after some steps of trajectories in batches of a size, row by row. */
function statesInBatchesOf(environment: Environment<Pace>, size: number, count: number): number[][] {
  const [o, a, s] = [width(environment.observation), width(environment.action), environment.stateSize];
  const keys = split(key(1), count);
  const rows: number[][] = [];
  for (let first = 0; first < count; first += size) {
    const own = keys.slice(first, first + size);
    const batch = environment.batch({ pace: 0.5 }, own.length);
    const observations = new Float64Array(own.length * o);
    const out = {
      observations,
      rewards: new Float64Array(own.length),
      terminated: new Uint8Array(own.length),
    };
    batch.reset(own, observations);
    for (let t = 0; t < 30; t++) {
      const actions = own.flatMap((k) => [...normal(fold(k, t), a)]);
      batch.step(Float64Array.from(actions), out);
    }
    own.forEach((_, i) => {
      rows.push([...batch.states.subarray(i * s, (i + 1) * s), out.rewards[i]!]);
    });
  }
  return rows;
}

describe.each([
  ["with programs", own, true],
  ["with a servo, without programs", withServo, false],
  ["with an observation of its own", ownObservation, true],
] as const)("an own robot %s", (_, environment, hasProgram) => {
  it("keeps the contract of environments", () => checkEnvironment(environment));

  it("has the same bits in batches of any size", () => {
    const alone = statesInBatchesOf(environment, 1, 12);
    for (const size of [5, 12]) expect(statesInBatchesOf(environment, size, 12)).toEqual(alone);
  });

  it("takes the steps of its robot under controls over its actuators' ranges", () => {
    const { robot } =
      environment === withServo ? { robot: rigidBody.robotFromMjcf(hopping(servo, floor)) } : definition;
    const model = rigidBody.compileModel(robot);
    const task = { pace: 0.5 };
    let state = environment.reset(key(3), task);
    let touching = 0;
    for (let t = 0; t < 30; t++) {
      const action = normal(fold(key(4), t), model.nu).map((z) => 2 * z);
      const within = (a: number) => Math.min(1, Math.max(-1, a / 2));
      const control = [1 + 1.5 * within(action[0]!), ...action.slice(1).map(within)]; // ranges [−0.5, 2.5] and none
      let expected: rigidBody.RobotState = {
        qpos: state.values.slice(0, 4),
        qvel: state.values.slice(4, 8),
        warmstart: state.values.slice(8, 12),
      };
      for (let k = 0; k < 3; k++) expected = rigidBody.step(model, expected, control);
      if (rigidBody.workspaceOf(model).contactCount > 0) touching++;
      const next = environment.step(state, action, task);
      const reached = next.state.values;
      [...expected.qpos, ...expected.qvel].forEach((value, i) => {
        if (!hasProgram) expect(reached[i]).toBe(value);
        expect(Math.abs(reached[i]! - value)).toBeLessThan(1e-10 * Math.max(1, Math.abs(value)));
      });
      if (next.terminated) break;
      state = next.state;
    }
    expect(touching).toBeGreaterThanOrEqual(5);
  });
});

describe("[eq:locomotion-adjoint] of an own robot", () => {
  it("is the derivative of step, reward and observation", () => {
    const { adjoint, cotangentSize: s } = own.differentiableDynamics!;
    let compared = 0;
    for (let seed = 0; seed < 12; seed++) {
      const k = key(seed);
      const task = own.family.sample(fold(k, 0));
      let at = own.reset(fold(k, 1), task);
      for (let t = 0; t < 2 * seed; t++) at = own.step(at, normal(fold(k, 2, t), 2), task).state;
      const action = normal(fold(k, 3), 2).map((z) => 2 * z);
      const [w, o] = [normal(fold(k, 4), s), normal(fold(k, 5), 4)];
      const [ds, da] = [normal(fold(k, 6), s), normal(fold(k, 7), 2)];
      const sum = (x: Float64Array, y: Float64Array) =>
        x.reduce((total, value, i) => total + value * y[i]!, 0);
      const { derivative, error } = differentiateByDifferences((t) => {
        const values = at.values.map((value, i) => value + 1e-3 * t * (ds[i] ?? 0));
        const moved = { values, key: key(0), time: 0 };
        const next = own.step(
          moved,
          action.map((a, i) => a + 1e-3 * t * da[i]!),
          task,
        );
        return Float64Array.of(
          sum(w, next.state.values.subarray(0, s)) + 1.5 * next.reward + sum(o, own.observe(moved, task)),
        );
      });
      const expected = 1e3 * derivative[0]!;
      if (1e3 * error[0]! > 1e-7 * Math.abs(expected)) continue; // a contact begins within the differences
      compared++;
      const reached = own.step(at, action, task).state.values;
      const [stateBar, actionBar, row] = [w.slice(), new Float64Array(2), Int32Array.of(0)];
      const states = Float64Array.of(...at.values, ...reached);
      const pull = adjoint(task);
      pull.pullSteps(states, row, action, row, stateBar, Float64Array.of(1.5), actionBar);
      pull.pullObservation(states, 0, o, 0, stateBar, 0);
      expect(Math.abs(sum(stateBar, ds) + sum(actionBar, da) - expected)).toBeLessThan(
        1e-6 * Math.abs(expected),
      );
    }
    expect(compared).toBeGreaterThanOrEqual(8);
  });

  it.each([
    ["servo", withServo, /motors\[0\]: a servo is not part of the program/],
    ["observation", ownObservation, /its observation is a function of its own/],
    [
      "reward",
      robotEnvironment({ ...definition, differentiable: undefined as never }),
      /slopes of its reward are not given/,
    ],
    [
      "forces",
      robotEnvironment({ ...definition, observes: { contactForces: true } }),
      /includes contact forces/,
    ],
  ])("is refused with the reason: %s", (_, environment, reason) => {
    expect(environment.noDerivative!()).toMatch(reason);
  });

  it.each([
    ["dx", (right: RewardSlopes) => ({ ...right, dx: -right.dx! })],
    ["dy", (right: RewardSlopes) => ({ ...right, dy: 0 })],
    ["effort", (right: RewardSlopes) => ({ ...right, effort: -0.2 })],
    ["qpos", (right: RewardSlopes) => ({ ...right, qpos: [0, 0, 0, 0] })],
    ["qvel", (right: RewardSlopes) => ({ ...right, qvel: [0, 0, 0.3, 0] })],
  ])("checkEnvironment finds a wrong slope: %s", (_, wrong) => {
    const { slopes } = definition.differentiable!;
    const environment = robotEnvironment({
      ...definition,
      differentiable: { slopes: (task, stride) => wrong(slopes(task, stride)) },
    });
    expect(() => checkEnvironment(environment)).toThrow(
      /own-hopper: the derivative of the reward at time \d+ along a random direction, by the adjoint, must be .* as by differences; got/,
    );
  });

  it("is not refused where it is known", () => expect(own.noDerivative!()).toBeUndefined());

  it.each([
    ["dx", { dx: Number.NaN }, /own-hopper: slopes\(task, stride\)\.dx must be a finite number; got NaN/],
    ["qpos", { qpos: [1, 2] }, /slopes\(task, stride\)\.qpos must be 4 finite numbers; got \[1,2\]$/],
    ["qvel", { qvel: [0, 0, Number.NaN, 0] }, /slopes\(task, stride\)\.qvel must be 4 finite numbers/],
    [
      "qpos of null",
      { qpos: null as never },
      /slopes\(task, stride\)\.qpos must be 4 finite numbers; got null/,
    ],
    ["of nothing", undefined as never, /slopes\(task, stride\) must be an object of slopes; got undefined/],
  ])("refuses a wrong slope %s", (_, slopes, message) => {
    const environment = robotEnvironment({ ...definition, differentiable: { slopes: () => slopes } });
    const row = Int32Array.of(0);
    const { adjoint } = environment.differentiableDynamics!;
    const [states, bars] = [new Float64Array(24), new Float64Array(8)];
    const actions = new Float64Array(2);
    expect(() =>
      adjoint({ pace: 0 }).pullSteps(states, row, actions, row, bars, Float64Array.of(1), actions.slice()),
    ).toThrow(message);
  });
});

describe("every model of MJCF that can be driven keeps the contract, its adjoint included", () => {
  /** Those without an actuator get one. */
  const driven = modelNames.flatMap((name) => {
    const robot = rigidBody.robotFromMjcf(modelXml(name));
    const joint = robot.bodies.flatMap(({ joints }) => joints).find(({ kind }) => kind === "hinge");
    if (robot.motors.length > 0) return [{ name, robot }];
    const motors = [{ joint: joint?.name ?? "", gear: 1, range: [-2, 1] as const }];
    return joint === undefined ? [] : [{ name, robot: { ...robot, motors } }];
  });
  /** Servos, limits of balls, springs at rest elsewhere than at 0, links that rub, spheres on boxes. */
  const withoutAdjoint = [
    "arm",
    "servos",
    "ball-limits",
    "biped",
    "pendulum",
    "classes",
    "rubbing-rods",
    "stepping-stones",
  ];

  it.each(driven)("$name", ({ name, robot }) => {
    const environment = robotEnvironment<object>({
      name,
      summary: name,
      robot,
      family: { description: "one task", sample: () => ({}) },
      frameSkip: 2,
      start: startNoise({ position: 0.05, velocity: 0.3, velocityLaw: "uniform" }),
      reward: (_, { dx, dy, dt, effort }) => (dx - dy) / dt - 0.1 * effort,
      differentiable: { slopes: (_, { dt }) => ({ dx: 1 / dt, dy: -1 / dt, effort: -0.1 }) },
    });
    checkEnvironment(environment, { tasks: 1, timesteps: 30 });
    expect(environment.noDerivative!() === undefined).toBe(!withoutAdjoint.includes(name));
  });
});

describe("fields of a task mean what the author says, whatever they are called", () => {
  it.each([{ goal: 3 }, { heading: "north" }, { direction: null }, { velocity: [1, 2] }, null, 5])(
    "%j",
    (task) => {
      const { numbers: _, ...rest } = definition as RobotEnvironment<unknown>;
      const environment = robotEnvironment<unknown>({
        ...rest,
        family: { description: "one task", sample: () => task },
        reward: () => 0,
        differentiable: { slopes: () => ({}) },
      });
      checkEnvironment(environment, { tasks: 1, timesteps: 3 });
      const states = [environment.reset(key(0), task).values];
      expect(drawTrajectory(environment, { title: "", task, states, actions: [] }).goals).toEqual([]);
    },
  );
});

it("functions of a definition may refer to it", () => {
  const withBonus: RobotEnvironment<Pace> & { bonus: number } = {
    ...definition,
    bonus: 0.25,
    start(_k, { qpos }) {
      qpos[3] = this.bonus;
    },
    reward() {
      return this.bonus;
    },
    terminated(qpos) {
      return qpos[0]! > 100 * this.bonus;
    },
    goals() {
      return [{ velocity: this.bonus }];
    },
    inWords() {
      return `bonus ${this.bonus}`;
    },
    differentiable: { slopes: () => ({}) },
  };
  const environment = robotEnvironment(withBonus);
  checkEnvironment(environment, { tasks: 1, timesteps: 3 });
  expect(taskInWords(environment as Environment, { pace: 1 })).toBe("bonus 0.25");
});

describe("an own robot is refused by name", () => {
  const bare = rigidBody.robotFromMjcf(hopping(""));
  it.each<[string, Partial<RobotEnvironment<Pace>>, RegExp]>([
    ["frameSkip", { frameSkip: 0.5 }, /own-hopper: frameSkip must be a whole number of at least 1; got 0.5/],
    ["actionScale", { actionScale: Number.NaN }, /actionScale must be a positive number; got NaN/],
    ["actuators", { robot: bare }, /robot\.motors must be at least one actuator/],
    [
      "joint",
      { observes: { positions: ["z", "knee"] } },
      /observes\.positions\[1\] must be a joint: "x", "z", "pitch", "hip"; got "knee"/,
    ],
    ["velocity", { observes: { velocities: ["knee"] } }, /observes\.velocities\[0\] must be a joint/],
    ["index", { observes: { positions: 5 } }, /observes\.positions must be an index of qpos, 0 to 4; got 5/],
    ["clip", { observes: { velocityClip: 0 } }, /observes\.velocityClip must be a positive number; got 0/],
    [
      "size",
      { observes: { size: 0, write: () => undefined } },
      /observes\.size must be a whole number of at least 1; got 0/,
    ],
    ["horizon", { horizon: -1 }, /horizon must be a whole number/],
    ["name", { name: undefined as never }, /an environment: name must be a non-empty string/],
    ["reward", { reward: undefined as never }, /own-hopper: reward must be a function; got undefined/],
    ["start", { start: 3 as never }, /start must be a function; got 3/],
    ["terminated", { terminated: null as never }, /terminated must be a function; got null/],
    ["goals", { goals: [] as never }, /goals must be a function; got \[\]/],
    ["words", { inWords: "far" as never }, /inWords must be a function; got "far"/],
    ["model", { model: 3 as never }, /model must be a function; got 3/],
    ["slopes", { differentiable: {} as never }, /differentiable\.slopes must be a function; got undefined/],
    ["derivative", { differentiable: null as never }, /differentiable must be an object; got null/],
    ["numbers", { numbers: null as never }, /numbers must be an object; got null/],
    [
      "count",
      { numbers: { pace: "1" } as never },
      /numbers\.pace must be a whole number of at least 1; got "1"/,
    ],
    ["observation", { observes: null as never }, /observes must be an object; got null/],
    [
      "list of joints",
      { observes: { positions: "x" as never } },
      /observes\.positions must be a list of names of joints; got "x"/,
    ],
    [
      "list of velocities",
      { observes: { velocities: null as never } },
      /observes\.velocities must be a list of names/,
    ],
    ["write", { observes: { size: 1, write: 3 } as never }, /observes\.write must be a function; got 3/],
    [
      "write that is missing",
      { observes: { size: 1 } as never },
      /observes\.write must be a function; got undefined/,
    ],
  ])("%s, when it is defined", (_, part, message) => {
    expect(() => robotEnvironment({ ...definition, ...part })).toThrow(message);
  });

  it.each<[unknown, RegExp]>([
    [undefined, /the robot: is undefined; expected an object/],
    [{}, /name: is undefined; expected a string/],
    [hopping(motors), /the robot: is "\\n<mujoco/],
    [{ ...bare, bodies: [null] }, /bodies\[0\]: is null; expected an object/],
    [{ ...bare, motors: undefined }, /motors: is undefined; expected a list/],
    [{ ...bare, timestep: "short" }, /timestep: is "short"; expected a positive number/],
  ])("as a robot, when it is defined: %j", (robot, message) => {
    const define = () => robotEnvironment({ ...definition, robot: robot as never });
    expect(define).toThrow(rigidBody.RobotError);
    expect(define).toThrow(message);
  });

  it("as a start's noise", () => {
    const noise = { position: 0.1, velocity: 0.1, velocityLaw: "normal" } as const;
    expect(() => startNoise({ ...noise, position: -1 })).toThrow(
      /startNoise: position must be a finite number of at least 0; got -1/,
    );
    expect(() => startNoise({ ...noise, velocityLaw: "gauss" as never })).toThrow(
      /startNoise: velocityLaw must be one of uniform, normal; got "gauss"/,
    );
    expect(() => startNoise(undefined as never)).toThrow(/startNoise: position must be/);
  });

  it.each<[string, Partial<RobotEnvironment<Pace>>, RegExp]>([
    [
      "reward",
      { reward: () => Number.NaN },
      /own-hopper: the reward at time 0 must be a finite number; got NaN/,
    ],
    ["terminated", { terminated: () => undefined as never }, /terminated at time 0 must be true or false/],
    ["start", { start: (_, { qpos }) => void qpos.fill(Number.NaN) }, /qpos\[0\] is NaN/],
  ])("%s, when it is used", (_, part, message) => {
    const environment = robotEnvironment({ ...definition, ...part });
    const task = { pace: 0 };
    expect(() => environment.step(environment.reset(key(0), task), [0, 0], task)).toThrow(message);
  });

  it("task", () => {
    expect(() => own.reset(key(0), { pace: "fast" } as never)).toThrow(
      /task\.pace must be a finite number; got "fast"$/,
    );
  });
});
