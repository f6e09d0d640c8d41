/** Derivatives of the step, by the program and by definition, [eq:gauss], [eq:linearize] and [eq:tangent], against central differences of the official engine. */
import { matmul } from "@sgmrl/autodiff";
import { fold, key, normal, uniform } from "@sgmrl/autodiff/random";
import { describe, expect, test } from "vitest";
import { differentiateStep } from "../../../src/rigid-body/differentiable/differentiate-step.ts";
import { workspaceOf } from "../../../src/rigid-body/dynamics/workspace.ts";
import {
  batchedSteps,
  compileModel,
  forward,
  initialState,
  jacobian,
  linearize,
  type RobotState,
  robotFromMjcf,
  StateError,
  step,
} from "../../../src/rigid-body/index.ts";
import type { Model } from "../../../src/rigid-body/model/model.ts";
import type { Robot } from "../../../src/rigid-body/model/robot.ts";
import { differentiateAlone } from "../../../src/rigid-body/program/left-over.ts";
import { type RobotName, robots } from "../../../src/rigid-body/robots/index.ts";
import { capsuleBetween, defaultSoftness, idle } from "../../../src/rigid-body/robots/parts.ts";
import { centralDifferences, error, type Stepper } from "../support/central-differences.ts";
import { largestDifference } from "../support/measure-parity.ts";
import { loadOfficial, loadOfficialXml } from "../support/official.ts";

/** A state along a trajectory under random controls, and how many rows push there. */
function visited(model: Model, steps: number, seed: number): { state: RobotState; control: Float64Array } {
  let state = initialState(model);
  state.qvel.set(normal(key(seed), model.nv).map((x) => 0.3 * x));
  for (let t = 0; t < steps; t++) {
    state = step(
      model,
      state,
      uniform(fold(key(seed), 1, t), model.nu).map((u) => 1.6 * u - 0.8),
    );
  }
  return { state, control: uniform(fold(key(seed), 2), model.nu).map((u) => 1.6 * u - 0.8) };
}

/** Two rods that cross at a distance of 9 cm between their axes and overlap by 1 cm, on slides and oblique hinges. */
const crossedRods: Robot = {
  name: "crossed rods",
  timestep: 0.002,
  integrator: "euler",
  gravity: [0, 0, -9.81],
  selfCollision: true,
  bodies: (["low", "high"] as const).map((name, k) => ({
    name,
    parent: "world",
    position: [0, 0, k === 0 ? 0 : 0.09],
    joints: [
      idle(`${name}-slide`, "slide", [0, 0.1, 1]),
      idle(`${name}-turn`, "hinge", [0.1, 0.2, 1]),
      { ...idle(`${name}-tilt`, "hinge", [1, 1, 0.1]), damping: 0.3 },
    ],
    shapes: [
      capsuleBetween(name, k === 0 ? [-0.4, 0, 0] : [0, -0.5, 0], k === 0 ? [0.5, 0, 0] : [0, 0.4, 0], {
        radius: 0.05,
        density: 1000,
        surface: { friction: 1, contactDimension: 1, margin: 0, softness: defaultSoftness },
      }),
    ],
  })),
  motors: [],
};

type Kind = "rod" | "ball";

/** A rod along x or a ball, and one along y or a ball on three slides and hinges that turn it about a point beside it. */
function overEachOther(low: Kind, high: Kind): Robot {
  const common = {
    radius: 0.05,
    density: 1000,
    surface: { friction: 1, contactDimension: 1, margin: 0, softness: defaultSoftness },
  } as const;
  return {
    name: `${high} over ${low}`,
    timestep: 0.002,
    integrator: "euler",
    gravity: [0, 0, -9.81],
    selfCollision: true,
    bodies: [
      {
        name: "low",
        parent: "world",
        position: [0, 0, 0],
        joints: [idle("low", "slide", [0, 0.1, 1])],
        shapes: [
          low === "rod"
            ? capsuleBetween("low", [-0.4, 0, 0], [0.4, 0, 0], common)
            : { kind: "sphere", name: "low", center: [0, 0, 0], ...common },
        ],
      },
      {
        name: "high",
        parent: "world",
        position: [-0.03, 0.02, -0.01],
        joints: [
          idle("x", "slide", [1, 0, 0]),
          idle("y", "slide", [0, 1, 0]),
          idle("z", "slide", [0, 0, 1]),
          idle("turn", "hinge", [0.1, 0.2, 1]),
          idle("tilt", "hinge", [0.3, 1, 0.1]),
        ],
        shapes: [
          high === "rod"
            ? capsuleBetween("high", [0.03, 0.28, 0.01], [0.03, -0.32, 0.01], common)
            : { kind: "sphere", name: "high", center: [0.03, -0.02, 0.01], ...common },
        ],
      },
    ],
    motors: [],
  };
}

