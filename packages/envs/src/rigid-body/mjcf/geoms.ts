import { hypot } from "@sgmrl/autodiff/elementary";
import { solid, unit } from "../compile/mass-properties.ts";
import type {
  Box,
  Capsule,
  Contacts,
  MassProperties,
  Rotation,
  Shape,
  Sphere,
  Surface,
  Vec3,
} from "../model/robot.ts";
import { capsuleBetween } from "../robots/parts.ts";
import { type Attributes, readSoftness } from "./attributes.ts";
import { type Angles, compose, noRotation, orientationOf, rotate, shortestTo } from "./orientation.ts";

/** A geom as part of a robot: a shape, mass without a shape, the floor, or only a picture. */
export type Geom =
  | { readonly kind: "shape"; readonly shape: Shape }
  | { readonly kind: "mass"; readonly mass: MassProperties }
  | {
      readonly kind: "floor";
      readonly height: number;
      readonly normal?: Vec3;
      readonly surface: Surface;
      readonly contacts: Contacts;
    }
  | { readonly kind: "picture" };

/** The context of a geom: its body's frame in axes parallel to the world's, and how its numbers are read. */
export interface GeomFrame {
  readonly name: string;
  readonly frame: Rotation;
  readonly angles: Angles;
  /** Whether its mass may count; if not, the body's mass is stated separately. */
  readonly massive: boolean;
  readonly inWorld: boolean;
}

const types = ["sphere", "capsule", "box", "cylinder", "ellipsoid", "plane"] as const;

export function readGeom(a: Attributes, { name, frame, angles, massive, inWorld }: GeomFrame): Geom {
  const type = a.choice("type", types, "sphere");
  const contacts = { groups: a.bits("contype", 1), touches: a.bits("conaffinity", 1) };
  const collides = contacts.groups !== 0 || contacts.touches !== 0;
  const group = a.bits("group", 0);
  const hasMass = massive && !inWorld && group >= 0 && group <= 5; // as <compiler inertiagrouprange="0 5"/>
  const surface = readSurface(a);
  const density = a.number("density", 1000);
  if (density < 0) a.fail("density", "is negative");
  const mass = a.numbers("mass", 1)?.[0];
  if (mass !== undefined && mass < 0) a.fail("mass", "is negative");
  const fromto = a.numbers("fromto", 6);
  const position = rotate(frame, a.vector("pos", [0, 0, 0]));
  const R = compose(frame, orientationOf(a, angles));
  const sizes = a.numbers("size", 1, 3);
  a.only("fluidshape", "none", "the fluid acts on a body's inertia box");
  a.only("shellinertia", "false", "shapes are solid");
  a.numbers("fluidcoef", 1, 5);
  a.close();

  if (type === "plane") {
    if (!collides) return { kind: "picture" };
    if (!inWorld) a.fail("type", "is a plane on a body that is not the world, which is not supported");
    const normal = rotate(R, [0, 0, 1]);
    if (normal[2] === 1) return { kind: "floor", height: position[2], surface, contacts };
    const height = normal[0] * position[0] + normal[1] * position[1] + normal[2] * position[2];
    return { kind: "floor", height, normal, surface, contacts };
  }
  const count = { sphere: 1, capsule: 2, cylinder: 2, box: 3, ellipsoid: 3 }[type];
  const needed = fromto === undefined ? count : 1;
  if (sizes === undefined || sizes.length < needed || sizes.slice(0, needed).some((size) => !(size > 0))) {
    return a.fail("size", `must have ${needed} positive number${needed === 1 ? "" : "s"} for a ${type}`);
  }
  if (fromto !== undefined && type !== "capsule" && type !== "cylinder") {
    return a.fail("fromto", `is not supported for a ${type}`);
  }
  const [from, to] = [fromto?.slice(0, 3), fromto?.slice(3)].map(
    (end) => end && rotate(frame, end as unknown as Vec3), // three numbers each
  );
  const common = { name, density: 0, surface, ...(collides ? { contacts } : { contacts: untouchable }) };
  let body: Sphere | Capsule | undefined;
  const radius = sizes[0]!;
  if (type === "sphere") body = { ...common, kind: "sphere", center: position, radius };
  if (type === "capsule") {
    body =
      from !== undefined && to !== undefined
        ? { ...capsuleBetween(name, from, to, { radius, density: 0, surface }), contacts: common.contacts }
        : {
            ...common,
            kind: "capsule",
            center: position,
            axis: rotate(R, [0, 0, 1]),
            halfLength: sizes[1]!,
            radius,
          };
    if (!(body.halfLength > 0)) a.fail("fromto", "has no length");
  }
  if (body !== undefined) {
    const half = body.kind === "capsule" ? body.halfLength : 0;
    const volume = Math.PI * (2 * half * radius * radius + (4 / 3) * radius * radius * radius);
    const weight = !hasMass ? 0 : mass === undefined ? density : mass / volume;
    const boxFrame = from === undefined || frame !== noRotation ? geomFrame(frame, R, fromto) : undefined;
    return { kind: "shape", shape: { ...body, density: weight, ...(boxFrame && { boxFrame }) } };
  }
  if (type === "box") {
    const halfSizes = sizes as unknown as Vec3; // three numbers, by the check of the sizes
    const volume = 8 * halfSizes[0] * halfSizes[1] * halfSizes[2];
    const weight = !hasMass ? 0 : mass === undefined ? density : mass / volume;
    const box: Box = { ...common, kind: "box", center: position, axes: R, halfSizes, density: weight };
    return { kind: "shape", shape: box };
  }
  if (collides) {
    return a.fail(
      "type",
      `is a ${type} that collides, which is not supported; set contype and conaffinity to 0 to keep its mass`,
    );
  }
  if (!hasMass) return { kind: "picture" };
  if (from !== undefined && to !== undefined) {
    const d: Vec3 = [from[0] - to[0], from[1] - to[1], from[2] - to[2]];
    const center: Vec3 = [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2, (from[2] + to[2]) / 2];
    const half = hypot(...d) / 2;
    const axes = framed(d);
    return { kind: "mass", mass: solid("cylinder", [radius, half, half], center, axes, density, mass) };
  }
  const size = [sizes[0]!, sizes[1]!, sizes[2] ?? sizes[1]!] as const;
  return { kind: "mass", mass: solid(type as "ellipsoid", size, position, R, density, mass) };
}

