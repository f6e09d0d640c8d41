import { turned } from "../compile/mass-properties.ts";
import { isRealizable } from "../compile/second-moments.ts";
import type { MassProperties, Rotation, Symmetric3, Vec3 } from "../model/robot.ts";
import { Attributes } from "./attributes.ts";
import type { Compiler } from "./options.ts";
import { compose, orientationOf, rotate } from "./orientation.ts";
import type { XmlElement } from "./read-xml.ts";

/** The stated mass, centre and inertia of a body, in axes parallel to the world's. */
export function readInertial(
  elements: readonly XmlElement[],
  frame: Rotation,
  compiler: Compiler,
): MassProperties {
  const a = new Attributes(elements.at(-1)!);
  if (elements.length > 1) a.fail(undefined, "is the second of one body");
  const mass = a.numbers("mass", 1)?.[0];
  if (mass === undefined || !(mass > 0)) return a.fail("mass", "must be a positive number");
  const center = rotate(frame, a.vector("pos", [0, 0, 0]));
  const R = compose(frame, orientationOf(a, compiler));
  const diagonal = a.numbers("diaginertia", 3) as unknown as Vec3 | undefined; // three numbers
  const full = a.numbers("fullinertia", 6);
  a.close();
  if ((diagonal === undefined) === (full === undefined)) {
    return a.fail(undefined, "must state either diaginertia or fullinertia");
  }
  const inertia = diagonal === undefined ? rotated(R, full!) : turned(R, diagonal);
  if (!isRealizable(inertia)) {
    const name = diagonal === undefined ? "fullinertia" : "diaginertia";
    a.fail(name, "is no body's; principal moments are at least 0, and none exceeds the sum of the other two");
  }
  return { mass, center, inertia };
}

/** R M Rᵀ for a symmetric M, given as (xx, yy, zz, xy, xz, yz) */
function rotated(R: Rotation, full: readonly number[]): Symmetric3 {
  const [xx, yy, zz, xy, xz, yz] = full as [number, number, number, number, number, number]; // six numbers
  const columns: Rotation = [
    [xx, xy, xz],
    [xy, yy, yz],
    [xz, yz, zz],
  ];
  const rows = columns.map((row) => rotate(R, row)) as unknown as Rotation; // M Rᵀ
  const entry = (i: 0 | 1 | 2, j: 0 | 1 | 2) =>
    R[i][0] * rows[0][j] + R[i][1] * rows[1][j] + R[i][2] * rows[2][j];
  return [entry(0, 0), entry(1, 1), entry(2, 2), entry(0, 1), entry(0, 2), entry(1, 2)];
}