/** One rod on a free joint, in the floor whichever way it points. */
const tumbler: Robot = {
  name: "tumbler",
  timestep: 0.002,
  integrator: "euler",
  gravity: [0, 0, -9.81],
  floor: { height: 0, surface: { friction: 1, contactDimension: 3, margin: 0, softness: defaultSoftness } },
  selfCollision: false,
  bodies: [
    {
      name: "rod",
      parent: "world",
      position: [0, 0, 0.02],
      joints: [{ kind: "free", name: "root", armature: 0, damping: 0 }],
      shapes: [
        capsuleBetween("rod", [0.1, 0.2, 0.3], [-0.2, 0.1, -0.1], {
          radius: 0.05,
          density: 1000,
          surface: { friction: 1, contactDimension: 3, margin: 0, softness: defaultSoftness },
        }),
      ],
    },
  ],
  motors: [],
};

/** Random poses of the hopper, high above the floor, in which a link pushes another without crossing it. */
function foldedHoppers(model: Model, count: number): { state: RobotState; control: Float64Array }[] {
  const found: { state: RobotState; control: Float64Array }[] = [];
  for (let seed = 0; seed < 20_000 && found.length < count; seed++) {
    const u = uniform(key(seed), 4);
    const state = initialState(model);
    state.qpos.set([0, 4, 0, -2.6 * u[0]!, -2.6 * u[1]!, 1.5 * u[2]! - 0.75]);
    state.qvel.set(normal(fold(key(seed), 1), model.nv));
    const control = Float64Array.of(0.1, -0.2, 0.3);
    step(model, state, control);
    const { contacts, contactCount } = workspaceOf(model);
    const touching = contacts.slice(0, contactCount);
    const shallow = touching.every(({ first, r }) => first !== undefined && r < -0.002 && r > -0.02);
    if (contactCount > 0 && shallow) found.push({ state, control });
  }
  return found;
}

const cases: { name: RobotName; steps: number; touching: boolean }[] = [
  { name: "half-cheetah", steps: 3, touching: false },
  { name: "half-cheetah", steps: 45, touching: true },
  { name: "swimmer", steps: 100, touching: false },
  { name: "hopper", steps: 150, touching: true },
  { name: "walker2d", steps: 90, touching: true },
  { name: "ant", steps: 0, touching: false },
  { name: "ant", steps: 120, touching: true },
];

