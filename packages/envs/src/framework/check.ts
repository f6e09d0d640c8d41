import { assertPicture } from "./check-picture.ts";
import type { Dynamics, EnvironmentDefinition } from "./environment.ts";
import { EnvironmentError } from "./errors.ts";
import type { Space } from "./space.ts";

/** Refuses a buffer or an action of the wrong length. */
export function assertLength(name: string, field: string, got: number, expected: number): void {
  if (got !== expected) throw new EnvironmentError(name, `the length of ${field}`, got, String(expected));
}

/** Refuses components that are not finite, and discrete actions outside the space; boxes clip. */
export function assertAction(
  name: string,
  action: Float64Array,
  a: number,
  space: Space,
  time: number,
): void {
  if (space.kind === "discrete") {
    const index = action[a]!;
    if (Number.isInteger(index) && index >= 0 && index < space.count) return;
    throw new EnvironmentError(
      name,
      `action at time ${time}`,
      index,
      `a whole number from 0 to ${space.count - 1}`,
    );
  }
  for (let i = 0; i < space.low.length; i++) {
    if (Number.isFinite(action[a + i]!)) continue;
    const expected = "a finite number (have the policy's parameters diverged?)";
    throw new EnvironmentError(name, `action[${a + i}] at time ${time}`, action[a + i], expected);
  }
}

/** Refuses a reward that is not finite. */
export function assertReward(name: string, reward: number, time: number): void {
  if (Number.isFinite(reward)) return;
  throw new EnvironmentError(name, `the reward at time ${time}`, reward, "a finite number");
}

/** Refuses an answer of `terminal` that is not a boolean; a forgotten `return` would otherwise never end anything. */
export function assertTerminal(name: string, ended: boolean, time: number): void {
  if (typeof ended === "boolean") return;
  throw new EnvironmentError(name, `terminated at time ${time}`, ended, "true or false");
}

/** The dynamics of a task, unless a function is missing. */
export function assertDynamics(name: string, dynamics: Dynamics): Dynamics {
  for (const part of ["start", "advance", "terminal", "observe"] as const)
    if (typeof dynamics?.[part] !== "function")
      throw new EnvironmentError(name, `dynamics(task).${part}`, dynamics?.[part], "a function");
  return dynamics;
}

/** Refuses a definition from which no environment can be made, naming the field. */
export function assertDefinition<Task>(definition: EnvironmentDefinition<Task>): void {
  const { name, observation, action, stateSize, horizon, discount, family, inWords, dynamics } = definition;
  const of = typeof name === "string" && name !== "" ? name : "an environment";
  const refuse = (field: string, got: unknown, expected: string): never => {
    throw new EnvironmentError(of, field, got, expected);
  };
  if (of !== name) refuse("name", name, "a non-empty string");
  assertSpace(of, "observation", observation);
  if (observation.kind !== "box") refuse("observation", (observation as Space).kind, "a box");
  assertSpace(of, "action", action);
  const whole: readonly (readonly [field: string, value: number])[] = [
    ["stateSize", stateSize],
    ["horizon", horizon],
  ];
  for (const [field, value] of whole) {
    if (!(Number.isSafeInteger(value) && value >= 1)) refuse(field, value, "a whole number of at least 1");
  }
  if (!(typeof discount === "number" && discount >= 0 && discount <= 1))
    refuse("discount", discount, "a number from 0 to 1");
  if (typeof family?.sample !== "function") refuse("family.sample", family?.sample, "a function of a key");
  if (typeof dynamics !== "function") refuse("dynamics", dynamics, "a function of a task");
  if (inWords !== undefined && typeof inWords !== "function")
    refuse("inWords", inWords, "a function of a task");
  assertPicture(of, definition.picture, stateSize);
}

function assertSpace(name: string, field: string, space: Space): void {
  if (space?.kind === "discrete") {
    if (Number.isSafeInteger(space.count) && space.count >= 1) return;
    throw new EnvironmentError(name, `${field}.count`, space.count, "a whole number of at least 1");
  }
  if (space?.kind !== "box") {
    throw new EnvironmentError(name, field, space, "a space: box(…) or discrete(…)");
  }
  const { low, high } = space;
  for (const [side, bounds] of Object.entries({ low, high })) {
    if (Array.from(bounds ?? [undefined]).every((bound) => typeof bound === "number")) continue;
    throw new EnvironmentError(name, `${field}.${side}`, bounds, "a list of numbers");
  }
  if (low.length !== high.length || low.length === 0) {
    const got = `${low.length} and ${high.length}`;
    throw new EnvironmentError(name, `the lengths of ${field}.low and .high`, got, "equal and at least 1");
  }
  low.forEach((bound, i) => {
    if (bound <= high[i]!) return;
    const got = [bound, high[i]];
    throw new EnvironmentError(
      name,
      `${field}, component ${i},`,
      got,
      "an interval [low, high], low <= high",
    );
  });
}
