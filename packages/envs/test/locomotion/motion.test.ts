import { fold, key, normal } from "@sgmrl/autodiff/random";
import { expect, test } from "vitest";
import { drawTrajectory, halfCheetahDirection, rigidBody, robots } from "../../src/index.ts";

test("a trajectory of an environment becomes a drawing of as many moments, with its goal and the forces of its controls", () => {
  const environment = halfCheetahDirection();
  const task = { direction: 1 } as const;
  let state = environment.reset(key(1), task);
  const states: Float64Array[] = [];
  const actions: Float64Array[] = [];
  for (let t = 0; t < 12; t++) {
    states.push(state.values);
    actions.push(normal(fold(key(2), t), 6));
    state = environment.step(state, actions[t]!, task).state;
  }
  const drawn = drawTrajectory(environment, {
    title: "forward",
    task,
    states,
    actions: actions.slice(0, 11),
  });
  expect(drawn.dt).toBeCloseTo(0.05, 12);
  expect(drawn.moments).toHaveLength(12);
  expect(drawn.goals).toEqual([{ kind: "heading", x: 1, y: 0 }]);
  const model = rigidBody.compileModel(robots["half-cheetah"]);
  const alone = rigidBody.drawMotion({
    title: "forward",
    model,
    moments: states.map((values, t) => ({
      qpos: values.slice(0, 9),
      qvel: values.slice(9, 18),
      ...(t < 11 && { control: actions[t]!.map((a) => a / 10) }),
    })),
    dt: drawn.dt,
    goals: [{ heading: [1, 0] }],
  });
  expect(drawn.moments).toEqual(alone.moments);
  expect(drawn.moments.some(({ forces }) => forces.length > 0)).toBe(true);
});
