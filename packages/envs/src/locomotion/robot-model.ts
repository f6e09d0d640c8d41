import { compileModel } from "../rigid-body/compile/compile-model.ts";
import type { Model } from "../rigid-body/model/model.ts";
import type { Robot } from "../rigid-body/model/robot.ts";

/** Sizes of a robot that determine an environment's spaces. */
export interface RobotSizes {
  readonly nq: number;
  readonly nv: number;
  readonly nu: number;
  /** Including the world. */
  readonly bodies: number;
}

/** The sizes of a robot, without compiling it. */
export function robotSizes(robot: Robot): RobotSizes {
  const joints = robot.bodies.flatMap((body) => body.joints);
  const free = joints.filter(({ kind }) => kind === "free").length;
  const balls = joints.filter(({ kind }) => kind === "ball").length;
  const axial = joints.length - free - balls;
  return {
    nq: 7 * free + 4 * balls + axial,
    nv: 6 * free + 3 * balls + axial,
    nu: robot.motors.length,
    bodies: robot.bodies.length + 1,
  };
}

/** The robot's model, compiled on first use. */
export function lazyModel(robot: Robot): () => Model {
  let model: Model | undefined;
  return () => {
    model ??= compileModel(robot);
    return model;
  };
}
