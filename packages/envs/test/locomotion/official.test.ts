/** Every locomotion family, one environment step at a time, against the published formulas on the official engine. */
import { fold, key, normal } from "@sgmrl/autodiff/random";
import { describe, expect, test } from "vitest";
import { type Environment, findEnvironment, type RobotName, robots } from "../../src/index.ts";
import { compileModel } from "../../src/rigid-body/index.ts";
import { largestDifference } from "../rigid-body/support/measure-parity.ts";
import { loadOfficialXml, modelText, type Official } from "../rigid-body/support/official.ts";

const clip = (x: number, bound: number) => Math.min(bound, Math.max(-bound, x));
const sumOfSquares = (v: readonly number[]) => v.reduce((sum, x) => sum + x * x, 0);

interface Step {
  readonly u: readonly number[];
  readonly vx: number;
  readonly vy: number;
  readonly qpos: readonly number[];
  readonly qvel: readonly number[];
  /** The official engine's contact torques and forces, clipped to ±1. */
  readonly contact: readonly number[];
}

interface Case {
  readonly name: string;
  readonly robot: RobotName;
  readonly frameSkip: number;
  /** Of actions; 10 unless given. */
  readonly scale?: number;
  // biome-ignore lint/suspicious/noExplicitAny: the task of the family named beside it
  reward(task: any, step: Step): number;
  observe(step: Step): readonly number[];
}

const all = (from: number) => (step: Step) => [...step.qpos.slice(from), ...step.qvel];
const clipped = (step: Step) => [...step.qpos.slice(1), ...step.qvel.map((v) => clip(v, 10))];
const withContacts = (from: number) => (step: Step) => [...all(from)(step), ...step.contact];
const contactCost = (step: Step) => 0.5e-3 * sumOfSquares(step.contact);

// The formulas [eq:half-cheetah-families], [eq:ant-families], [eq:swimmer-families], [eq:walker2d-families],
// [eq:hopper-families] and [eq:gymnasium-v5], on the official engine's numbers.
const cases: Case[] = [
  {
    name: "half-cheetah-direction",
    robot: "half-cheetah",
    frameSkip: 5,
    reward: ({ direction }, { vx, u }) => direction * vx - 0.05 * sumOfSquares(u),
    observe: all(1),
  },
  {
    name: "half-cheetah-velocity",
    robot: "half-cheetah",
    frameSkip: 5,
    reward: ({ velocity }, { vx, u }) => -Math.abs(vx - velocity) - 0.05 * sumOfSquares(u),
    observe: all(1),
  },
  {
    name: "ant-direction",
    robot: "ant",
    frameSkip: 5,
    reward: ({ direction }, step) => direction * step.vx - 0.5 * sumOfSquares(step.u) - contactCost(step) + 1,
    observe: withContacts(2),
  },
  {
    name: "ant-direction-2d",
    robot: "ant",
    frameSkip: 5,
    reward: ({ heading }, step) =>
      heading[0] * step.vx + heading[1] * step.vy - 0.5 * sumOfSquares(step.u) - contactCost(step) + 1,
    observe: withContacts(2),
  },
  {
    name: "ant-goal",
    robot: "ant",
    frameSkip: 5,
    reward: ({ goal }, step) =>
      -Math.abs(step.qpos[0]! - goal[0]) -
      Math.abs(step.qpos[1]! - goal[1]) -
      0.1 * sumOfSquares(step.u) -
      contactCost(step),
    observe: withContacts(0),
  },
  {
    name: "swimmer-velocity",
    robot: "swimmer",
    frameSkip: 4,
    reward: ({ velocity }, { vx, u }) => -Math.abs(vx - velocity) - 1e-4 * sumOfSquares(u),
    observe: all(2),
  },
  {
    name: "walker2d-direction",
    robot: "walker2d",
    frameSkip: 8,
    reward: ({ direction }, { vx, u }) => direction * vx + 1 - 1e-3 * sumOfSquares(u),
    observe: clipped,
  },
  {
    name: "walker2d-velocity",
    robot: "walker2d",
    frameSkip: 8,
    reward: ({ velocity }, { vx, u }) => -Math.abs(vx - velocity) + 15 - 1e-3 * sumOfSquares(u),
    observe: clipped,
  },
  {
    name: "hopper-parameters",
    robot: "hopper",
    frameSkip: 4,
    reward: (_task, { vx, u }) => vx + 1 - 1e-3 * sumOfSquares(u),
    observe: clipped,
  },
  {
    name: "half-cheetah-v5",
    robot: "half-cheetah",
    frameSkip: 5,
    scale: 1,
    reward: (_task, { vx, u }) => vx - 0.1 * sumOfSquares(u),
    observe: all(1),
  },
  {
    name: "swimmer-v5",
    robot: "swimmer",
    frameSkip: 4,
    scale: 1,
    reward: (_task, { vx, u }) => vx - 1e-4 * sumOfSquares(u),
    observe: all(2),
  },
  {
    name: "hopper-v5",
    robot: "hopper",
    frameSkip: 4,
    scale: 1,
    reward: (_task, { vx, u, qpos: [, z, pitch] }) =>
      vx + Number(z! > 0.7 && Math.abs(pitch!) < 0.2) - 1e-3 * sumOfSquares(u),
    observe: clipped,
  },
  {
    name: "walker2d-v5",
    robot: "walker2d",
    frameSkip: 4,
    scale: 1,
    reward: (_task, { vx, u, qpos: [, z, pitch] }) =>
      vx + Number(z! > 0.8 && z! < 2 && Math.abs(pitch!) < 1) - 1e-3 * sumOfSquares(u),
    observe: clipped,
  },
  {
    name: "ant-v5",
    robot: "ant",
    frameSkip: 5,
    scale: 1,
    reward: (_task, step) =>
      step.vx +
      Number(step.qpos[2]! >= 0.2 && step.qpos[2]! <= 1) -
      0.5 * sumOfSquares(step.u) -
      contactCost(step),
    observe: (step) => [...all(2)(step), ...step.contact.slice(6)],
  },
];

