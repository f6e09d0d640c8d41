import { RobotError } from "../model/errors.ts";
import type { Body, Joint, Robot } from "../model/robot.ts";

/** Refuses what cannot be compiled, naming the field. */
export function checkRobot(robot: Robot): void {
  const fail = (part: string, problem: string): never => {
    throw new RobotError(robot.name, part, problem);
  };
  const positive = (part: string, value: number) => {
    if (!(value > 0 && Number.isFinite(value))) fail(part, `is ${value}; expected a positive number`);
  };
  const finite = (part: string, values: readonly number[]) => {
    values.forEach((value, i) => {
      if (!Number.isFinite(value)) fail(`${part}[${i}]`, `is ${value}; expected a finite number`);
    });
  };

  positive("timestep", robot.timestep);
  if (robot.totalMass !== undefined) positive("totalMass", robot.totalMass);
  if (robot.bodies.length === 0) fail("bodies", "is empty; expected at least one body");

  const known = new Set(["world"]);
  const joints = new Map<string, Joint>();
  robot.bodies.forEach((body, b) => {
    const at = `bodies[${b}] "${body.name}"`;
    if (known.has(body.name)) fail(at, "has a name that is already taken");
    if (!known.has(body.parent)) {
      fail(`${at}.parent`, `names "${body.parent}"; expected "world" or a body listed before it`);
    }
    known.add(body.name);
    finite(`${at}.position`, body.position);
    for (const joint of body.joints) checkJoint(body, joint, `${at}, joint "${joint.name}"`);
    for (const shape of body.shapes) {
      const where = `${at}, shape "${shape.name}"`;
      positive(`${where}.radius`, shape.radius);
      positive(`${where}.density`, shape.density);
      finite(`${where}.center`, shape.center);
      if (shape.kind === "capsule") {
        positive(`${where}.halfLength`, shape.halfLength);
        positive(`${where}.axis length`, Math.hypot(...shape.axis));
      } else if (robot.selfCollision) {
        fail(where, "is a sphere in a robot with selfCollision; only capsules collide with each other");
      }
      if (robot.selfCollision && shape.surface.contactDimension !== 1) {
        fail(
          `${where}.surface`,
          "has friction in a robot with selfCollision; links touch without friction here",
        );
      }
    }
    if (body.joints.length > 0 && !carriesMass(robot, body)) {
      fail(at, "moves but has no mass; give it, or a body welded to it, a shape");
    }
    if (robot.fluid !== undefined && body.shapes.length > 1) {
      fail(
        at,
        `has ${body.shapes.length} shapes; the fluid's inertia box is defined here for one shape a body`,
      );
    }
  });

  robot.motors.forEach((motor, m) => {
    const joint = joints.get(motor.joint);
    if (joint === undefined)
      fail(`motors[${m}].joint`, `names "${motor.joint}", which is no joint of this robot`);
    else if (joint.kind === "free")
      fail(`motors[${m}].joint`, `names the free joint "${motor.joint}"; expected a slide or hinge`);
    finite(`motors[${m}]`, [motor.gear, ...motor.range]);
    if (!(motor.range[0] < motor.range[1])) fail(`motors[${m}].range`, "is empty; expected low < high");
  });

  function checkJoint(body: Body, joint: Joint, at: string): void {
    if (joints.has(joint.name)) fail(at, "has a name that is already taken");
    joints.set(joint.name, joint);
    if (!(joint.armature >= 0)) fail(`${at}.armature`, `is ${joint.armature}; expected >= 0`);
    if (!(joint.damping >= 0)) fail(`${at}.damping`, `is ${joint.damping}; expected >= 0`);
    if (joint.kind === "free") {
      if (body.parent !== "world")
        fail(at, `is free but its body's parent is "${body.parent}"; expected "world"`);
      if (body.joints.length > 1) fail(at, "is free but not the only joint of its body");
      return;
    }
    finite(`${at}.anchor`, joint.anchor);
    finite(`${at}.reference`, [joint.reference, joint.stiffness]);
    positive(`${at}.axis length`, Math.hypot(...joint.axis));
    if (joint.range !== undefined && !(joint.range[0] < joint.range[1])) {
      fail(`${at}.range`, `is [${joint.range.join(", ")}]; expected low < high`);
    }
  }
}

/** Whether the body, or one welded to it, has a shape. */
function carriesMass(robot: Robot, body: Body): boolean {
  if (body.shapes.length > 0) return true;
  return robot.bodies.some(
    (child) => child.parent === body.name && child.joints.length === 0 && carriesMass(robot, child),
  );
}
