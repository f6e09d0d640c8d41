import type { AxialJoint, Body, Capsule, Motor, Robot, Surface, Vec3 } from "../model/robot.ts";
import { body, defaultSoftness, degrees, earthGravity, idle, origin } from "./parts.ts";

const skin = (friction: number): Surface => ({
  friction,
  contactDimension: 3,
  margin: 0,
  softness: defaultSoftness,
});
const up: Vec3 = [0, 0, 1];

function limb(
  name: string,
  center: Vec3,
  axis: Vec3,
  halfLength: number,
  radius: number,
  friction = 0.9,
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
    damping: 0.1,
    armature: 0.01,
    range,
    limitSoftness: defaultSoftness,
  };
}

function leg(side: "" | "_left", footFriction: number): Body[] {
  return [
    body(
      `thigh${side}`,
      "torso",
      [0, 0, -0.19999999999999996],
      [joint(`thigh${side}_joint`, origin, degrees(-150, 0))],
      [limb(`thigh${side}_geom`, [0, 0, -0.22500000000000009], up, 0.22500000000000003, 0.05)],
    ),
    body(
      `leg${side}`,
      `thigh${side}`,
      [0, 0, -0.70000000000000007],
      [joint(`leg${side}_joint`, [0, 0, 0.25], degrees(-150, 0))],
      [limb(`leg${side}_geom`, origin, up, 0.25, 0.04)],
    ),
    body(
      `foot${side}`,
      `leg${side}`,
      [0.2, 0, -0.35],
      [joint(`foot${side}_joint`, [-0.2, 0, 0.1], degrees(-45, 45))],
      [limb(`foot${side}_geom`, [-0.1, 0, 0.1], [-1, 0, 0], 0.1, 0.06, footFriction)],
    ),
  ];
}

const motors = (side: "" | "_left"): Motor[] =>
  ["thigh", "leg", "foot"].map((part) => ({ joint: `${part}${side}_joint`, gear: 100, range: [-1, 1] }));

/**
 * A planar biped. Its feet have friction 0.9 (right) and 1.9 (left), as in the published -v4 model.
 * Source: Gymnasium's walker2d.xml (MIT), after Erez, Tassa and Todorov, RSS 2011.
 */
export const walker2d: Robot = biped("walker2d", 0.9);

/** The same with friction 1.9 on both feet. Source: Gymnasium's walker2d_v5.xml (MIT). */
export const walker2dV5: Robot = biped("walker2d-v5", 1.9);

function biped(name: string, rightFootFriction: number): Robot {
  return {
    name,
    timestep: 0.002,
    integrator: "rk4",
    gravity: earthGravity,
    floor: { height: 0, surface: skin(0.7) },
    selfCollision: false,
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
        [limb("torso_geom", origin, up, 0.19999999999999996, 0.05)],
      ),
      ...leg("", rightFootFriction),
      ...leg("_left", 1.9),
    ],
    motors: [...motors(""), ...motors("_left")],
  };
}