/** Overwrites the official hopper's parameters, as the published environment does. */
// biome-ignore lint/suspicious/noExplicitAny: the task of hopper-parameters
function overwrite({ model }: Official, task: any): void {
  const floor = 0; // the floor is the file's first geom
  for (let b = 1; b < model.nbody; b++) {
    model.body_mass[b] *= task.mass[b - 1];
    for (let k = 0; k < 3; k++) model.body_inertia[3 * b + k] *= task.inertia[b - 1];
  }
  for (let g = 0; g < model.ngeom; g++) {
    model.geom_friction[3 * g] *= g === floor ? task.friction.at(-1) : task.friction[g - 1];
  }
  for (let i = 0; i < model.nv; i++) model.dof_damping[i] *= task.damping[i];
}

/** Of walker2d_v5.xml, which differs in nothing else that acts. */
const feetOfV5 = ({ model }: Official) => {
  const rightFoot = 4; // after the floor, torso, thigh and leg
  expect(model.geom_friction[3 * rightFoot]).toBe(0.9);
  model.geom_friction[3 * rightFoot] = 1.9;
};

describe.each(cases)("$name", ({ name, robot, frameSkip, scale = 10, reward, observe }) => {
  test("30 steps: states, rewards and observations of the official engine", async () => {
    const environment: Environment = findEnvironment(name);
    // A model of its own: some are overwritten.
    const official = await loadOfficialXml(robot, modelText(robot));
    const { nq, nv, nu, timestep } = compileModel(robots[robot]);
    const task = environment.family.sample(key(5));
    if (name === "hopper-parameters") overwrite(official, task);
    if (name === "walker2d-v5") feetOfV5(official);
    let state = environment.reset(key(6), task);
    let touched = 0;
    for (let t = 0; t < 30; t++) {
      const action = normal(fold(key(7), t), nu).map((a) => 0.8 * scale * a);
      const u = Array.from(action, (a) => clip(a / scale, 1));
      const before = state.values;
      let theirs = {
        qpos: before.slice(0, nq),
        qvel: before.slice(nq, nq + nv),
        warmstart: before.slice(nq + nv, nq + 2 * nv),
      };
      for (let k = 0; k < frameSkip; k++) theirs = official.step(theirs, u) as typeof theirs;
      official.mujoco.mj_rnePostConstraint(official.model, official.data);
      if (official.data.ncon > 0) touched++;
      const dt = frameSkip * timestep;
      const step: Step = {
        u,
        vx: (theirs.qpos[0]! - before[0]!) / dt,
        vy: (theirs.qpos[1]! - before[1]!) / dt,
        qpos: Array.from(theirs.qpos),
        qvel: Array.from(theirs.qvel),
        contact: Array.from(official.data.cfrc_ext as Float64Array, (c) => clip(c, 1)),
      };
      const ours = environment.step(state, action, task);
      expect(largestDifference(ours.state.values.subarray(0, nq), theirs.qpos)).toBeLessThan(1e-9);
      expect(largestDifference(ours.state.values.subarray(nq, nq + nv), theirs.qvel)).toBeLessThan(1e-9);
      expect(ours.reward).toBeCloseTo(reward(task, step), 7);
      const expected = observe(step);
      expect(ours.observation).toHaveLength(expected.length);
      expect(largestDifference(ours.observation, expected)).toBeLessThan(1e-8);
      state = ours.state;
    }
    if (robot !== "swimmer") expect(touched).toBeGreaterThan(3);
  });
});
