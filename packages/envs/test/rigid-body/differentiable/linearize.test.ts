/** Derivatives of the step by automatic differentiation, [eq:gauss] and [eq:linearize], against central differences of the official engine. */
import { fold, key, normal, uniform } from "@sgmrl/autodiff/random";
import { describe, expect, test } from "vitest";
import {
  compileModel,
  initialState,
  linearize,
  type State,
  StateError,
  step,
} from "../../../src/rigid-body/index.ts";
import type { Model } from "../../../src/rigid-body/model.ts";
import { type RobotName, robots } from "../../../src/rigid-body/robots/index.ts";
import { loadOfficial, type Official } from "../support/official.ts";

/** (q', v') as one vector. */
const flat = ({ qpos, qvel }: State): number[] => [...qpos, ...qvel];

/** [∂(q', v')/∂(q, v), ∂(q', v')/∂u] of the official step, by columns, each to O(ε²). */
function centralDifferences(
  official: Official,
  model: Model,
  state: State,
  control: Float64Array,
  epsilon: number,
) {
  const { nq, nv, nu } = model;
  return Array.from({ length: nq + nv + nu }, (_, k) => {
    const at = (sign: 1 | -1): number[] => {
      const moved = { qpos: state.qpos.slice(), qvel: state.qvel.slice(), warmstart: state.warmstart };
      const u = control.slice();
      if (k < nq) moved.qpos[k]! += sign * epsilon;
      else if (k < nq + nv) moved.qvel[k - nq]! += sign * epsilon;
      else u[k - nq - nv]! += sign * epsilon;
      return flat(official.step(moved, u));
    };
    const [up, down] = [at(1), at(-1)];
    return up.map((x, i) => (x - down[i]!) / (2 * epsilon));
  });
}

/** A state along a trajectory under random controls, and how many rows push there. */
function visited(model: Model, steps: number, seed: number): { state: State; control: Float64Array } {
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

const cases: { name: RobotName; steps: number; touching: boolean }[] = [
  { name: "half-cheetah", steps: 3, touching: false },
  { name: "half-cheetah", steps: 45, touching: true },
  { name: "swimmer", steps: 100, touching: false },
  { name: "hopper", steps: 150, touching: true },
  { name: "walker2d", steps: 90, touching: true },
];

describe("linearize", () => {
  test.each(cases)("$name after $steps steps", async ({ name, steps, touching }) => {
    const official = await loadOfficial(name);
    const model = compileModel(robots[name]);
    const { state, control } = visited(model, steps, 21);
    step(model, state, control);
    expect(model.workspace.contactCount > 0).toBe(touching);
    const { state: A, control: B } = linearize(model, state, control);
    const expected = centralDifferences(official, model, state, control, 1e-6);
    const size = 2 * model.nv;
    const scale = Math.max(...expected.flat().map(Math.abs));
    let worst = 0;
    for (let i = 0; i < size; i++) {
      for (let k = 0; k < size + model.nu; k++) {
        const ours = k < size ? A.data[i * size + k]! : B.data[i * model.nu + k - size]!;
        worst = Math.max(worst, Math.abs(ours - expected[k]![i]!));
      }
    }
    expect(worst / scale).toBeLessThan(1e-6);
  });

  test("refuses a robot on a free joint, naming the joint", () => {
    const model = compileModel(robots.ant);
    expect(() => linearize(model, initialState(model), new Float64Array(8))).toThrow(StateError);
    expect(() => linearize(model, initialState(model), new Float64Array(8))).toThrow('the free joint "root"');
  });
});
