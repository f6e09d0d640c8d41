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
      if (!(shape.density >= 0 && Number.isFinite(shape.density)))
        fail(`${where}.density`, `is ${shape.density}; expected 0 or more`);
      finite(`${where}.center`, shape.center);
      if (shape.kind === "capsule") {
        positive(`${where}.halfLength`, shape.halfLength);
        positive(`${where}.axis length`, Math.hypot(...shape.axis));
      }
    }
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

  robot.motors.forEach((motor, m) => {
    const joint = joints.get(motor.joint);
    if (joint === undefined)
      fail(`motors[${m}].joint`, `names "${motor.joint}", which is no joint of this robot`);
    else if (joint.kind !== "slide" && joint.kind !== "hinge")
      fail(`motors[${m}].joint`, `names the ${joint.kind} joint "${motor.joint}"; expected a slide or hinge`);
    finite(`motors[${m}]`, [motor.gear]);
    if (motor.servo !== undefined) finite(`motors[${m}].servo`, [motor.servo.gain, ...motor.servo.bias]);
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
    if (joint.kind === "ball") {
      joint.axes.forEach((axis, k) => {
        positive(`${at}.axes[${k}] length`, Math.hypot(...axis));
      });
      return;
    }
    finite(`${at}.reference`, [joint.reference, joint.stiffness]);
    positive(`${at}.axis length`, Math.hypot(...joint.axis));
    if (joint.range !== undefined && !(joint.range[0] < joint.range[1])) {
      fail(`${at}.range`, `is [${joint.range.join(", ")}]; expected low < high`);
    }
  }
}

/** Whether the body, or one welded to it, has mass. */
function carriesMass(robot: Robot, body: Body): boolean {
  if (body.shapes.some(({ density }) => density > 0)) return true;
  if (body.masses?.some(({ mass }) => mass > 0)) return true;
  return robot.bodies.some(
    (child) => child.parent === body.name && child.joints.length === 0 && carriesMass(robot, child),
  );
}
