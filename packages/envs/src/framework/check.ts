import { assertFamily } from "./check-family.ts";
import { assertPicture } from "./check-picture.ts";
import type { Dynamics, EnvironmentDefinition } from "./environment.ts";
import { EnvironmentError } from "./errors.ts";
import type { Space } from "./space.ts";

/** Refuses a buffer or an action of the wrong length. */
export function assertLength(name: string, field: string, got: number | undefined, expected: number): void {
  if (got !== expected) throw new EnvironmentError(name, `the length of ${field}`, got, String(expected));
}

/** Refuses a choice that is none of these. */
export function assertOneOf(name: string, field: string, choice: string, choices: readonly string[]): void {
  if (!choices.includes(choice))
    throw new EnvironmentError(name, field, choice, `one of ${choices.join(", ")}`);
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
  if (typeof dynamics !== "object" || dynamics === null)
    throw new EnvironmentError(name, "dynamics(task)", dynamics, "an object of functions");
  const required = ["start", "advance", "terminal", "observe"] as const;
  assertFunctions(name, dynamics, required, ["advanceRows"], "dynamics(task).");
  return dynamics;
}

/** The name of a definition, by which errors call it. */
export function nameOf(definition: { readonly name: string } | undefined): string {
  const name: unknown = definition?.name; // it may be anything
  if (typeof name === "string" && name !== "") return name;
  throw new EnvironmentError("an environment", "name", name, "a non-empty string");
}

/** Refuses what is there and is no function, and what is required and not there; errors call the parts `of`. */
export function assertFunctions<T extends object>(
  name: string,
  parts: T,
  required: readonly (keyof T & string)[],
  optional: readonly (keyof T & string)[],
  of = "",
): void {
  for (const part of [...required, ...optional]) {
    const value: unknown = parts[part];
    if (typeof value === "function" || (value === undefined && !required.includes(part))) continue;
    throw new EnvironmentError(name, `${of}${part}`, value, "a function");
  }
}

/** Refuses a definition from which no environment can be made, naming the field. */
export function assertDefinition<Task>(definition: EnvironmentDefinition<Task>): void {
  const of = nameOf(definition);
  const { summary, observation, action, stateSize, horizon, discount, family } = definition;
  const refuse = (field: string, got: unknown, expected: string): never => {
    throw new EnvironmentError(of, field, got, expected);
  };
  if (typeof summary !== "string") refuse("summary", summary, "a text");
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
  assertFamily(of, family);
  assertFunctions(of, definition, ["dynamics"], ["inWords", "mdp", "noDerivative"]);
  if (!Object.hasOwn(definition, "dynamics"))
    refuse("dynamics", "a method of a class", "a field of the definition itself, whose fields are copied");
  assertDerivative(of, definition);
  assertPicture(of, definition.picture, stateSize);
}

function assertDerivative<Task>(name: string, definition: EnvironmentDefinition<Task>): void {
  const { differentiable, differentiableDynamics: adjoint, observation, stateSize } = definition;
  const part = (field: string, value: object): void => {
    if (typeof value !== "object" || value === null)
      throw new EnvironmentError(name, field, value, "an object");
  };
  if (differentiable !== undefined) {
    part("differentiable", differentiable);
    assertFunctions(name, differentiable, ["step", "parameters"], [], "differentiable.");
    if (observation.low.length !== stateSize) {
      const expected = `${observation.low.length}, the length of an observation, since a differentiable step's state is one`;
      throw new EnvironmentError(name, "stateSize", stateSize, expected);
    }
    const { jumps } = differentiable;
    if (jumps !== undefined) {
      part("differentiable.jumps", jumps);
      assertFunctions(name, jumps, ["move", "arrive", "distance"], [], "differentiable.jumps.");
      if (!(Number.isFinite(jumps.width) && jumps.width > 0))
        throw new EnvironmentError(
          name,
          "differentiable.jumps.width",
          jumps.width,
          "a finite number above 0",
        );
      if (typeof jumps.where !== "string")
        throw new EnvironmentError(name, "differentiable.jumps.where", jumps.where, "a text");
    }
  }
  if (adjoint === undefined) return;
  part("differentiableDynamics", adjoint);
  assertFunctions(name, adjoint, ["adjoint"], ["contactDepth"], "differentiableDynamics.");
  const size = adjoint.cotangentSize;
  if (!(Number.isSafeInteger(size) && size >= 1 && size <= stateSize)) {
    const expected = `a whole number from 1 to ${stateSize}, the size of a state`;
    throw new EnvironmentError(name, "differentiableDynamics.cotangentSize", size, expected);
  }
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
    if (typeof bounds?.every === "function" && bounds.every((bound) => typeof bound === "number")) continue;
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