describe("linearize", () => {
  test.each(cases)(
    "$name after $steps steps",
    async ({ name, steps, touching }) => {
      const model = compileModel(robots[name]);
      const { state, control } = visited(model, steps, 21);
      step(model, state, control);
      expect(workspaceOf(model).contactCount > 0).toBe(touching);
      const expected = centralDifferences(await loadOfficial(name), model, state, control, 1e-6);
      const [byProgram, defined] = [
        linearize(model, state, control),
        differentiateStep(model, state, control),
      ];
      expect(error(byProgram, expected)).toBeLessThan(1e-6);
      expect(error(defined, expected)).toBeLessThan(1e-6);
      for (const part of ["state", "control"] as const) {
        expect(byProgram[part].shape).toEqual(defined[part].shape);
        const size = Math.max(...defined.state.data.map(Math.abs));
        expect(largestDifference(byProgram[part].data, defined[part].data) / size).toBeLessThan(1e-10);
      }
    },
    60_000,
  ); // seconds each, more on a busy machine

  test("a free joint at rest, and a quaternion that is not of unit length", async () => {
    const model = compileModel(robots.ant);
    const control = new Float64Array(model.nu).fill(0.1);
    const state = initialState(model);
    const scaled = { ...state, qpos: state.qpos.map((x, i) => (i >= 3 && i < 7 ? 1.3 * x + 0.2 : x)) };
    const official = await loadOfficial("ant");
    for (const at of [state, scaled]) {
      const expected = centralDifferences(official, model, at, control, 1e-6);
      expect(error(linearize(model, at, control), expected)).toBeLessThan(1e-6);
    }
  });

  test("a ball joint, a spring with a reference and a servo, from MJCF", async () => {
    const xml = `<mujoco><option timestep="0.005"/><worldbody><body euler="10 20 30">
      <joint type="ball" pos="0.02 0 0.01" damping="0.1"/><geom type="capsule" size="0.05 0.2" pos="0 0 -0.2"/>
      <body pos="0 0 -0.4"><joint name="j" axis="0.2 1 0" stiffness="3" springref="20" damping="0.2"/>
      <geom type="capsule" fromto="0 0 0 0.2 0 -0.1" size="0.04"/></body></body></worldbody>
      <actuator><position joint="j" kp="5" kv="0.3" gear="2"/></actuator></mujoco>`;
    const official = await loadOfficialXml("servo-and-ball", xml);
    const model = compileModel(robotFromMjcf(xml));
    const state = initialState(model);
    state.qpos.set([0.7, 0.3, -0.2, 0.5, 0.4]);
    state.qvel.set([0.5, -0.3, 0.8, 1.2]);
    const control = Float64Array.of(0.3);
    const expected = centralDifferences(official, model, state, control, 1e-6);
    expect(error(linearize(model, state, control), expected)).toBeLessThan(1e-6);
  });

  test("links that touch each other", async () => {
    const model = compileModel(robots.hopper);
    const official = await loadOfficial("hopper");
    const found = foldedHoppers(model, 3);
    expect(found).toHaveLength(3);
    for (const { state, control } of found) {
      const expected = centralDifferences(official, model, state, control, 1e-7);
      expect(error(linearize(model, state, control), expected)).toBeLessThan(1e-5);
    }
  });

  test("links that touch between their ends, in space", () => {
    const model = compileModel(crossedRods);
    const qpos = Float64Array.of(0.1, -0.2, 0.3, 0.05, -0.1, 0.15);
    const state = { qpos, qvel: normal(key(5), 6), warmstart: new Float64Array(6) };
    step(model, state, []);
    const { contacts, contactCount, rowGap } = workspaceOf(model);
    expect(contactCount).toBe(1);
    expect(rowGap[0]).toBeLessThan(0);
    expect(Math.max(Math.abs(contacts[0]!.firstAt), Math.abs(contacts[0]!.secondAt))).toBeLessThan(0.9);
    const own: Stepper = {
      step: (at, control) => step(model, at, control),
      moved: (from, v) => from.map((x, i) => x + v[i]!),
      difference: (from, to) => to.map((x, i) => x - from[i]!),
    };
    const expected = centralDifferences(own, model, state, new Float64Array(0), 1e-6);
    expect(error(linearize(model, state, []), expected)).toBeLessThan(1e-6);
  });

  describe.each<[Kind, Kind]>([
    ["rod", "ball"],
    ["ball", "rod"],
    ["ball", "ball"],
    ["rod", "rod"],
  ])("a %s and a %s", (low, high) => {
    const model = compileModel(overEachOther(low, high));
    const { nq, nv } = model;
    const none = new Float64Array(0);
    const own: Stepper = {
      step: (at, control) => step(model, at, control),
      moved: (from, v) => from.map((x, i) => x + v[i]!),
      difference: (from, to) => to.map((x, i) => x - from[i]!),
    };
    const cases = [
      { where: "beside", how: "touching", x: low === "rod" ? 0.1 : 0.02, y: 0.01, z: 0.09 },
      { where: "beside", how: "near", x: low === "rod" ? 0.1 : 0.02, y: 0.01, z: 0.12 },
      {
        where: "beyond",
        how: "touching",
        x: low === "rod" ? 0.42 : 0.03,
        y: high === "rod" ? 0.32 : 0.02,
        z: 0.08,
      },
    ];
    test.each(cases)("$where and $how: steps and derivatives are those of the scalar step", (at) => {
      const state = initialState(model);
      state.qpos.set([0, at.x, at.y, at.z, 0.05, -0.04]);
      state.qvel.set(normal(key(5), nv));
      const expected = step(model, state, none);
      expect(workspaceOf(model).contactCount).toBe(at.how === "touching" ? 1 : 0);

      const steps = batchedSteps(model, 1);
      const row = Float64Array.of(...state.qpos, ...state.qvel, ...state.warmstart);
      steps.advance(row, Int32Array.of(0), none);
      expect(largestDifference(row.slice(0, nq), expected.qpos)).toBeLessThan(1e-12);
      expect(largestDifference(row.slice(nq, nq + nv), expected.qvel)).toBeLessThan(1e-10);
      const byProgram = jacobian(model, steps, state, none);
      expect(steps.left).toBe(0);

      const differences = centralDifferences(own, model, state, none, 1e-6);
      expect(error(byProgram, differences)).toBeLessThan(1e-6);
      expect(error(differentiateStep(model, state, none), differences)).toBeLessThan(1e-6);
    });
  });

  test("links that cross push nothing in a plane", async () => {
    const model = compileModel(robots.hopper);
    const state = initialState(model);
    state.qpos.set([4, 0, -1.6, -2.37, 0.04], 1);
    const control = new Float64Array(3);
    step(model, state, control);
    const { contacts, contactCount } = workspaceOf(model);
    expect(contactCount).toBeGreaterThan(0);
    expect(contacts.slice(0, contactCount).some(({ normal }) => Math.abs(normal[1]!) === 1)).toBe(true);
    const expected = centralDifferences(await loadOfficial("hopper"), model, state, control, 1e-7);
    expect(error(linearize(model, state, control), expected)).toBeLessThan(1e-5);
  });

  test("refuses links that cross in space, naming them", () => {
    const model = compileModel(crossedRods);
    const down = -0.09 * Math.sqrt(1.01); // along the slide (0, 0.1, 1)
    const state = { ...initialState(model), qpos: Float64Array.of(0, 0, 0, down, 0, 0) };
    expect(() => linearize(model, state, [])).toThrow(StateError);
    expect(() => linearize(model, state, [])).toThrow(/the axes of ".*" and ".*" crossing/);
  });

  test("an upright leg on the floor", async () => {
    const model = compileModel(robots.hopper);
    const control = new Float64Array(3);
    const state = initialState(model);
    // 1, 2 and 3 eighths: the leg's angle is 0 exactly, and no joint is at its limit.
    state.qpos.set([0, 0.95, -0.375, -0.25, -0.125, 0.3]);
    step(model, state, control);
    const { contacts, contactCount } = workspaceOf(model);
    const legs = contacts.slice(0, contactCount).filter(({ second }) => second.name === "leg_geom");
    expect(legs.map(({ tangent1 }) => [...tangent1])).toEqual([[1, 0, 0]]);
    const expected = centralDifferences(await loadOfficial("hopper"), model, state, control, 1e-7);
    expect(error(linearize(model, state, control), expected)).toBeLessThan(1e-5);
  });

  test.each(["half-cheetah", "hopper"] as const)("%s: finite however light the touch", (name) => {
    const model = compileModel(robots[name]);
    const ws = workspaceOf(model);
    const at = (z: number) => {
      const state = initialState(model);
      state.qpos[1] = z;
      return state;
    };
    const touches = (z: number) => {
      const { qpos, qvel, warmstart } = at(z);
      forward(model, ws, qpos, qvel, new Float64Array(model.nu), warmstart);
      return ws.contactCount > 0;
    };
    let [low, high] = [-2, 3];
    for (let k = 0; k < 60; k++) {
      const middle = (low + high) / 2;
      if (touches(middle)) low = middle;
      else high = middle;
    }
    expect([touches(low), touches(high)]).toEqual([true, false]);
    for (const depth of [0, 1e-15, 1e-3]) {
      const { state, control } = linearize(model, at(low - depth), new Float64Array(model.nu));
      expect([...state.data, ...control.data].every(Number.isFinite)).toBe(true);
      expect(Math.max(...state.data.map(Math.abs))).toBeLessThan(1e4);
    }
  });

  test("jacobian is the product of the derivatives of its steps, in tangents, by the program and by definition", () => {
    const model = compileModel(tumbler);
    const steps = batchedSteps(model, 3);
    const state = initialState(model);
    state.qpos.set([0.9, 0.1, -0.3, 0.2], 3);
    state.qvel.set([0.1, 0.2, -0.3, 1, -2, 3]);
    step(model, state, []);
    expect(workspaceOf(model).contactCount).toBeGreaterThan(0);
    const found = jacobian(model, steps, state, []).state;
    const expected = differentiateAlone(model, 3, state, new Float64Array(0)).state;
    const size = Math.max(...expected.data.map(Math.abs));
    expect(largestDifference(found.data, expected.data) / size).toBeLessThan(1e-9);
    let at = state;
    let product = linearize(model, at, []).state;
    for (let k = 1; k < 3; k++) {
      at = step(model, at, []);
      product = matmul(linearize(model, at, []).state, product);
    }
    expect(largestDifference(product.data, expected.data) / size).toBeLessThan(1e-9);
    expect(largestDifference(linearize(model, state, []).state.data, expected.data) / size).toBeGreaterThan(
      1e-3,
    );
  });

  test("the length of a quaternion does not matter, and one of no length is no rotation", () => {
    const model = compileModel(tumbler);
    const turned = (...quaternion: number[]) => {
      const state = initialState(model);
      state.qpos.set(quaternion, 3);
      state.qvel.set([0.1, 0.2, 0.3, 1, 2, 3]);
      return linearize(model, state, []).state.data;
    };
    for (const scale of [1e-12, 3, 1e200]) {
      expect(largestDifference(turned(scale, 2 * scale, 0, scale), turned(1, 2, 0, 1))).toBeLessThan(1e-9);
    }
    expect(turned(0, 0, 0, 0)).toEqual(turned(1, 0, 0, 0));
    expect(turned(1, 0, 0, 0)).not.toEqual(turned(1, 2, 0, 1));
  });
});
