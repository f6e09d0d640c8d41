import { fold, key, normal } from "@sgmrl/autodiff/random";
import { expect, test } from "vitest";
import {
  animationPage,
  findEnvironment,
  halfCheetahDirection,
  isLocomotion,
  rigidBody,
} from "../../src/index.ts";

test("a trajectory of an environment becomes an animation of as many moments", () => {
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
  const motion = environment.motion("forward", task, states, actions);
  expect(motion.dt).toBeCloseTo(0.05, 12);
  expect(motion.moments).toHaveLength(12);
  expect(motion.goals).toEqual([{ heading: [1, 0] }]);
  expect(Array.from(motion.moments[3]!.control!)).toEqual(Array.from(actions[3]!, (a) => a / 10));
  expect(animationPage("run", [rigidBody.drawMotion(motion)])).toContain("forward");
});

test("environments that are not of locomotion say so", () => {
  expect(isLocomotion(findEnvironment("ant-goal"))).toBe(true);
  expect(isLocomotion(findEnvironment("navigation-2d"))).toBe(false);
});
