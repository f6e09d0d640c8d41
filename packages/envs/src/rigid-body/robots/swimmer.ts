import type { AxialJoint, Robot, Surface, Vec3 } from "../model/robot.ts";
import { body, capsuleBetween, defaultSoftness, degrees, earthGravity, idle } from "./parts.ts";

const surface: Surface = { friction: 1, contactDimension: 1, margin: 0, softness: defaultSoftness };
const flesh = { radius: 0.1, density: 1000, surface };
const z: Vec3 = [0, 0, 1];

const withRotor = (joint: AxialJoint): AxialJoint => ({ ...joint, armature: 0.1 });
const bend = (name: string): AxialJoint => ({
  ...withRotor(idle(name, "hinge", z)),
  range: degrees(-100, 100),
});

/**
 * Three links in the x-y plane of a viscous fluid.
 * Source: Coulom, "Reinforcement learning using neural networks, with applications to motor
 * control", thesis, INPG 2002; the numbers are those of Gymnasium's swimmer.xml (MIT).
 */
export const swimmer: Robot = {
  name: "swimmer",
  timestep: 0.01,
  integrator: "rk4",
  gravity: earthGravity,
  fluid: { density: 4000, viscosity: 0.1 },
  selfCollision: false,
  bodies: [
    body(
      "torso",
      "world",
      [0, 0, 0],
      [
        withRotor(idle("slider1", "slide", [1, 0, 0])),
        withRotor(idle("slider2", "slide", [0, 1, 0])),
        withRotor(idle("free_body_rot", "hinge", z)),
      ],
      [capsuleBetween("torso", [1.5, 0, 0], [0.5, 0, 0], flesh)],
    ),
    body(
      "mid",
      "torso",
      [0.5, 0, 0],
      [bend("motor1_rot")],
      [capsuleBetween("mid", [0, 0, 0], [-1, 0, 0], flesh)],
    ),
    body(
      "back",
      "mid",
      [-1, 0, 0],
      [bend("motor2_rot")],
      [capsuleBetween("back", [0, 0, 0], [-1, 0, 0], flesh)],
    ),
  ],
  motors: [
    { joint: "motor1_rot", gear: 150, range: [-1, 1] },
    { joint: "motor2_rot", gear: 150, range: [-1, 1] },
  ],
};
