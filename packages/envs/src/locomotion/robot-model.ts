import { compileModel } from "../rigid-body/compile/compile-model.ts";
import type { Model } from "../rigid-body/model/model.ts";
import type { Robot } from "../rigid-body/model/robot.ts";

/** Where a joint's numbers are in qpos and in qvel. */
export interface JointPlace {
  readonly joint: string;
  readonly qpos: number;
  readonly coordinates: number;
  readonly dof: number;
  readonly dofs: number;
}

/** The places of a robot's joints, without compiling it. */
export function jointPlaces(robot: Robot): JointPlace[] {
  let [qpos, dof] = [0, 0];
  return robot.bodies
    .flatMap((body) => body.joints)
    .map(({ name, kind }) => {
      const [coordinates, dofs] = kind === "free" ? [7, 6] : kind === "ball" ? [4, 3] : [1, 1];
      const place = { joint: name, qpos, coordinates, dof, dofs };
      qpos += coordinates;
      dof += dofs;
      return place;
    });
}

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
  const places = jointPlaces(robot);
  const total = (of: (place: JointPlace) => number) => places.reduce((sum, place) => sum + of(place), 0);
  return {
    nq: total(({ coordinates }) => coordinates),
    nv: total(({ dofs }) => dofs),
    nu: robot.motors.length,
    bodies: robot.bodies.length + 1,
  };
}

const models = new WeakMap<Robot, Model>();

/** The robot's model, compiled on first use and shared by its environments. */
export function modelOf(robot: Robot): Model {
  let model = models.get(robot);
  if (model === undefined) {
    model = compileModel(robot);
    models.set(robot, model);
  }
  return model;
}
