/** Which robots move in a plane [eq:planar]. */
import { describe, expect, test } from "vitest";
import { planeOf } from "../../../src/rigid-body/compile/plane.ts";
import { compileModel, initialState, type Robot, step } from "../../../src/rigid-body/index.ts";
import type { Shape } from "../../../src/rigid-body/model/robot.ts";
import { type RobotName, robots } from "../../../src/rigid-body/robots/index.ts";
import { defaultSoftness, idle } from "../../../src/rigid-body/robots/parts.ts";

const surface = { friction: 1, contactDimension: 3, margin: 0, softness: defaultSoftness } as const;
const planar: RobotName[] = ["half-cheetah", "swimmer", "hopper", "walker2d"];

describe("a robot in a plane", () => {
  test("four of the robots are, in side view or top view; the ant is not", () => {
    expect(planar.map((name) => planeOf(robots[name])?.n)).toEqual([1, 2, 1, 1]);
    expect(planeOf(robots.ant)).toBeUndefined();
  });

  /** A ball or a rod across the x axis, free to slide along x and z and to turn about y. */
  function roller(shape: Shape): Robot {
    return {
      name: "roller",
      timestep: 0.001,
      integrator: "euler",
      gravity: [0, 0, -9.81],
      selfCollision: false,
      floor: { height: 0, surface },
      bodies: [
        {
          name: "roller",
          parent: "world",
          position: [0, 0, 0.1],
          joints: [
            idle("x", "slide", [1, 0, 0]),
            idle("z", "slide", [0, 0, 1]),
            idle("turn", "hinge", [0, 1, 0]),
          ],
          shapes: [shape],
        },
      ],
      motors: [],
    };
  }

  test("what touches the floor sideways keeps its friction: a sliding ball ends up rolling at 5/7 of its speed", () => {
    const common = { name: "roller", center: [0, 0, 0], radius: 0.1, density: 1000, surface } as const;
    const axle: Shape = { ...common, kind: "capsule", axis: [0, 1, 0], halfLength: 0.1 };
    const model = compileModel(roller({ ...common, kind: "sphere" }));
    expect(model.plane).toBeUndefined();
    expect(planeOf(roller(axle))).toBeUndefined();
    let state = initialState(model);
    state.qvel[0] = 1;
    for (let t = 0; t < 1000; t++) state = step(model, state, []);
    expect(state.qvel[0]).toBeCloseTo(5 / 7, 2);
  });
});
