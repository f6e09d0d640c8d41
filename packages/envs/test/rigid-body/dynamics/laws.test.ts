/** Mechanics by automatic differentiation of positions alone ([eq:energy], [eq:tangent]), on random trees in space and on the robots. */
import { add, array, grad, hvp, jvp, matmul, type NdArray, sub } from "@sgmrl/autodiff";
import { fold, key, normal } from "@sgmrl/autodiff/random";
import { describe, expect, test } from "vitest";
import {
  kineticEnergy,
  masses,
  potentialEnergy,
  twists,
} from "../../../src/rigid-body/differentiable/energy.ts";
import { coordinateRates, tangentBasis } from "../../../src/rigid-body/differentiable/tangent.ts";
import { workspaceOf } from "../../../src/rigid-body/dynamics/workspace.ts";
import {
  compileModel,
  forward,
  initialState,
  type Robot,
  type RobotState,
  step,
} from "../../../src/rigid-body/index.ts";
import type { Model } from "../../../src/rigid-body/model/model.ts";
import type { Body, Vec3 } from "../../../src/rigid-body/model/robot.ts";
import { robots } from "../../../src/rigid-body/robots/index.ts";
import { capsuleBetween, defaultSoftness, idle } from "../../../src/rigid-body/robots/parts.ts";
import { largestDifference } from "../support/measure-parity.ts";
import { randomRobot } from "../support/random-robot.ts";

const trees = [1, 2, 3, 4, 5, 6, 7, 8].map((seed) =>
  randomRobot(key(seed), {
    bodies: 1 + (seed % 4),
    root: seed > 6 ? "free" : seed % 2 ? "fixed" : "floating",
  }),
);
const described: Robot[] = Object.values(robots);
const cases = [
  ...trees.map((robot, i) => ({ name: `tree ${i}`, robot })),
  ...described.map((robot) => ({ name: robot.name, robot })),
];

/** A state in the air, its coordinates and velocities normal draws. */
function randomMotion(model: Model, seed: number) {
  const qpos = normal(fold(key(seed), 0), model.nq);
  const qvel = normal(fold(key(seed), 1), model.nv);
  const rest = new Float64Array(model.nv);
  forward(model, workspaceOf(model), qpos, qvel, new Float64Array(model.nu), rest);
  return { qpos, qvel, q: array(qpos), v: array(qvel) };
}

/** M, dense. */
function massMatrix(model: Model): number[][] {
  const { paths, nv } = model;
  const { start, dofs } = paths;
  const { mass } = workspaceOf(model);
  const dense = Array.from({ length: nv }, () => new Array<number>(nv).fill(0));
  for (let i = 0; i < nv; i++) {
    for (let s = start[i]!; s < start[i + 1]!; s++) {
      dense[i]![dofs[s]!] = mass[s]!;
      dense[dofs[s]!]![i] = mass[s]!;
    }
  }
  return dense;
}

describe.each(cases)("$name", ({ robot }) => {
  const model = compileModel(robot);

  test("the mass matrix is the Hessian of the kinetic energy, by hvp", () => {
    const { q, v } = randomMotion(model, 1);
    const M = massMatrix(model);
    const T = (velocity: NdArray) => kineticEnergy(model, q, velocity);
    for (let i = 0; i < model.nv; i++) {
      const unit = array(M.map((_, k) => (k === i ? 1 : 0)));
      const column = hvp(T)(v, unit);
      const scale = Math.max(1, ...M[i]!.map(Math.abs));
      expect(largestDifference(column.data, M[i]!) / scale).toBeLessThan(1e-12);
    }
  });

  test("the bias is Lagrange's d/dt ∂L/∂v + (0, ω × ∂L/∂ω) − Gᵀ ∂L/∂q at v̇ = 0", () => {
    const { q, v } = randomMotion(model, 2);
    const L = (x: NdArray, y: NdArray) => sub(kineticEnergy(model, x, y), potentialEnergy(model, x));
    const momentum = (x: NdArray) => grad((y: NdArray) => L(x, y))(v);
    const [p, rate] = jvp(momentum)([q], [coordinateRates(model, q, v)]);
    const force = matmul(grad((x: NdArray) => L(x, v))(q), tangentBasis(model, q));
    const expected = Float64Array.from(sub(rate, force).data);
    for (const { dof: d } of model.quaternions) {
      const [wx, wy, wz, px, py, pz] = [v, p].flatMap(({ data }) => [...data.slice(d, d + 3)]) as number[];
      expected[d]! += wy! * pz! - wz! * py!;
      expected[d + 1]! += wz! * px! - wx! * pz!;
      expected[d + 2]! += wx! * py! - wy! * px!;
    }
    const { bias } = workspaceOf(model);
    const scale = Math.max(1, ...bias.map(Math.abs));
    expect(largestDifference(bias, expected) / scale).toBeLessThan(1e-11);
  });
});

