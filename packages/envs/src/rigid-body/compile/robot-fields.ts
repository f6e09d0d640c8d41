/** Valid values of a robot's fields. A field added to robot.ts does not compile until it is added here. */
import { hypot } from "@sgmrl/autodiff/elementary";
import type {
  AxialJoint,
  BallJoint,
  Body,
  Box,
  Capsule,
  Contacts,
  Floor,
  FreeJoint,
  MassProperties,
  Motor,
  Robot,
  Rotation,
  Softness,
  Sphere,
  Surface,
} from "../model/robot.ts";

/** Calls `fail` with the path of an invalid value, and what is wrong with it. */
type Check = (value: unknown, at: string, fail: Fail) => void;
export type Fail = (part: string, problem: string) => never;
type Fields<T> = { readonly [K in keyof T]-?: Check };

/** Checks every field of the robot, at any depth: presence, type, length and range. */
export function checkFields(robot: Robot, fail: Fail): void {
  robotFields(robot, "", fail);
}

function number(expected: string, allowed: (x: number) => boolean): Check {
  return (value, at, fail) => {
    if (typeof value !== "number" || !allowed(value)) fail(at, `is ${shown(value)}; expected ${expected}`);
  };
}

/** Far beyond any robot, and small enough that the squares of two such numbers have a finite product. */
const largest = 1e75;
const finite = number(`a finite number, at most ${largest}`, (x) => Math.abs(x) <= largest);
const positive = number(`a positive number, at most ${largest}`, (x) => x > 0 && x <= largest);
const atLeastZero = number(`at least 0 and at most ${largest}`, (x) => x >= 0 && x <= largest);
const bits = number("a whole number of 32 bits", (x) => Number.isInteger(x) && Math.abs(x) < 2 ** 32);
/** May be infinite. */
const bound = number("a number", (x) => !Number.isNaN(x));

const oneOf =
  (...values: readonly unknown[]): Check =>
  (value, at, fail) => {
    if (!values.includes(value)) fail(at, `is ${shown(value)}; expected ${values.map(shown).join(" or ")}`);
  };

const text: Check = (value, at, fail) => {
  if (typeof value !== "string") fail(at, `is ${shown(value)}; expected a string`);
};

const optional =
  (check: Check): Check =>
  (value, at, fail) => {
    if (value !== undefined) check(value, at, fail);
  };

const tuple =
  (...items: readonly Check[]): Check =>
  (value, at, fail) => {
    if (!Array.isArray(value) || value.length !== items.length)
      return fail(at, `is ${shown(value)}; expected a list of ${items.length}`);
    items.forEach((item, i) => {
      item(value[i], `${at}[${i}]`, fail);
    });
  };

/** A list, whose items errors refer to by a `noun` and their name, if they have one. */
const list =
  (item: Check, noun?: string): Check =>
  (value, at, fail) => {
    if (!Array.isArray(value)) return fail(at, `is ${shown(value)}; expected a list`);
    for (let i = 0; i < value.length; i++) {
      const name = value[i]?.name;
      const plain = `${at}[${i}]`;
      const place =
        typeof name !== "string"
          ? plain
          : noun === undefined
            ? `${plain} "${name}"`
            : `${at.replace(/\.\w+$/, "")}, ${noun} "${name}"`;
      item(value[i], place, fail);
    }
  };

const record =
  <T>(fields: Fields<T>): Check =>
  (value, at, fail) => {
    if (typeof value !== "object" || value === null || Array.isArray(value))
      return fail(at || "the robot", `is ${shown(value)}; expected an object`);
    const inside = (key: string): string => (at === "" ? key : `${at}.${key}`);
    for (const key of Object.keys(value))
      if (!Object.hasOwn(fields, key))
        fail(inside(key), `is not a field; expected one of ${Object.keys(fields).join(", ")}`);
    for (const [key, check] of Object.entries<Check>(fields))
      check((value as Readonly<Record<string, unknown>>)[key], inside(key), fail); // an object, by the lines above
  };

/** Objects of several kinds, distinguished by their field "kind". */
const byKind =
  (kinds: Readonly<Record<string, Check>>): Check =>
  (value, at, fail) => {
    const kind: unknown =
      typeof value === "object" && value !== null && "kind" in value ? value.kind : undefined;
    if (typeof kind !== "string" || !Object.hasOwn(kinds, kind))
      return fail(`${at}.kind`, `is ${shown(kind)}; expected ${Object.keys(kinds).map(shown).join(" or ")}`);
    kinds[kind]!(value, at, fail);
  };

