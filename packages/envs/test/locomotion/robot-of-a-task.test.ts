/** Environments whose robot differs from task to task: in masses, inertias, frictions and dampings, and in nothing else. */
import { fold, key, normal, uniformAt } from "@sgmrl/autodiff/random";
import { describe, expect, it } from "vitest";
import {
  checkEnvironment,
  EnvironmentError,
  type RobotEnvironment,
  rigidBody,
  robotEnvironment,
} from "../../src/index.ts";

interface Build {
  /** By which masses, inertias, frictions and dampings are multiplied. */
  readonly factor: number;
}

type Model = rigidBody.Model;

/** One leg over a floor; its slides have no damping. */
const robot = rigidBody.robotFromMjcf(`
<mujoco model="leg">
  <option timestep="0.005"/>
  <worldbody>
    <geom type="plane" size="1 1 1"/>
    <body name="leg" pos="0 0 0.5">
      <joint name="x" type="slide" axis="1 0 0"/>
      <joint name="z" type="slide" axis="0 0 1"/>
      <joint name="hip" axis="0 1 0" damping="0.5" range="-60 60"/>
      <geom name="shin" type="capsule" fromto="0 0 0 0 0 -0.5" size="0.05"/>
    </body>
  </worldbody>
  <actuator><motor joint="hip" gear="20" ctrlrange="-1 1"/></actuator>
</mujoco>`);
const template = rigidBody.compileModel(robot);

const scaled = (model: Model, factor: number): Model => ({
  ...model,
  bodyMass: model.bodyMass.map((mass) => factor * mass),
  bodyInertia: model.bodyInertia.map((moment) => factor * moment),
  dofDamping: model.dofDamping.map((damping) => factor * damping),
  pairs: model.pairs.map((pair) => ({
    ...pair,
    friction: factor * pair.friction,
    law: { ...pair.law, regularization: pair.law.regularization / factor },
  })),
});

const definition: RobotEnvironment<Build> = {
  name: "builds",
  summary: "a leg of unknown mass and friction stands",
  robot,
  model: (task, model) => scaled(model, task.factor),
  family: { description: "U[1/2, 3/2]", sample: (k) => ({ factor: 0.5 + uniformAt(k, 0) }) },
  numbers: { factor: 1 },
  frameSkip: 2,
  actionScale: 1,
  start(k, { qpos, qvel }) {
    qpos[2] = uniformAt(k, 0) - 0.5;
    qvel[0] = 2;
    qvel[1] = -uniformAt(k, 1);
  },
  reward: (_task, { qpos }) => -(qpos[2]! ** 2),
  differentiable: { slopes: (_task, { qpos }) => ({ qpos: [0, 0, -2 * qpos[2]!] }) },
};

