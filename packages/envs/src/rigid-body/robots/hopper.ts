import type { AxialJoint, Capsule, Robot, Softness, Surface, Vec3 } from "../model/robot.ts";
import { body, defaultSoftness, degrees, earthGravity, idle, origin } from "./parts.ts";

const softness: Softness = { timeConstant: 0.02, dampingRatio: 1, impedance: [0.8, 0.8, 0.01, 0.5, 2] };
const skin = (friction: number): Surface => ({ friction, contactDimension: 1, margin: 0.001, softness });
const up: Vec3 = [0, 0, 1];

function limb(
  name: string,
  center: Vec3,
  axis: Vec3,
  halfLength: number,
  radius: number,
  friction: number,
): Capsule {
  return { kind: "capsule", name, center, axis, halfLength, radius, density: 1000, surface: skin(friction) };
}

function joint(name: string, anchor: Vec3, range: [number, number]): AxialJoint {
  return {
    name,
    kind: "hinge",
    axis: [0, -1, 0],
    anchor,
    reference: 0,
    stiffness: 0,
    damping: 1,
    armature: 1,
    range,
    limitSoftness: defaultSoftness,
  };
}

/**
 * Source: Erez, Tassa and Todorov, "Infinite-horizon model predictive control for periodic tasks
 * with contacts", RSS 2011; the numbers are those of Gymnasium's hopper_v5.xml (MIT).
 */
export const hopper: Robot = {
  name: "hopper",
  timestep: 0.002,
  integrator: "rk4",
  gravity: earthGravity,
  floor: { height: 0, surface: { ...skin(1), contactDimension: 3 } },
  selfCollision: true,
  bodies: [
    body(
      "torso",
      "world",
      [0, 0, 1.25],
      [
        idle("rootx", "slide", [1, 0, 0]),
        idle("rootz", "slide", [0, 0, 1], 1.25),
        idle("rooty", "hinge", [0, 1, 0]),
      ],
      [limb("torso_geom", origin, up, 0.19999999999999996, 0.05, 0.9)],
    ),
    body(
      "thigh",
      "torso",
      [0, 0, -0.19999999999999996],
      [joint("thigh_joint", origin, degrees(-150, 0))],
      [limb("thigh_geom", [0, 0, -0.22500000000000009], up, 0.22500000000000003, 0.05, 0.9)],
    ),
    body(
      "leg",
      "thigh",
      [0, 0, -0.70000000000000007],
      [joint("leg_joint", [0, 0, 0.25], degrees(-150, 0))],
      [limb("leg_geom", origin, up, 0.25, 0.04, 0.9)],
    ),
    body(
      "foot",
      "leg",
      [0.13, 0, -0.35],
      [joint("foot_joint", [-0.13, 0, 0.1], degrees(-45, 45))],
      [limb("foot_geom", [-0.065, 0, 0.1], [-1, 0, 0], 0.195, 0.06, 2)],
    ),
  ],
  motors: [
    { joint: "thigh_joint", gear: 200, range: [-1, 1] },
    { joint: "leg_joint", gear: 200, range: [-1, 1] },
    { joint: "foot_joint", gear: 200, range: [-1, 1] },
  ],
};
