// The page's way of driving a robot, from state to state through JSON, takes the steps of the package, bit for bit.
import { rigidBody, robots } from "@sgmrl/envs";
import { describe, expect, it } from "vitest";
import { advance } from "../.vitepress/theme/robots/drive.ts";
import { Driven, keys, names } from "../.vitepress/theme/robots/setting.ts";

describe.each(names)("%s", (robot) => {
  const { motors } = robots[robot];
  const control = (k: number): number[] =>
    motors.map(({ range: [low, high] }, i) => ((k + i) % 2 === 0 ? high : low / 2));

  it("after 100 steps is where the package takes it", () => {
    let driven: Driven = { robot, control: control(0), steps: 0 };
    const model = rigidBody.compileModel(robots[robot]);
    let state = rigidBody.initialState(model);
    for (let k = 0; k < 100; k++) {
      driven = Driven.parse(JSON.parse(JSON.stringify({ ...driven, control: control(k >> 3) })));
      ({ driven } = advance(driven, 1));
      state = rigidBody.step(model, state, control(k >> 3));
    }
    expect(driven.steps).toBe(100);
    for (const part of ["qpos", "qvel", "warmstart"] as const)
      expect(driven.state?.[part], part).toEqual([...state[part]]);
  });

  it("has keys for each of its actuators", () => {
    expect(keys.length).toBeGreaterThanOrEqual(motors.length);
    expect(new Set(keys.flat()).size).toBe(2 * keys.length);
  });
});

it("the floor carries a half-cheetah that has come to rest", () => {
  const { floorForce, weight, contacts, moment } = advance(
    { robot: "half-cheetah", control: [0, 0, 0, 0, 0, 0], steps: 0 },
    400,
  );
  expect(weight).toBeCloseTo(14 * 9.81, 8);
  expect(floorForce / weight).toBeCloseTo(1, 2);
  expect(moment.forces).toHaveLength(contacts);
});

it.each([
  [{ qpos: [1] }, /qpos.*length/],
  [{ warmstart: [1] }, /warmstart.*length/],
])("a state of another length is refused: %j", (part, message) => {
  const { driven } = advance({ robot: "hopper", control: [0, 0, 0], steps: 0 }, 0);
  expect(() => advance({ ...driven, state: { ...driven.state!, ...part } }, 0)).toThrow(message);
});

it("an address with anything else than finite numbers, or with too many, is refused", () => {
  const driven = { robot: "hopper", control: [0, 0, 0], steps: 0 };
  expect(Driven.safeParse(driven).success).toBe(true);
  for (const wrong of [{ control: [null] }, { robot: "cat" }, { steps: -1 }, { control: Array(65).fill(0) }])
    expect(Driven.safeParse({ ...driven, ...wrong }).success).toBe(false);
});
