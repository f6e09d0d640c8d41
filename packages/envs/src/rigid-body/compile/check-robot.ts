import { RobotError } from "../model/errors.ts";
import type { Body, Joint, Robot } from "../model/robot.ts";
import { touchingShapes } from "./contact-pairs.ts";
import { checkFields, type Fail } from "./robot-fields.ts";
import { isRealizable } from "./second-moments.ts";

/** Beyond these, matrices over all degrees of freedom and pairs of shapes take minutes to set up. */
const most = { bodies: 1_000, degreesOfFreedom: 200, shapes: 1_000 } as const;
const degreesOfFreedom = { slide: 1, hinge: 1, ball: 3, free: 6 } as const;

/** Refuses a robot that cannot be compiled, naming the field. */
export function checkRobot(robot: Robot): void {
  const fail: Fail = (part, problem) => {
    throw new RobotError(robot?.name, part, problem);
  };
  checkFields(robot, fail);
  const { bodies } = robot;
  if (bodies.length === 0) fail("bodies", "is empty; expected at least one body");
  if (bodies.length > most.bodies) fail("bodies", `has ${bodies.length}; expected at most ${most.bodies}`);
  const dofs = bodies
    .flatMap(({ joints }) => joints)
    .reduce((sum, { kind }) => sum + degreesOfFreedom[kind], 0);
  if (dofs > most.degreesOfFreedom)
    fail("bodies", `has ${dofs} degrees of freedom; expected at most ${most.degreesOfFreedom}`);
  const shapes = bodies.reduce((sum, body) => sum + body.shapes.length, 0);
  if (shapes > most.shapes) fail("bodies", `has ${shapes} shapes; expected at most ${most.shapes}`);

  const known = new Set(["world"]);
  const joints = new Map<string, Joint>();
  robot.bodies.forEach((body, b) => {
    const at = `bodies[${b}] "${body.name}"`;
    if (known.has(body.name)) fail(at, "has a name that is already taken");
    if (!known.has(body.parent)) {
      fail(`${at}.parent`, `names "${body.parent}"; expected "world" or a body listed before it`);
    }
    known.add(body.name);
    for (const joint of body.joints) checkJoint(body, joint, `${at}, joint "${joint.name}"`);
    body.masses?.forEach(({ inertia }, m) => {
      if (isRealizable(inertia)) return;
      fail(
        `${at}.masses[${m}].inertia`,
        "is no body's; principal moments are at least 0, and none exceeds the sum of the other two",
      );
    });
    if (body.joints.length > 0 && !carriesMass(robot, body)) {
      fail(at, "moves but has no mass; give it, or a body welded to it, a shape");
    }
    if (robot.fluid !== undefined && body.masses !== undefined) {
      fail(at, "has mass without a shape; the fluid's inertia box is defined here for one shape a body");
    }
    if (robot.fluid !== undefined && body.shapes.length > 1) {
      fail(
        at,
        `has ${body.shapes.length} shapes; the fluid's inertia box is defined here for one shape a body`,
      );
    }
  });

  robot.excluded?.forEach((pair, i) => {
    const unknown = pair.find((name) => !known.has(name));
    if (unknown !== undefined)
      fail(`excluded[${i}]`, `names "${unknown}", which is not a body of this robot`);
  });
  robot.motors.forEach((motor, m) => {
    const joint = joints.get(motor.joint);
    if (joint === undefined)
      fail(`motors[${m}].joint`, `names "${motor.joint}", which is not a joint of this robot`);
    else if (joint.kind !== "slide" && joint.kind !== "hinge")
      fail(`motors[${m}].joint`, `names the ${joint.kind} joint "${motor.joint}"; expected a slide or hinge`);
  });

  const all = bodies.flatMap((body) => body.shapes);
  for (const [i, k] of touchingShapes(robot).links) {
    const [box, other] = all[i]!.kind === "box" ? [all[i]!, all[k]!] : [all[k]!, all[i]!];
    if (box.kind === "box" && other.kind !== "sphere")
      fail(`shape "${box.name}"`, `is a box that may touch the ${other.kind} "${other.name}"; ${advice}`);
  }

  function checkJoint(body: Body, joint: Joint, at: string): void {
    if (joints.has(joint.name)) fail(at, "has a name that is already taken");
    joints.set(joint.name, joint);
    if (joint.kind !== "free") return;
    if (body.parent !== "world")
      fail(at, `is free but its body's parent is "${body.parent}"; expected "world"`);
    if (body.joints.length > 1) fail(at, "is free but not the only joint of its body");
  }
}

const advice =
  "a box collides with the floor and with spheres; put spheres in place of one of the two, keep them apart by contact groups, or exclude their bodies";

/** Whether the body, or one welded to it, has mass. */
function carriesMass(robot: Robot, body: Body): boolean {
  if (body.shapes.some(({ density }) => density > 0)) return true;
  if (body.masses?.some(({ mass }) => mass > 0)) return true;
  return robot.bodies.some(
    (child) => child.parent === body.name && child.joints.length === 0 && carriesMass(robot, child),
  );
}