describe("the robot of a task", () => {
  const environment = robotEnvironment(definition);

  it("keeps the contract of environments", () => checkEnvironment(environment));

  it.each([0.4, 2.5])(
    "is the one whose steps are taken: %f times the masses, frictions and dampings",
    (factor) => {
      const task = { factor };
      const model = scaled(template, factor);
      let state = environment.reset(key(3), task);
      let [touching, apart] = [0, 0];
      for (let t = 0; t < 60; t++) {
        const action = normal(fold(key(4), t), 1);
        const control = [Math.min(1, Math.max(-1, action[0]!))];
        const from: rigidBody.RobotState = {
          qpos: state.values.slice(0, 3),
          qvel: state.values.slice(3, 6),
          warmstart: state.values.slice(6, 9),
        };
        const twice = (of: Model) => rigidBody.step(of, rigidBody.step(of, from, control), control);
        const [expected, other] = [twice(model), twice(template)];
        if (rigidBody.workspaceOf(model).contactCount > 0) touching++;
        state = environment.step(state, action, task).state;
        for (let i = 0; i < 3; i++) {
          const [reached, value] = [state.values[3 + i]!, expected.qvel[i]!];
          expect(Math.abs(reached - value)).toBeLessThan(1e-10 * Math.max(1, Math.abs(value)));
          apart = Math.max(apart, Math.abs(value - other.qvel[i]!));
        }
      }
      expect(touching).toBeGreaterThanOrEqual(5);
      expect(apart).toBeGreaterThan(0.1);
    },
  );

  const fixed =
    "as of the robot, of which only masses, inertias, frictions and dampings may differ: change those in its model";
  const zero = "as of the robot, whose zeros stay: describe the robot with another number there";
  const at = <T>(list: readonly T[], index: number, value: T): T[] =>
    list.map((x, k) => (k === index ? value : x));
  const [pair, limit] = [template.pairs[0]!, template.limits[0]!];
  it.each<[what: string, changed: (model: Model) => unknown, field: string, problem: string]>([
    [
      "a damping where there was none",
      (m) => ({ ...m, dofDamping: m.dofDamping.with(0, 0.5) }),
      "dofDamping[0]",
      `0, ${zero}; got 0.5`,
    ],
    [
      "a product of inertia where there was none",
      (m) => ({ ...m, bodyInertia: m.bodyInertia.with(9, -0.1) }),
      "bodyInertia[9]",
      `0, ${zero}; got -0.1`,
    ],
    [
      "a mass that is no number",
      (m) => ({ ...m, bodyMass: m.bodyMass.with(1, Number.NaN) }),
      "bodyMass[1]",
      "a finite number of at least 0; got NaN",
    ],
    [
      "a negative damping",
      (m) => ({ ...m, dofDamping: m.dofDamping.with(2, -1) }),
      "dofDamping[2]",
      "a finite number of at least 0; got -1",
    ],
    ["a mass too few", (m) => ({ ...m, bodyMass: m.bodyMass.slice(1) }), "bodyMass.length", `2, ${fixed}`],
    ["another gravity", (m) => ({ ...m, gravity: [0, 0, -1.6] }), "gravity[2]", `-9.81, ${fixed}`],
    ["another gear", (m) => ({ ...m, motorGear: Float64Array.of(100) }), "motorGear[0]", `20, ${fixed}`],
    [
      "another stiffness",
      (m) => ({ ...m, dofStiffness: m.dofStiffness.with(0, 50) }),
      "dofStiffness[0]",
      `0, ${fixed}`,
    ],
    ["another integrator", (m) => ({ ...m, integrator: "rk4" }), "integrator", `"euler", ${fixed}`],
    ["no pair", (m) => ({ ...m, pairs: [] }), "pairs.length", `1, ${fixed}`],
    ["no list of pairs", (m) => ({ ...m, pairs: undefined }), "pairs", "got undefined"],
    [
      "a frictionless pair",
      (m) => ({ ...m, pairs: [{ ...pair, contactDimension: 1 }] }),
      "pairs[0].contactDimension",
      `3, ${fixed}`,
    ],
    [
      "a stiffer pair",
      (m) => ({ ...m, pairs: [{ ...pair, law: { ...pair.law, stiffness: 1 } }] }),
      "pairs[0].law.stiffness",
      fixed,
    ],
    [
      "a wider range",
      (m) => ({ ...m, limits: at(m.limits, 0, { ...limit, high: 2 }) }),
      "limits[0].high",
      fixed,
    ],
    ["a misspelt field", (m) => ({ ...m, dofDampings: m.dofDamping }), "dofDampings", `undefined, ${fixed}`],
    [
      "softness that another mass gave",
      () => rigidBody.compileModel({ ...robot, totalMass: 9 }),
      "bodyInverseWeight[2]",
      fixed,
    ],
    ["nothing", () => undefined, "", "must be the robot of the task, compiled; got undefined"],
    ["no model", () => ({}), "name", `"leg", ${fixed}; got undefined`],
  ])("is refused for %s", (_what, changed, field, problem) => {
    const refused = robotEnvironment({ ...definition, model: (_task, model) => changed(model) as never });
    const use = () => refused.dynamics({ factor: 1 });
    expect(use).toThrow(EnvironmentError);
    expect(use).toThrow(`builds: model(task, model)${field === "" ? "" : `.${field}`} `);
    expect(use).toThrow(problem);
  });
});
