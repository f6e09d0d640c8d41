import type { Plane } from "../model/model.ts";
import type { Robot, Shape, Vec3 } from "../model/robot.ts";
import { touchingShapes } from "./contact-pairs.ts";

const planes: readonly Plane[] = [
  { u: 2, v: 0, n: 1 },
  { u: 0, v: 1, n: 2 },
  { u: 1, v: 2, n: 0 },
];

/**
 * The plane to which a robot's motion is confined, if any [eq:planar]: every hinge is along its normal, every slide lies
 * in it, and no joint is free or a ball. Where a shape rubs on the floor, one tangent of the contact lies in the plane in
 * every pose, and the other is the normal. No two links rub on each other, and those that meet lie in the plane.
 */
export function planeOf(robot: Robot): Plane | undefined {
  const joints = robot.bodies.flatMap((body) => body.joints);
  const shapes = robot.bodies.flatMap((body) => body.shapes);
  const { onFloor, links } = touchingShapes(robot);
  return planes.find(
    (plane) =>
      joints.every((joint) => {
        if (joint.kind === "free" || joint.kind === "ball") return false;
        return joint.kind === "slide" ? lies(plane, joint.axis) : isAcross(plane, joint.axis);
      }) &&
      onFloor.every((i) => keepsOnFloor(robot, plane, shapes[i]!)) &&
      links.every((pair) => {
        const both = pair.map((i) => shapes[i]!);
        const rub = both.some(({ surface }) => surface.contactDimension === 3);
        return !rub && both.every((shape) => shape.kind !== "capsule" || lies(plane, shape.axis));
      }),
  );
}

const lies = ({ n }: Plane, axis: Vec3): boolean => axis[n] === 0;
const isAcross = ({ u, v }: Plane, axis: Vec3): boolean => axis[u] === 0 && axis[v] === 0;

/** Whether a shape's contacts with the floor are without friction, or keep their tangents: see collision.ts. */
function keepsOnFloor({ floor }: Robot, plane: Plane, shape: Shape): boolean {
  const { surface, normal = [0, 0, 1] } = floor!; // some shape may touch it
  if (surface.contactDimension !== 3 && shape.surface.contactDimension !== 3) return true;
  if (!lies(plane, normal)) return false;
  if (shape.kind !== "capsule" || isAcross(plane, shape.axis)) return true;
  // An upright capsule's first tangent is (1, 0, 0), which must lie in the plane too.
  return plane.n === 1 && lies(plane, shape.axis);
}
