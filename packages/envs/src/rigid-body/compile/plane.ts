import type { Plane } from "../model/model.ts";
import type { Robot } from "../model/robot.ts";
import { linksCanTouch } from "./contact-pairs.ts";

/**
 * The plane a robot moves in: every hinge along its normal, every slide across it, no free joint. And where it rubs on
 * the floor and not on itself, the first tangent of each contact in the plane, the second along its normal (see collision.ts).
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
  const shapes = floor === undefined ? [] : all;
  return shapes.every((shape) => {
    const rubs = floor!.surface.contactDimension === 3 || shape.surface.contactDimension === 3;
    return !rubs || (n === 1 && shape.kind === "capsule" && shape.axis[1] === 0);
  });
}
