/** `envs --mjcf FILE`: reads, compiles and describes a robot's model file. */
import { rigidBody } from "@sgmrl/envs";
import { InputError } from "../errors.ts";
import { limits, readText } from "../files/read-file.ts";
import { table } from "./terminal.ts";

/** What to check first about a robot that was read. Units: kg, m, rad, s. */
export interface RobotDescription {
  readonly name: string;
  readonly timestep: number;
  readonly integrator: "euler" | "rk4";
  readonly mass: number;
  readonly coordinates: number;
  readonly degreesOfFreedom: number;
  readonly controls: number;
  readonly bodies: readonly { readonly name: string; readonly parent: string; readonly joints: string }[];
  readonly contactPairs: number;
  readonly plane: string | undefined;
}

/** Errors  `InputError` with line and element for anything that cannot be read or is not supported. */
export function describeRobot(path: string): RobotDescription {
  const text = readText(path, limits.problem, `--mjcf ${path}`);
  try {
    const robot = rigidBody.robotFromMjcf(text);
    const model = rigidBody.compileModel(robot);
    return {
      name: robot.name,
      timestep: robot.timestep,
      integrator: robot.integrator,
      mass: model.bodyMass.reduce((sum, mass) => sum + mass, 0),
      coordinates: model.nq,
      degreesOfFreedom: model.nv,
      controls: model.nu,
      bodies: robot.bodies.map(({ name, parent, joints }) => ({
        name,
        parent,
        joints: joints.map((joint) => `${joint.kind} ${joint.name}`).join(", ") || "welded to it",
      })),
      contactPairs: model.pairs.length,
      plane: model.plane && ["yz", "xz", "xy"][model.plane.n],
    };
  } catch (error) {
    if (error instanceof rigidBody.MjcfError || error instanceof rigidBody.RobotError)
      throw new InputError(`${path}, ${error.message}`);
    throw error;
  }
}

export function robotText(robot: RobotDescription): string {
  const { name, timestep, integrator, mass, coordinates, degreesOfFreedom, controls, contactPairs, plane } =
    robot;
  return [
    `${name}: ${mass.toPrecision(6)} kg, ${coordinates} coordinates, ${degreesOfFreedom} degrees of freedom, ${controls} controls`,
    `steps of ${timestep} s (${integrator}); ${contactPairs} pairs of shapes can touch; ${plane ? `moves in the ${plane} plane` : "moves in space"}`,
    "",
    table([["body", "on", "joints"], ...robot.bodies.map((body) => [body.name, body.parent, body.joints])]),
  ].join("\n");
}
