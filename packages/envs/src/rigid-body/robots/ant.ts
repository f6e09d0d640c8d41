import type { AxialJoint, Body, Motor, Robot, Surface, Vec3 } from "../model/robot.ts";
import { body, capsuleBetween, defaultSoftness, degrees, earthGravity, free, origin } from "./parts.ts";

const surface: Surface = { friction: 1, contactDimension: 3, margin: 0.01, softness: defaultSoftness };
const flesh = { radius: 0.08, density: 5, surface };

function joint(name: string, axis: Vec3, range: [number, number]): AxialJoint {
  return {
    name,
    kind: "hinge",
    axis,
    anchor: origin,
    reference: 0,
    stiffness: 0,
    damping: 1,
    armature: 1,
    range,
    limitSoftness: defaultSoftness,
  };
}

interface Leg {
  number: number;
  /** Horizontal direction of the leg: signs of x and y. */
  x: 1 | -1;
  y: 1 | -1;
  hip: string;
  shapes: [string, string];
  ankleAxis: Vec3;
  ankleRange: [number, number];
}

/** Hip fixed to the torso, upper leg turning about the vertical, lower leg about a horizontal axis. */
function leg({ number, x, y, hip, shapes, ankleAxis, ankleRange }: Leg): Body[] {
  const knee: Vec3 = [0.2 * x, 0.2 * y, 0];
  return [
    body(hip, "torso", origin, [], [capsuleBetween(`aux_${number}_geom`, origin, knee, flesh)]),
    body(
      `aux_${number}`,
      hip,
      knee,
      [joint(`hip_${number}`, [0, 0, 1], degrees(-30, 30))],
      [capsuleBetween(shapes[0], origin, knee, flesh)],
    ),
    body(
      `lower_${number}`,
      `aux_${number}`,
      knee,
      [joint(`ankle_${number}`, ankleAxis, degrees(...ankleRange))],
      [capsuleBetween(shapes[1], origin, [0.4 * x, 0.4 * y, 0], flesh)],
    ),
  ];
}

const legs: Leg[] = [
  {
    number: 1,
    x: 1,
    y: 1,
    hip: "front_left_leg",
    shapes: ["left_leg_geom", "left_ankle_geom"],
    ankleAxis: [-1, 1, 0],
    ankleRange: [30, 70],
  },
  {
    number: 2,
    x: -1,
    y: 1,
    hip: "front_right_leg",
    shapes: ["right_leg_geom", "right_ankle_geom"],
    ankleAxis: [1, 1, 0],
    ankleRange: [-70, -30],
  },
  {
    number: 3,
    x: -1,
    y: -1,
    hip: "back_leg",
    shapes: ["back_leg_geom", "third_ankle_geom"],
    ankleAxis: [-1, 1, 0],
    ankleRange: [-70, -30],
  },
  {
    number: 4,
    x: 1,
    y: -1,
    hip: "right_back_leg",
    shapes: ["rightback_leg_geom", "fourth_ankle_geom"],
    ankleAxis: [1, 1, 0],
    ankleRange: [30, 70],
  },
];

const motors = (number: number): Motor[] =>
  ["hip", "ankle"].map((part) => ({ joint: `${part}_${number}`, gear: 150, range: [-1, 1] }));

/**
 * Source: Schulman, Moritz, Levine, Jordan and Abbeel, "High-dimensional continuous control using
 * generalized advantage estimation", ICLR 2016, arXiv:1506.02438; the numbers are those of
 * Gymnasium's ant.xml (MIT).
 */
export const ant: Robot = {
  name: "ant",
  timestep: 0.01,
  integrator: "rk4",
  gravity: earthGravity,
  floor: { height: 0, surface },
  selfCollision: false,
  bodies: [
    body(
      "torso",
      "world",
      [0, 0, 0.75],
      [free("root")],
      [{ kind: "sphere", name: "torso_geom", center: origin, radius: 0.25, density: 5, surface }],
    ),
    ...legs.flatMap(leg),
  ],
  motors: [4, 1, 2, 3].flatMap(motors),
};
