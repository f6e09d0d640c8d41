import type { AxialJoint, Capsule, Robot, Surface, Vec3 } from "../model/robot.ts";
import { body, capsuleBetween, earthGravity, idle, origin, tilted } from "./parts.ts";

const surface: Surface = {
  friction: 0.4,
  contactDimension: 3,
  margin: 0,
  softness: { timeConstant: 0.02, dampingRatio: 1, impedance: [0, 0.8, 0.01, 0.5, 2] },
};
const flesh = { radius: 0.046, density: 1000, surface };

function limb(name: string, x: number, z: number, angle: number, halfLength: number): Capsule {
  return { kind: "capsule", name, center: [x, 0, z], axis: tilted(angle), halfLength, ...flesh };
}

function joint(name: string, range: [number, number], stiffness: number, damping: number): AxialJoint {
  return {
    name,
    kind: "hinge",
    axis: [0, 1, 0],
    anchor: origin,
    reference: 0,
    stiffness,
    damping,
    armature: 0.1,
    range,
    limitSoftness: { timeConstant: 0.02, dampingRatio: 1, impedance: [0, 0.8, 0.03, 0.5, 2] },
  };
}

const at = (x: number, z: number): Vec3 => [x, 0, z];

/**
 * Source: Wawrzyński, "A cat-like robot real-time learning to run", ICANNGA 2009,
 * doi:10.1007/978-3-642-04921-7_39; the numbers are those of Gymnasium's half_cheetah.xml (MIT).
 */
export const halfCheetah: Robot = {
  name: "half-cheetah",
  timestep: 0.01,
  integrator: "euler",
  gravity: earthGravity,
  totalMass: 14,
  floor: { height: 0, surface },
  selfCollision: false,
  bodies: [
    body(
      "torso",
      "world",
      at(0, 0.7),
      [
        idle("rootx", "slide", [1, 0, 0]),
        idle("rootz", "slide", [0, 0, 1]),
        idle("rooty", "hinge", [0, 1, 0]),
      ],
      [capsuleBetween("torso", at(-0.5, 0), at(0.5, 0), flesh), limb("head", 0.6, 0.1, 0.87, 0.15)],
    ),
    body(
      "bthigh",
      "torso",
      at(-0.5, 0),
      [joint("bthigh", [-0.52, 1.05], 240, 6)],
      [limb("bthigh", 0.1, -0.13, -3.8, 0.145)],
    ),
    body(
      "bshin",
      "bthigh",
      at(0.16, -0.25),
      [joint("bshin", [-0.785, 0.785], 180, 4.5)],
      [limb("bshin", -0.14, -0.07, -2.03, 0.15)],
    ),
    body(
      "bfoot",
      "bshin",
      at(-0.28, -0.14),
      [joint("bfoot", [-0.4, 0.785], 120, 3)],
      [limb("bfoot", 0.03, -0.097, -0.27, 0.094)],
    ),
    body(
      "fthigh",
      "torso",
      at(0.5, 0),
      [joint("fthigh", [-1, 0.7], 180, 4.5)],
      [limb("fthigh", -0.07, -0.12, 0.52, 0.133)],
    ),
    body(
      "fshin",
      "fthigh",
      at(-0.14, -0.24),
      [joint("fshin", [-1.2, 0.87], 120, 3)],
      [limb("fshin", 0.065, -0.09, -0.6, 0.106)],
    ),
    body(
      "ffoot",
      "fshin",
      at(0.13, -0.18),
      [joint("ffoot", [-0.5, 0.5], 60, 1.5)],
      [limb("ffoot", 0.045, -0.07, -0.6, 0.07)],
    ),
  ],
  motors: [
    { joint: "bthigh", gear: 120, range: [-1, 1] },
    { joint: "bshin", gear: 90, range: [-1, 1] },
    { joint: "bfoot", gear: 60, range: [-1, 1] },
    { joint: "fthigh", gear: 120, range: [-1, 1] },
    { joint: "fshin", gear: 60, range: [-1, 1] },
    { joint: "ffoot", gear: 30, range: [-1, 1] },
  ],
};
