import type { AxialJoint, Robot, Surface } from "../../../src/rigid-body/model/robot.ts";
import { defaultSoftness, origin } from "../../../src/rigid-body/robots/parts.ts";

const surface: Surface = { friction: 1, contactDimension: 3, margin: 0.01, softness: defaultSoftness };
const contacts = { groups: 1, touches: 1 };
const hinge: AxialJoint = {
  name: "elbow",
  kind: "hinge",
  axis: [0, 1, 0],
  anchor: origin,
  reference: 0,
  stiffness: 1,
  springReference: 0.1,
  damping: 1,
  armature: 0.1,
  range: [-1, 1],
  limitMargin: 0.01,
  limitSoftness: defaultSoftness,
};

/** Robots that between them have every field that a robot can have. */
export const everyField: readonly Robot[] = [
  {
    name: "on land",
    timestep: 0.01,
    integrator: "euler",
    gravity: [0, 0, -9.81],
    totalMass: 3,
    floor: { height: 0, normal: [0.6, 0, 0.8], surface, contacts: { groups: 3, touches: 1 } },
    margins: "sum",
    selfCollision: true,
    excluded: [["hull", "arm"]],
    bodies: [
      {
        name: "hull",
        parent: "world",
        position: [0, 0, 1],
        joints: [{ kind: "free", name: "root", armature: 0.1, damping: 0.1, orientation: [1, 0, 0, 0] }],
        shapes: [
          { kind: "sphere", name: "ball", center: origin, radius: 0.2, density: 500, surface, contacts },
        ],
        masses: [{ mass: 1, center: [0, 0, 0.1], inertia: [0.1, 0.1, 0.1, 0, 0, 0] }],
      },
      {
        name: "arm",
        parent: "hull",
        position: [0.3, 0, 0],
        joints: [hinge, { ...hinge, kind: "slide", name: "rail" }],
        shapes: [
          {
            kind: "capsule",
            name: "rod",
            center: [0.2, 0, 0],
            axis: [1, 0, 0],
            halfLength: 0.2,
            radius: 0.05,
            density: 500,
            surface,
          },
        ],
      },
      {
        name: "hand",
        parent: "arm",
        position: [0.5, 0, 0],
        joints: [
          {
            kind: "ball",
            name: "wrist",
            armature: 0.1,
            damping: 0.1,
            anchor: origin,
            axes: [
              [1, 0, 0],
              [0, 1, 0],
              [0, 0, 1],
            ],
            limit: { angle: 1, margin: 0.01, softness: defaultSoftness },
          },
        ],
        shapes: [{ kind: "sphere", name: "fist", center: origin, radius: 0.1, density: 500, surface }],
      },
      {
        name: "crate",
        parent: "world",
        position: [0, 3, 1],
        joints: [{ ...hinge, name: "lid" }],
        shapes: [
          {
            kind: "box",
            name: "crate",
            center: origin,
            axes: [
              [0, 0, 1],
              [1, 0, 0],
              [0, 1, 0],
            ],
            halfSizes: [0.1, 0.2, 0.3],
            density: 500,
            surface,
            contacts: { groups: 0, touches: 2 },
          },
        ],
      },
    ],
    motors: [
      { joint: "elbow", gear: 10, range: [-1, 1] },
      {
        joint: "rail",
        gear: 1,
        range: [-1, 1],
        servo: { gain: 10, bias: [0, -10, -1], forceRange: [-100, 100] },
      },
    ],
  },
  {
    name: "in water",
    timestep: 0.01,
    integrator: "rk4",
    gravity: origin,
    fluid: { density: 1000, viscosity: 0.1 },
    selfCollision: false,
    bodies: [
      {
        name: "fish",
        parent: "world",
        position: origin,
        joints: [hinge],
        shapes: [
          {
            kind: "capsule",
            name: "fin",
            center: [0.2, 0, 0],
            axis: [1, 0, 0],
            halfLength: 0.2,
            radius: 0.05,
            density: 500,
            boxFrame: [
              [0, 0, 1],
              [0, 1, 0],
              [-1, 0, 0],
            ],
            surface,
          },
        ],
      },
    ],
    motors: [{ joint: "elbow", gear: 1, range: [-1, 1] }],
  },
];
