/** Which robots move in a plane [eq:planar]. */
import { describe, expect, test } from "vitest";
import { planeOf } from "../../../src/rigid-body/compile/plane.ts";
import { tangents } from "../../../src/rigid-body/dynamics/collision.ts";
import {
  compileModel,
  contactForce,
  initialState,
  type Model,
  type Robot,
  step,
  workspaceOf,
} from "../../../src/rigid-body/index.ts";
import type { Shape, Vec3 } from "../../../src/rigid-body/model/robot.ts";
import { type RobotName, robots } from "../../../src/rigid-body/robots/index.ts";
import { defaultSoftness, idle } from "../../../src/rigid-body/robots/parts.ts";
import { largestDifference } from "../support/measure-parity.ts";

const surface = { friction: 1, contactDimension: 3, margin: 0, softness: defaultSoftness } as const;
const planar: RobotName[] = ["half-cheetah", "swimmer", "hopper", "walker2d"];

describe("a robot in a plane", () => {
  test("four of the robots are, in side view or top view; the ant is not", () => {
    expect(planar.map((name) => planeOf(robots[name])?.n)).toEqual([1, 2, 1, 1]);
    expect(planeOf(robots.ant)).toBeUndefined();
  });

  /** A shape at the world's x, y and z, which slides along the first two axes of a plane and turns about the third. */
  function roller(shape: Shape, [u, v, n]: readonly [Vec3, Vec3, Vec3], normal: Vec3): Robot {
    const [x, y, z] = normal.map((part) => 0.1 * part) as [number, number, number];
    return {
      name: "roller",
      timestep: 0.001,
      integrator: "euler",
      gravity: [-9.81 * normal[0], -9.81 * normal[1], -9.81 * normal[2]],
      selfCollision: false,
      floor: { height: 0, normal, surface },
      bodies: [
        {
          name: "roller",
          parent: "world",
          position: [x, y, z],
          joints: [idle("u", "slide", u), idle("v", "slide", v), idle("turn", "hinge", n)],
          shapes: [shape],
        },
      ],
      motors: [],
    };
  }
  const common = { name: "shape", center: [0, 0, 0], density: 1000, surface } as const;
  const x: Vec3 = [1, 0, 0];
  const y: Vec3 = [0, 1, 0];
  const z: Vec3 = [0, 0, 1];
  const ball: Shape = { ...common, kind: "sphere", radius: 0.1 };
  const crate: Shape = { ...common, kind: "box", axes: [x, y, z], halfSizes: [0.1, 0.07, 0.05] };
  const rod = (axis: Vec3): Shape => ({ ...common, kind: "capsule", radius: 0.1, axis, halfLength: 0.1 });
  const slanted: Vec3 = [Math.SQRT1_2, 0, Math.SQRT1_2];

  test.each([
    ["a ball", ball, [x, z, y], z],
    ["a ball on a slope", ball, [x, z, y], slanted],
    ["a crate", crate, [x, z, y], z],
    ["an axle", rod(y), [x, z, y], z],
    ["a rod", rod(x), [x, z, y], z],
    ["a ball along a wall, from above", ball, [x, y, z], y],
    ["a crate along a wall, from above", crate, [x, y, z], x],
    ["an axle, from the front", rod(x), [y, z, x], z],
  ] as const)("%s rubs in it as in space", (_, shape, axes, normal) => {
    const model = compileModel(roller(shape, axes, normal));
    expect(model.plane).toBeDefined();
    const frame = { normal: normal, tangent1: new Float64Array(3), tangent2: new Float64Array(3) };
    tangents(frame);
    const space: Model = { ...model, plane: undefined, floorTangent: [...frame.tangent1] as unknown as Vec3 };
    let state = initialState(model);
    state.qvel.set([1, 0.3, 2]);
    let rubbed = 0;
    for (let t = 0; t < 300; t++) {
      const expected = step(space, state, []);
      const inSpace = workspaceOf(space);
      const found = step(model, state, []);
      const own = workspaceOf(model);
      expect(own.contactCount).toBe(inSpace.contactCount);
      if (own.contactCount > 0) {
        const [force, other] = [
          contactForce(model, own, own.contacts[0]!),
          contactForce(space, inSpace, inSpace.contacts[0]!),
        ];
        expect(largestDifference(force, other)).toBeLessThan(1e-9 * Math.hypot(...other));
        if (Math.abs(force[axes[2] === y ? 0 : 1]!) > 0) rubbed++;
      }
      expect(largestDifference(found.qvel, expected.qvel)).toBeLessThan(1e-12);
      state = found;
    }
    expect(rubbed).toBeGreaterThan(0);
  });

  test("a sliding ball ends up rolling at 5/7 of its speed", () => {
    const model = compileModel(roller(ball, [x, z, y], z));
    let state = initialState(model);
    state.qvel[0] = 1;
    for (let t = 0; t < 1000; t++) state = step(model, state, []);
    expect(state.qvel[0]).toBeCloseTo(5 / 7, 2);
  });

  test.each([
    ["a rod at an angle to it", roller(rod([Math.SQRT1_2, Math.SQRT1_2, 0]), [x, z, y], z)],
    ["a floor that is not at right angles to it", roller(ball, [x, z, y], [0, 0.6, 0.8])],
    ["a rod whose first tangent, upright, is across it", roller(rod(z), [y, z, x], z)],
  ])("not with %s, where the tangents turn", (_, robot) => expect(planeOf(robot)).toBeUndefined());

  test("what does not touch the floor does not matter", () => {
    const robot = roller(ball, [x, z, y], z);
    const post = { ...rod([0.6, 0.8, 0]), contacts: { groups: 0, touches: 0 } };
    const [body] = robot.bodies as [Robot["bodies"][number]];
    const withPost = (shape: Shape): Robot => ({ ...robot, bodies: [{ ...body, shapes: [ball, shape] }] });
    expect(planeOf(withPost(post))?.n).toBe(1);
    expect(planeOf(withPost({ ...post, contacts: { groups: 1, touches: 1 } }))).toBeUndefined();
  });
});
