import { hypot } from "@sgmrl/autodiff/elementary";
import type { Joint, Rotation, Vec3 } from "../model/robot.ts";
import { type Attributes, readSoftness } from "./attributes.ts";
import { noRotation, type Quaternion, rotate, transpose } from "./orientation.ts";

/** The context of a joint: its body's frame, and how its numbers are read. */
export interface JointFrame {
  readonly name: string;
  /** Its body's frame in axes parallel to the world's. */
  readonly frame: Rotation;
  readonly radians: (angle: number) => number;
  readonly autolimits: boolean;
  /** The body's stated orientation, in which a free joint starts. */
  readonly orientation: Quaternion | undefined;
}

/** The joint's type, which decides whether its body keeps its own axes. */
export function jointType(a: Attributes): "free" | "ball" | "slide" | "hinge" {
  return a.choice("type", ["free", "ball", "slide", "hinge"], "hinge");
}

export function readFreeJoint(a: Attributes, name: string, orientation: Quaternion | undefined): Joint {
  a.only("align", "false", "the body's frame stays where it is");
  a.close();
  return { kind: "free", name, armature: 0, damping: 0, ...(orientation && { orientation }) };
}

export function readJoint(
  a: Attributes,
  { name, frame, radians, autolimits, orientation }: JointFrame,
): Joint {
  const kind = jointType(a);
  const common = { name, armature: a.notNegative("armature"), damping: a.notNegative("damping") };
  const stiffness = a.notNegative("stiffness");
  const anchor = rotate(frame, a.vector("pos", [0, 0, 0]));
  const axis = rotate(frame, a.vector("axis", [0, 0, 1]));
  const stated = a.numbers("range", 2);
  const limited = isLimited(a, "limited", stated !== undefined, autolimits);
  const limitMargin = a.number("margin", 0);
  const limitSoftness = readSoftness(a, "solreflimit", "solimplimit");
  const reference = a.number("ref", 0);
  const spring = a.number("springref", 0);
  a.only("frictionloss", 0, "joints have no dry friction here");
  a.numbers("solreffriction", 1, 2);
  a.numbers("solimpfriction", 1, 5);
  a.close();

  if (kind === "free" || kind === "ball") {
    if (stiffness !== 0) a.fail("stiffness", `is not supported for a ${kind} joint`);
    if (limited && kind === "free") a.fail("range", `is not supported for a ${kind} joint`);
    if (kind === "free") return { ...common, kind, ...(orientation && { orientation }) };
    const axes = frame === noRotation ? noRotation : transpose(frame);
    const ball = { ...common, kind, anchor, axes: axes as readonly [Vec3, Vec3, Vec3] };
    if (!limited) return ball;
    if (stated === undefined) return a.fail("range", "is missing from a limited joint");
    if (stated[0] !== 0 || !(stated[1]! > 0))
      return a.fail("range", "of a ball joint must be 0 and an angle");
    return { ...ball, limit: { angle: radians(stated[1]!), margin: limitMargin, softness: limitSoftness } };
  }
  if (hypot(...axis) < 1e-14) a.fail("axis", "has no direction");
  const angle = kind === "hinge" ? radians : (x: number) => x;
  if (limited && stated === undefined) a.fail("range", "is missing from a limited joint");
  if (limited && !(stated![0]! < stated![1]!)) a.fail("range", "is empty; expected low < high");
  return {
    ...common,
    kind,
    axis,
    anchor: kind === "slide" ? [0, 0, 0] : anchor,
    reference: angle(reference),
    stiffness,
    ...(spring === 0 ? {} : { springReference: angle(spring) }),
    ...(limited ? { range: [angle(stated![0]!), angle(stated![1]!)] as const } : {}),
    ...(limitMargin === 0 ? {} : { limitMargin }),
    limitSoftness,
  };
}

/** `auto` means true if there is a range; with autolimits off, it is then refused. */
export function isLimited(a: Attributes, name: string, hasRange: boolean, autolimits: boolean): boolean {
  const stated = a.choice(name, ["true", "false", "auto"], "auto");
  if (stated === "auto" && hasRange && !autolimits) {
    a.fail(name, "must say whether the range applies, since autolimits is false");
  }
  return stated === "auto" ? hasRange : stated === "true";
}