const vector = tuple(finite, finite, finite);
const direction: Check = (value, at, fail) => {
  vector(value, at, fail);
  positive(hypot(...(value as readonly number[])), `${at} length`, fail); // three numbers, by the line above
};
const directions = tuple(direction, direction, direction);

const unitVector: Check = (value, at, fail) => {
  vector(value, at, fail);
  const length = hypot(...(value as readonly number[])); // three numbers, by the line above
  if (Math.abs(length - 1) > 1e-6) fail(at, `has length ${length}; expected a unit vector`);
};

const rotation: Check = (value, at, fail) => {
  tuple(unitVector, unitVector, unitVector)(value, at, fail);
  const [x, y, z] = value as Rotation; // by the line above
  const volume =
    x[0] * (y[1] * z[2] - y[2] * z[1]) +
    x[1] * (y[2] * z[0] - y[0] * z[2]) +
    x[2] * (y[0] * z[1] - y[1] * z[0]);
  if (Math.abs(volume - 1) > 1e-6) fail(at, `has determinant ${volume}; expected a rotation`);
};

const unitQuaternion: Check = (value, at, fail) => {
  tuple(finite, finite, finite, finite)(value, at, fail);
  const length = hypot(...(value as readonly number[])); // four numbers, by the line above
  if (Math.abs(length - 1) > 1e-6) fail(at, `has length ${length}; expected a unit quaternion`);
};

const range: Check = (value, at, fail) => {
  tuple(bound, bound)(value, at, fail);
  const [low, high] = value as readonly [number, number]; // by the line above
  if (!(low < high)) fail(at, `is [${low}, ${high}]; expected low < high`);
};

const softness = record<Softness>({
  timeConstant: positive,
  dampingRatio: positive,
  impedance: tuple(finite, finite, finite, finite, finite),
});
const surface = record<Surface>({
  friction: atLeastZero,
  contactDimension: oneOf(1, 3),
  margin: finite,
  softness,
});
const contacts = record<Contacts>({ groups: bits, touches: bits });

const solid = {
  kind: text,
  name: text,
  contacts: optional(contacts),
  center: vector,
  density: atLeastZero,
  surface,
};
const round = { ...solid, radius: positive, boxFrame: optional(directions) };
const shape = byKind({
  sphere: record<Sphere>(round),
  capsule: record<Capsule>({ ...round, axis: direction, halfLength: positive }),
  box: record<Box>({ ...solid, axes: rotation, halfSizes: tuple(positive, positive, positive) }),
});

const common = { kind: text, name: text, armature: atLeastZero, damping: atLeastZero };
const axial = record<AxialJoint>({
  ...common,
  axis: direction,
  anchor: vector,
  reference: finite,
  stiffness: finite,
  springReference: optional(finite),
  range: optional(range),
  limitMargin: optional(finite),
  limitSoftness: softness,
});
const joint = byKind({
  slide: axial,
  hinge: axial,
  free: record<FreeJoint>({ ...common, orientation: optional(unitQuaternion) }),
  ball: record<BallJoint>({
    ...common,
    anchor: vector,
    axes: directions,
    limit: optional(
      record<NonNullable<BallJoint["limit"]>>({
        angle: positive,
        margin: finite,
        softness,
      }),
    ),
  }),
});

const body = record<Body>({
  name: text,
  parent: text,
  position: vector,
  joints: list(joint, "joint"),
  shapes: list(shape, "shape"),
  masses: optional(
    list(
      record<MassProperties>({
        mass: atLeastZero,
        center: vector,
        inertia: tuple(finite, finite, finite, finite, finite, finite),
      }),
    ),
  ),
});

const motor = record<Motor>({
  joint: text,
  gear: finite,
  range,
  servo: optional(record<NonNullable<Motor["servo"]>>({ gain: finite, bias: vector, forceRange: range })),
});

const robotFields = record<Robot>({
  name: text,
  timestep: positive,
  integrator: oneOf("euler", "rk4"),
  gravity: vector,
  totalMass: optional(positive),
  fluid: optional(record<NonNullable<Robot["fluid"]>>({ density: atLeastZero, viscosity: atLeastZero })),
  floor: optional(
    record<Floor>({
      height: finite,
      normal: optional(unitVector),
      surface,
      contacts: optional(contacts),
    }),
  ),
  margins: optional(oneOf("largest", "sum")),
  selfCollision: oneOf(true, false),
  excluded: optional(list(tuple(text, text))),
  bodies: list(body),
  motors: list(motor),
});

function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 80));
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return typeof value === "object" && value !== null ? "an object" : String(value);
}
