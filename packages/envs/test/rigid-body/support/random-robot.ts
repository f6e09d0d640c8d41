import { fold, type Key, normal, uniform } from "@sgmrl/autodiff/random";
import type { AxialJoint, Body, FreeJoint, Robot, Vec3 } from "../../../src/rigid-body/model/robot.ts";
import { capsuleBetween, defaultSoftness, origin } from "../../../src/rigid-body/robots/parts.ts";

const surface = { friction: 1, contactDimension: 3, margin: 0, softness: defaultSoftness } as const;

export interface RandomRobotOptions {
  readonly bodies: number;
  /** How the root hangs on the world: by one joint, by three slides and three hinges, by a free joint. */
  readonly root: "fixed" | "floating" | "free";
  readonly gravity?: Vec3;
  readonly timestep?: number;
  readonly integrator?: "euler" | "rk4";
}

/** A random tree of capsules in space on hinges (now and then a slide) with oblique axes: no springs, dampers or limits. */
export function randomRobot(
  key: Key,
  { bodies, root, gravity = [0, 0, -9.81], timestep = 0.01, integrator = "rk4" }: RandomRobotOptions,
): Robot {
  const joint = (name: string, kind: "slide" | "hinge", axis: Vec3, anchor: Vec3): AxialJoint => ({
    name,
    kind,
    axis,
    anchor,
    reference: 0,
    stiffness: 0,
    damping: 0,
    armature: 0,
    limitSoftness: defaultSoftness,
  });
  const list: Body[] = [];
  for (let b = 0; b < bodies; b++) {
    const u = uniform(fold(key, b, 0), 12);
    const n = normal(fold(key, b, 1), 12);
    const vec = (k: number): Vec3 => [0.4 * n[k]!, 0.4 * n[k + 1]!, 0.4 * n[k + 2]!];
    const name = `b${b}`;
    const parent = b === 0 ? "world" : `b${Math.floor(u[0]! * b)}`;
    const axes: Vec3[] = [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ];
    const slides = axes.map((axis, k) => joint(`${name}-slide${k}`, "slide", axis, origin));
    const turns = axes.map((axis, k) => joint(`${name}-turn${k}`, "hinge", axis, origin));
    const own = joint(`${name}-joint`, u[1]! < 0.2 ? "slide" : "hinge", [n[0]!, n[1]!, n[2]!], vec(3));
    const free: FreeJoint = { kind: "free", name: `${name}-free`, damping: 0, armature: 0 };
    list.push({
      name,
      parent,
      position: vec(6),
      joints: b > 0 || root === "fixed" ? [own] : root === "free" ? [free] : [...slides, ...turns],
      shapes: [
        capsuleBetween(`${name}-shape`, vec(9), [0.5 * u[2]!, 0.5 * u[3]! + 0.1, 0.5 * u[4]!], {
          radius: 0.05 + 0.1 * u[5]!,
          density: 500 + 1000 * u[6]!,
          surface,
        }),
      ],
    });
  }
  return {
    name: "random tree",
    timestep,
    integrator,
    gravity,
    selfCollision: false,
    bodies: list,
    motors: [],
  };
}
