/**
 * Robots of which one field, whichever it is, holds what it should not. Either the robot is refused, naming the field, or
 * its model has finite numbers alone and its first step ends in a finite state or in an error that says so.
 */
import { fold, key, uniform } from "@sgmrl/autodiff/random";
import { afterAll, expect, test } from "vitest";
import { fuzzSettings, runs } from "../../../../../vitest.fuzz.ts";
import {
  compileModel,
  DivergenceError,
  initialState,
  type Model,
  type Robot,
  RobotError,
  StateError,
  step,
} from "../../../src/rigid-body/index.ts";
import { robots } from "../../../src/rigid-body/robots/index.ts";
import { everyField } from "../support/every-field.ts";

type Path = readonly (string | number)[];

const numbers = [
  Number.NaN,
  Infinity,
  -Infinity,
  1e308,
  -1e308,
  1e200,
  1e75,
  -1e75,
  5e-324,
  -1,
  0,
  -0,
  1e-200,
];
const others = [undefined, null, "1", "", true, {}, [], [[]], () => 1, 1n, "\u001b[2J"];
const absent = Symbol("absent");
/** For a list: shorter, longer, with a hole. */
const stretched = (list: readonly unknown[]): readonly unknown[] => [
  list.slice(0, -1),
  list.slice(1),
  [...list, list.at(-1)],
  [...list, 0],
  Object.assign([...list], { length: list.length + 1 }),
];

function* placesOf(value: unknown, path: Path = []): Generator<Path> {
  yield path;
  if (typeof value === "object" && value !== null)
    for (const [name, member] of Object.entries(value))
      yield* placesOf(member, [...path, Array.isArray(value) ? Number(name) : name]);
}

type Tree = Record<string | number, unknown>;

function at(value: unknown, path: Path): unknown {
  return path.reduce((inner, name) => (inner as Tree)[name], value);
}

/** The value with another in one place; `absent` takes the field away. */
function replaced(value: unknown, [first, ...rest]: Path, other: unknown): unknown {
  if (first === undefined) return other;
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Tree;
  if (rest.length === 0 && other === absent) delete copy[first];
  else copy[first] = replaced(copy[first], rest, other);
  return copy;
}

const counts = { refused: 0, compiled: 0, diverged: 0 };
afterAll(() => {
  const { refused, compiled, diverged } = counts;
  console.log(
    `${refused + compiled} hostile robots: ${refused} refused by field, ${compiled} compiled to finite numbers, ` +
      `${diverged} of these diverge at their first step and say so; others 0`,
  );
});

/** What may be infinite: a motor's range and a servo's forces, a joint's range, the reach of the floor. */
const mayBeInfinite =
  /\.(motorLow|motorHigh)\[|forceRange|\.limits\[\d+\]\.(low|high)$|\.pairs\[\d+\]\.reach$/;

function infinite(value: unknown, place: string): string | undefined {
  if (typeof value === "number")
    return Number.isFinite(value) || (mayBeInfinite.test(place) && !Number.isNaN(value)) ? undefined : place;
  if (ArrayBuffer.isView(value)) return infinite(Array.from(value as unknown as ArrayLike<number>), place);
  if (typeof value !== "object" || value === null) return undefined;
  for (const [name, member] of Object.entries(value)) {
    const found = infinite(member, Array.isArray(value) ? `${place}[${name}]` : `${place}.${name}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What is wrong with what became of the robot; nothing if all is well. */
function attack(robot: Robot, path: Path, what: unknown): string[] {
  const label = `${robot.name}, ${path.join(".")} = ${typeof what === "object" ? JSON.stringify(what) : String(what)}`;
  let model: Model;
  try {
    model = compileModel(replaced(robot, path, what) as Robot);
  } catch (error) {
    counts.refused++;
    return error instanceof RobotError && error.part !== "" ? [] : [`${label}: ${error}`];
  }
  counts.compiled++;
  const place = infinite(model, "model");
  if (place !== undefined) return [`${label}: ${place} is not finite`];
  try {
    const { qpos, qvel } = step(model, initialState(model), new Float64Array(model.nu));
    return [...qpos, ...qvel].every(Number.isFinite) ? [] : [`${label}: the step ends in ${qpos}; ${qvel}`];
  } catch (error) {
    counts.diverged++;
    return error instanceof DivergenceError || error instanceof StateError ? [] : [`${label}: ${error}`];
  }
}

/** Every kind of wrong value for a place that now holds `value`. */
function wrongValues(value: unknown): unknown[] {
  return [...numbers, ...others, ...(Array.isArray(value) ? stretched(value) : [])];
}

test.each(everyField.map((robot) => [robot.name, robot] as const))(
  "every field of a robot %s, with every kind of wrong value",
  (_, robot) => {
    const problems: string[] = [];
    for (const path of placesOf(robot)) {
      const value = at(robot, path);
      for (const wrong of wrongValues(value)) problems.push(...attack(robot, path, wrong));
      if (path.length > 0) problems.push(...attack(robot, path, absent));
      if (typeof value === "object" && !Array.isArray(value))
        problems.push(...attack(robot, [...path, "unheard-of"], 1));
    }
    expect(problems).toEqual([]);
  },
);

test("the robots, with one wrong value in a random place", () => {
  const seed = fuzzSettings().seed ?? Math.floor(Date.now() % 1e9);
  const all = Object.values(robots).map((robot) => ({ robot, places: [...placesOf(robot)] }));
  for (let i = 0; i < runs(300); i++) {
    const [a, b, c] = uniform(fold(key(seed), i), 3);
    const { robot, places } = all[Math.floor(a! * all.length)]!;
    const path = places[Math.floor(b! * places.length)]!;
    const wrong = wrongValues(at(robot, path));
    expect(attack(robot, path, wrong[Math.floor(c! * wrong.length)]), `case ${i} of seed ${seed}`).toEqual(
      [],
    );
  }
});