/** The geom's axes: as stated, or by the shortest turn of +z along the segment; undefined if the world's. */
function geomFrame(
  frame: Rotation,
  R: Rotation,
  fromto: readonly number[] | undefined,
): Rotation | undefined {
  if (fromto === undefined) return R === noRotation ? undefined : R;
  const [x, y, z, a, b, c] = fromto as [number, number, number, number, number, number]; // six numbers
  return compose(frame, shortestTo(unit([x - a, y - b, z - c])));
}

/** No bits set: it touches nothing. */
export const untouchable: Contacts = { groups: 0, touches: 0 };

/** A rotation whose third column is along d. */
function framed(d: Vec3): Rotation {
  const norm = hypot(...d);
  const z: Vec3 = [d[0] / norm, d[1] / norm, d[2] / norm];
  const other: Vec3 = Math.abs(z[0]) < 0.9 ? [1, 0, 0] : [0, 1, 0];
  const cross = (p: Vec3, q: Vec3): Vec3 => [
    p[1] * q[2] - p[2] * q[1],
    p[2] * q[0] - p[0] * q[2],
    p[0] * q[1] - p[1] * q[0],
  ];
  const x = cross(other, z);
  const length = hypot(...x);
  const unit: Vec3 = [x[0] / length, x[1] / length, x[2] / length];
  const y = cross(z, unit);
  return [
    [unit[0], y[0], z[0]],
    [unit[1], y[1], z[1]],
    [unit[2], y[2], z[2]],
  ];
}

function readSurface(a: Attributes): Surface {
  const condim = a.choice("condim", ["1", "3"], "3");
  const friction = a.filled("friction", [1, 0.005, 0.0001])[0]!;
  const margin = a.number("margin", 0);
  if (margin < 0) a.fail("margin", "is negative");
  a.only("gap", 0, "a contact acts as soon as it is found");
  a.only("priority", 0, "surfaces are mixed as equals");
  a.only("solmix", 1, "surfaces are mixed half and half");
  return {
    friction,
    contactDimension: condim === "1" ? 1 : 3,
    margin,
    softness: readSoftness(a, "solref", "solimp"),
  };
}
