import { cos, hypot, sin } from "@sgmrl/autodiff/elementary";
import type {
  AxialJoint,
  Body,
  Capsule,
  FreeJoint,
  Joint,
  Shape,
  Softness,
  Surface,
  Vec3,
} from "../model/robot.ts";

export const origin: Vec3 = [0, 0, 0];
export const earthGravity: Vec3 = [0, 0, -9.81];

/** MuJoCo's default constraint softness. */
export const defaultSoftness: Softness = {
  timeConstant: 0.02,
  dampingRatio: 1,
  impedance: [0.9, 0.95, 0.001, 0.5, 2],
};

/** Degrees to radians. */
export function degrees(low: number, high: number): [number, number] {
  return [(low * Math.PI) / 180, (high * Math.PI) / 180];
}

/** The direction of +z turned about +y by `angle`. */
export function tilted(angle: number): Vec3 {
  return [sin(angle), 0, cos(angle)];
}

/** A joint without spring, damper, rotor inertia or limit. */
export function idle(name: string, kind: "slide" | "hinge", axis: Vec3, reference = 0): AxialJoint {
  return {
    name,
    kind,
    axis,
    anchor: origin,
    reference,
    stiffness: 0,
    damping: 0,
    armature: 0,
    limitSoftness: defaultSoftness,
  };
}

export function free(name: string): FreeJoint {
  return { name, kind: "free", armature: 0, damping: 0 };
}

/** The capsule of `radius` from `from` to `to`; its "+" end is at `from`. */
export function capsuleBetween(
  name: string,
  from: Vec3,
  to: Vec3,
  common: { radius: number; density: number; surface: Surface },
): Capsule {
  const d: Vec3 = [from[0] - to[0], from[1] - to[1], from[2] - to[2]];
  return {
    kind: "capsule",
    name,
    center: [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2, (from[2] + to[2]) / 2],
    axis: d,
    halfLength: hypot(...d) / 2,
    ...common,
  };
}

export function body(
  name: string,
  parent: string,
  position: Vec3,
  joints: readonly Joint[],
  shapes: readonly Shape[],
): Body {
  return { name, parent, position, joints, shapes };
}
