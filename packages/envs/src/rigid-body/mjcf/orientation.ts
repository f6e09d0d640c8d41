import { atan2, cos, hypot, sin } from "@sgmrl/autodiff/elementary";
import { unit } from "../compile/mass-properties.ts";
import type { Rotation, Vec3 } from "../model/robot.ts";
import type { Attributes } from "./attributes.ts";

export const noRotation: Rotation = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
];

function isNoRotation(R: Rotation): boolean {
  return R.every((row, i) => row.every((x, k) => x === noRotation[i]![k]));
}

/** R v; v itself if R is `noRotation`. */
export function rotate(R: Rotation, v: Vec3): Vec3 {
  if (R === noRotation) return v;
  const along = ([a, b, c]: Vec3) => tidy(a * v[0] + b * v[1] + c * v[2]);
  return [along(R[0]), along(R[1]), along(R[2])];
}

export function compose(A: Rotation, B: Rotation): Rotation {
  if (A === noRotation) return B;
  if (B === noRotation) return A;
  const column = (k: 0 | 1 | 2): Vec3 => [B[0][k], B[1][k], B[2][k]];
  return transpose([rotate(A, column(0)), rotate(A, column(1)), rotate(A, column(2))]);
}

export function transpose([a, b, c]: Rotation): Rotation {
  return [
    [a[0], b[0], c[0]],
    [a[1], b[1], c[1]],
    [a[2], b[2], c[2]],
  ];
}

/** Rounds a component of a unit vector within rounding error of 0 or ±1, so that planes stay planes. */
function tidy(x: number): number {
  const whole = Math.round(x);
  return Math.abs(x - whole) < 4e-16 ? whole + 0 : x;
}

/** cos θ 1 + sin θ [k]× + (1 − cos θ) k kᵀ, for a unit axis k. */
export function rotationAbout([x, y, z]: Vec3, angle: number): Rotation {
  const c = cos(angle);
  const s = sin(angle);
  const u = 1 - c;
  return [
    [c + u * x * x, u * x * y - s * z, u * x * z + s * y],
    [u * x * y + s * z, c + u * y * y, u * y * z - s * x],
    [u * x * z - s * y, u * y * z + s * x, c + u * z * z],
  ];
}

export type Quaternion = readonly [w: number, x: number, y: number, z: number];

export function rotationOf(q: Quaternion): Rotation {
  const norm = hypot(...q);
  const [w, x, y, z] = q.map((component) => component / norm) as unknown as Quaternion; // four components
  const R: Rotation = [
    [w * w + x * x - y * y - z * z, 2 * (x * y - w * z), 2 * (x * z + w * y)],
    [2 * (x * y + w * z), w * w - x * x + y * y - z * z, 2 * (y * z - w * x)],
    [2 * (x * z - w * y), 2 * (y * z + w * x), w * w - x * x - y * y + z * z],
  ];
  return R.map((row) => row.map(tidy)) as unknown as Rotation; // three rows of three
}

/** The unit quaternion of a rotation, computed from its largest component. */
export function quaternionOf([[a, b, c], [d, e, f], [g, h, i]]: Rotation): Quaternion {
  const squares = [1 + a + e + i, 1 + a - e - i, 1 - a + e - i, 1 - a - e + i];
  const most = squares.indexOf(Math.max(...squares));
  const r = Math.sqrt(squares[most]!) / 2;
  const s = 1 / (4 * r);
  if (most === 0) return [r, (h - f) * s, (c - g) * s, (d - b) * s];
  if (most === 1) return [(h - f) * s, r, (b + d) * s, (c + g) * s];
  if (most === 2) return [(c - g) * s, (b + d) * s, r, (f + h) * s];
  return [(d - b) * s, (c + g) * s, (f + h) * s, r];
}

/** How the compiler reads angles: in degrees or not, and the order of Euler angles. */
export interface Angles {
  readonly radians: (angle: number) => number;
  readonly eulerOrder: string;
}

/** The one orientation that an element states, if any: quat, axisangle, euler, xyaxes or zaxis. */
export function orientationOf(attributes: Attributes, { radians, eulerOrder }: Angles): Rotation {
  const stated = ["quat", "axisangle", "euler", "xyaxes", "zaxis"].filter((name) => attributes.has(name));
  if (stated.length > 1)
    attributes.fail(undefined, `states ${stated.join(" and ")}; expected one orientation`);
  const nonzero = (name: string, v: readonly number[]) => {
    if (hypot(...v) < 1e-14) attributes.fail(name, "has no direction");
  };
  const quat = attributes.numbers("quat", 4);
  if (quat !== undefined) {
    nonzero("quat", quat);
    return settled(rotationOf(quat as unknown as Quaternion)); // four numbers
  }
  const axisangle = attributes.numbers("axisangle", 4);
  if (axisangle !== undefined) {
    const [x, y, z, angle] = axisangle as [number, number, number, number];
    nonzero("axisangle", [x, y, z]);
    return settled(rotationAbout(unit([x, y, z]), radians(angle)));
  }
  const euler = attributes.numbers("euler", 3);
  if (euler !== undefined) {
    const turn = (letter: string, angle: number): Rotation => {
      const axis = noRotation["xyz".indexOf(letter.toLowerCase())]!;
      return rotationAbout(axis, radians(angle));
    };
    return settled(
      [...eulerOrder].reduce<Rotation>((R, letter, i) => {
        // Lower-case axes turn with the body, upper-case axes stay with its parent.
        const next = turn(letter, euler[i]!);
        return letter === letter.toLowerCase() ? compose(R, next) : compose(next, R);
      }, noRotation),
    );
  }
  const axes = attributes.numbers("xyaxes", 6);
  if (axes !== undefined) {
    nonzero("xyaxes", axes.slice(0, 3));
    const x = unit(axes.slice(0, 3) as unknown as Vec3); // three numbers
    const dot = x[0] * axes[3]! + x[1] * axes[4]! + x[2] * axes[5]!;
    const y: Vec3 = [axes[3]! - dot * x[0], axes[4]! - dot * x[1], axes[5]! - dot * x[2]];
    nonzero("xyaxes", y);
    return settled(transpose([x, unit(y), cross(x, unit(y))]));
  }
  const zaxis = attributes.numbers("zaxis", 3);
  if (zaxis !== undefined) {
    nonzero("zaxis", zaxis);
    return settled(shortestTo(unit(zaxis as unknown as Vec3))); // three numbers
  }
  return noRotation;
}

/** The shortest rotation that takes +z to u. */
export function shortestTo(u: Vec3): Rotation {
  const k = cross([0, 0, 1], u);
  const sine = hypot(...k);
  if (sine < 1e-10) return u[2] > 0 ? noRotation : rotationAbout([1, 0, 0], Math.PI);
  return rotationAbout(unit(k), atan2(sine, u[2]));
}

function settled(R: Rotation): Rotation {
  return isNoRotation(R) ? noRotation : R;
}

function cross(a: Vec3, b: Vec3): Vec3 {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}
