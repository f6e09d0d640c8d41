import type { Plane } from "../model/model.ts";
import type { Robot } from "../model/robot.ts";
import { linksCanTouch } from "./contact-pairs.ts";

/**
 * The plane to which a robot's motion is confined, if any: every hinge is along its normal, every slide lies
 * in it, and no joint is free or a ball. No two links rub on each other; where they rub on the floor, a
 * contact's first tangent lies in the plane and its second is the normal (see collision.ts).
 */
export function planeOf(robot: Robot): Plane | undefined {
  const planes: Plane[] = [
    { u: 2, v: 0, n: 1 },
    { u: 0, v: 1, n: 2 },
    { u: 1, v: 2, n: 0 },
  ];
  const joints = robot.bodies.flatMap((body) => body.joints);
  return planes.find(
    ({ u, v, n }) =>
      joints.every((joint) => {
        if (joint.kind === "free" || joint.kind === "ball") return false;
        return joint.kind === "slide" ? joint.axis[n] === 0 : joint.axis[u] === 0 && joint.axis[v] === 0;
      }) && slidesAlongFirstTangent(robot, n),
  );
}

function slidesAlongFirstTangent(robot: Robot, n: 0 | 1 | 2): boolean {
  const { floor, bodies } = robot;
  const all = bodies.flatMap((body) => body.shapes);
  if (linksCanTouch(robot) && all.some((shape) => shape.surface.contactDimension === 3)) return false;
  if (floor === undefined) return true;
  const { surface, normal = [0, 0, 1] } = floor;
  return all.every((shape) => {
    const rubs = surface.contactDimension === 3 || shape.surface.contactDimension === 3;
    return !rubs || (n === 1 && normal[1] === 0 && shape.kind === "capsule" && shape.axis[1] === 0);
  });
}
