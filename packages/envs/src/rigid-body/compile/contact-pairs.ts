import { hypot } from "@sgmrl/autodiff/elementary";
import { constraintLaw, minimumFriction } from "../model/constraint-law.ts";
import type { ContactPair, ModelBox, ModelShape } from "../model/model.ts";
import type { Contacts, Robot, Softness, Surface } from "../model/robot.ts";

/**
 * The pairs of shapes that may touch, and their contact parameters: the floor         [eq:contact-parameters]
 * with every moving shape, then (with selfCollision) the shapes of any two bodies that are neither parent and
 * child nor welded together. Surfaces of equal priority are mixed as
 *   μ = max(μ1, μ2), contact dimension = max, softness = the mean
 *   margin = max (MuJoCo 3.3.8), or margin1 + margin2 (MuJoCo 3.9.0 and later) where the robot asks for the sum
 * A row's regularisation, with A the sum of the two bodies' translational inverse weights:
 *   frictionless   A
 *   pyramid        2 μ² (1 + μ²) A          the same for its four edges
 * Source: MuJoCo documentation, "Contact parameters"; measured on releases 3.3.8, 3.9.0 and 3.14.0.
 */
export function contactPairs(
  robot: Robot,
  shapes: readonly (ModelShape | ModelBox)[],
  bodyInverseWeight: Float64Array,
): ContactPair[] {
  const surfaces = robot.bodies.flatMap((body) => body.shapes.map((shape) => shape.surface));
  const { onFloor, links } = touchingShapes(robot);
  const ofFloor = onFloor.flatMap((i) => {
    const shape = shapes[i]!;
    const parts = shape.kind === "box" ? diagonals(shape) : [shape];
    return parts.map((part) =>
      pairOf(robot, undefined, robot.floor!.surface, part, surfaces[i]!, bodyInverseWeight),
    );
  });
  const ofLinks = links.map(([i, k]) => {
    const [one, two] = shapes[k]!.kind === "box" ? [i, k] : [k, i];
    const box = shapes[two]!;
    if (box.kind !== "box")
      return pairOf(
        robot,
        shapes[i] as ModelShape,
        surfaces[i]!,
        shapes[k] as ModelShape,
        surfaces[k]!,
        bodyInverseWeight,
      );
    // The other is a sphere: see check-robot.ts.
    const sphere = shapes[one] as ModelShape;
    return {
      ...pairOf(robot, sphere, surfaces[one]!, sphereAround(box), surfaces[two]!, bodyInverseWeight),
      box,
    };
  });
  return [...ofFloor, ...ofLinks];
}

/** Indices, in the list of all shapes, of those that may touch the floor, and of pairs that may touch each other. */
export function touchingShapes(robot: Robot): { onFloor: number[]; links: [number, number][] } {
  const parts = robot.bodies.flatMap((body, b) => body.shapes.map(() => b + 1));
  const contacts = robot.bodies.flatMap((body) =>
    body.shapes.map((shape) => shape.contacts ?? (robot.selfCollision ? everything : floorOnly)),
  );
  const parents = robot.bodies.map((body) => robot.bodies.findIndex(({ name }) => name === body.parent) + 1);
  const parent = (body: number) => parents[body - 1]!;
  /** The body that a body is welded to, or itself if it has joints; 0 if it is fixed to the world. */
  const carrier = (part: number): number =>
    part === 0 || robot.bodies[part - 1]!.joints.length > 0 ? part : carrier(parent(part));
  const moves = (part: number) => carrier(part) > 0;
  const { floor } = robot;
  const onFloor = [...parts.keys()].filter(
    (i) => floor !== undefined && moves(parts[i]!) && mayTouch(floor.contacts, contacts[i]),
  );
  const links: [number, number][] = [];
  if (linksCanTouch(robot)) {
    parts.forEach((first, i) => {
      for (let k = i + 1; k < parts.length; k++) {
        const second = parts[k]!;
        const [one, other] = [carrier(first), carrier(second)];
        const family =
          one > 0 && other > 0 && (carrier(parent(one)) === other || carrier(parent(other)) === one);
        if (
          one === other ||
          family ||
          !mayTouch(contacts[i], contacts[k]) ||
          isExcluded(robot, first, second)
        )
          continue;
        links.push([i, k]);
      }
    });
  }
  return { onFloor, links };
}