describe("what is conserved", () => {
  const energy = (model: Model, qpos: Float64Array, qvel: Float64Array) =>
    Number(add(kineticEnergy(model, array(qpos), array(qvel)), potentialEnergy(model, array(qpos))));

  /** |E(1 s) − E(0)| of a tree at timestep h. */
  function drift(seed: number, integrator: "euler" | "rk4", timestep: number): number {
    const model = compileModel(randomRobot(key(seed), { bodies: 3, root: "fixed", integrator, timestep }));
    let state: RobotState = { ...initialState(model), qpos: normal(fold(key(seed), 9), model.nq) };
    const before = energy(model, state.qpos, state.qvel);
    for (let t = 0; t < Math.round(0.5 / timestep); t++) state = step(model, state, []);
    return Math.abs(energy(model, state.qpos, state.qvel) - before);
  }

  test.each([3, 4])("energy, to the integrator's order: tree %i", (seed) => {
    // Halving h divides the drift by 2 (Euler, order 1) and by at least 2^4 (Runge-Kutta, order 4).
    const euler = drift(seed, "euler", 0.001) / drift(seed, "euler", 0.0005);
    expect(euler).toBeGreaterThan(1.7);
    expect(euler).toBeLessThan(2.3);
    expect(drift(seed, "rk4", 0.02) / drift(seed, "rk4", 0.01)).toBeGreaterThan(12);
    expect(drift(seed, "rk4", 0.001)).toBeLessThan(1e-6);
  });

  test.each(["floating", "free"] as const)("momentum of a tree without gravity, its root %s", (root) => {
    const robot = randomRobot(key(7), { bodies: 4, root, gravity: [0, 0, 0], timestep: 0.002 });
    const model = compileModel(robot);
    const momentum = (qpos: Float64Array, qvel: Float64Array): number[] => {
      const [u] = twists(model, array(qpos), array(qvel));
      const m = Array.from(masses(model).data);
      return [0, 1, 2].map((k) => m.reduce((sum, mass, b) => sum + mass * u.data[3 * b + k]!, 0));
    };
    let state: RobotState = {
      ...initialState(model),
      qvel: normal(key(8), model.nv).map((x) => 0.5 * x),
    };
    const before = momentum(state.qpos, state.qvel);
    for (let t = 0; t < 200; t++) state = step(model, state, []);
    expect(Math.hypot(...before)).toBeGreaterThan(1);
    expect(largestDifference(momentum(state.qpos, state.qvel), before)).toBeLessThan(1e-6);
  });
});

describe("symmetries of a step", () => {
  test.each(described)("$name does not care where along x it is", (robot) => {
    const model = compileModel(robot);
    const control = new Float64Array(model.nu).fill(0.3);
    let here = initialState(model);
    for (let t = 0; t < 60; t++) here = step(model, here, control);
    const there = { ...here, qpos: here.qpos.slice() };
    there.qpos[0]! += 8;
    const [a, b] = [step(model, here, control), step(model, there, control)];
    expect(largestDifference(a.qvel, b.qvel)).toBeLessThan(1e-9);
    expect(b.qpos[0]! - a.qpos[0]!).toBeCloseTo(8, 9);
  });

  /** The robot seen in the mirror y → −y; a rotation's axis is a pseudovector. */
  function mirrored(robot: Robot): Robot {
    const flip = ([x, y, z]: Vec3): Vec3 => [x, -y, z];
    const flipAxis = ([x, y, z]: Vec3): Vec3 => [-x, y, -z];
    const bodies: Body[] = robot.bodies.map((body) => ({
      ...body,
      position: flip(body.position),
      joints: body.joints.map((joint) =>
        joint.kind === "free" || joint.kind === "ball"
          ? joint
          : {
              ...joint,
              axis: joint.kind === "hinge" ? flipAxis(joint.axis) : flip(joint.axis),
              anchor: flip(joint.anchor),
            },
      ),
      shapes: body.shapes.map((shape) =>
        shape.kind === "capsule"
          ? { ...shape, center: flip(shape.center), axis: flip(shape.axis) }
          : { ...shape, center: flip(shape.center) },
      ),
    }));
    return { ...robot, bodies };
  }

  test.each(trees.slice(0, 6))("a mirrored tree does the same", (robot) => {
    const [one, other] = [compileModel(robot), compileModel(mirrored(robot))];
    const { qpos, qvel } = randomMotion(one, 3);
    const state = { qpos, qvel, warmstart: new Float64Array(one.nv) };
    expect(largestDifference(step(one, state, []).qvel, step(other, state, []).qvel)).toBeLessThan(1e-11);
  });
});

test("a one-link chain is the pendulum: θ̈ = −m g l sin θ / (I + m l²)", () => {
  const surface = { friction: 1, contactDimension: 1, margin: 0, softness: defaultSoftness } as const;
  const rod = capsuleBetween("rod", [0, 0, 0], [0, 0, -0.8], { radius: 0.05, density: 1000, surface });
  const model = compileModel({
    name: "pendulum",
    timestep: 0.001,
    integrator: "rk4",
    gravity: [0, 0, -9.81],
    selfCollision: false,
    bodies: [
      {
        name: "rod",
        parent: "world",
        position: [0, 0, 2],
        joints: [idle("hinge", "hinge", [0, 1, 0])],
        shapes: [rod],
      },
    ],
    motors: [],
  });
  const m = model.bodyMass[1]!;
  const inertia = model.bodyInertia[7]!;
  for (const theta of [-2, 0.3, 1.5]) {
    const rest = new Float64Array(1);
    forward(model, workspaceOf(model), Float64Array.of(theta), rest, new Float64Array(), rest);
    const expected = (-m * 9.81 * 0.4 * Math.sin(theta)) / (inertia + m * 0.4 ** 2);
    expect(workspaceOf(model).acc[0]).toBeCloseTo(expected, 11);
  }
});