function sphereAround({ name, body, part, cx, cy, cz, halfSizes }: ModelBox): ModelShape {
  const radius = hypot(...halfSizes);
  return { name, kind: "sphere", body, part, cx, cy, cz, ux: 0, uy: 0, uz: 1, halfLength: 0, radius };
}

/** The diagonals of a box, from its center to (±a, ±b, ±c) and back: of each pair of opposite corners one is lower. */
function diagonals({ name, body, part, cx, cy, cz, axes, halfSizes: [a, b, c] }: ModelBox): ModelShape[] {
  const halfLength = hypot(a, b, c);
  return [
    [a, b, c],
    [-a, b, c],
    [a, -b, c],
    [a, b, -c],
  ].map((corner) => {
    const [ux, uy, uz] = axes.map(
      (row) => (row[0] * corner[0]! + row[1] * corner[1]! + row[2] * corner[2]!) / halfLength,
    ) as [number, number, number];
    return { name, kind: "diagonal", body, part, cx, cy, cz, ux, uy, uz, halfLength, radius: 0 };
  });
}

const floorOnly: Contacts = { groups: 1, touches: 0 };
const everything: Contacts = { groups: 1, touches: 1 };

/** By default the floor touches every shape. */
function mayTouch(first: Contacts = { groups: -1, touches: -1 }, second: Contacts | undefined): boolean {
  if (second === undefined) return true;
  return (first.groups & second.touches) !== 0 || (second.groups & first.touches) !== 0;
}

/** Whether any two shapes of the robot may touch each other. */
export function linksCanTouch(robot: Robot): boolean {
  const contacts = robot.bodies.flatMap((body) => body.shapes.map((shape) => shape.contacts));
  if (contacts.every((contact) => contact === undefined)) return robot.selfCollision;
  return contacts.some((contact, i) => contacts.some((other, k) => i < k && mayTouch(contact, other)));
}

function isExcluded({ bodies, excluded = [] }: Robot, first: number, second: number): boolean {
  const name = (part: number) => bodies[part - 1]!.name;
  return excluded.some(
    ([a, b]) => (a === name(first) && b === name(second)) || (b === name(first) && a === name(second)),
  );
}

function pairOf(
  robot: Robot,
  first: ModelShape | undefined,
  surface1: Surface,
  second: ModelShape,
  surface2: Surface,
  bodyInverseWeight: Float64Array,
): ContactPair {
  const friction = Math.max(minimumFriction, surface1.friction, surface2.friction);
  const contactDimension = Math.max(surface1.contactDimension, surface2.contactDimension) as 1 | 3; // max of {1, 3}
  const translational = (body: number) => bodyInverseWeight[2 * body]!;
  const inverse = translational(first?.part ?? 0) + translational(second.part);
  const mu2 = friction * friction;
  const regularization = contactDimension === 1 ? inverse : 2 * mu2 * (1 + mu2) * inverse;
  const softness = meanSoftness(surface1.softness, surface2.softness);
  const margin =
    robot.margins === "sum" ? surface1.margin + surface2.margin : Math.max(surface1.margin, surface2.margin);
  const extent = (shape: ModelShape) => shape.halfLength + shape.radius;
  return {
    first,
    second,
    contactDimension,
    reach: first === undefined ? Number.POSITIVE_INFINITY : extent(first) + extent(second) + margin,
    friction,
    law: constraintLaw(softness, robot.timestep, margin, regularization),
  };
}

function meanSoftness(a: Softness, b: Softness): Softness {
  const mean = (k: 0 | 1 | 2 | 3 | 4) => (a.impedance[k] + b.impedance[k]) / 2;
  return {
    timeConstant: (a.timeConstant + b.timeConstant) / 2,
    dampingRatio: (a.dampingRatio + b.dampingRatio) / 2,
    impedance: [mean(0), mean(1), mean(2), mean(3), mean(4)],
  };
}
