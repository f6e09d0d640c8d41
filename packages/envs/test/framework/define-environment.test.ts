/** What no environment can be made of is refused, and so is what an environment cannot be asked. */
import { describe, expect, test } from "vitest";
import {
  box,
  checkEnvironment,
  cubeFamily,
  type Dynamics,
  defineEnvironment,
  type EnvironmentDefinition,
  EnvironmentError,
  environments,
  finiteFamily,
} from "../../src/index.ts";
import { changed, dynamics, good, type Mark } from "./support/marks.ts";

describe("defineEnvironment refuses", () => {
  test.each<[string, Partial<EnvironmentDefinition<Mark>>, RegExp]>([
    ["no name", { name: "" }, /name must be a non-empty string/],
    ["a horizon of 0", { horizon: 0 }, /marks: horizon must be a whole number of at least 1; got 0/],
    ["half a horizon", { horizon: 2.5 }, /horizon must be a whole number of at least 1; got 2\.5/],
    ["a negative horizon", { horizon: -3 }, /horizon must be a whole number/],
    [
      "a horizon as a text",
      { horizon: "20" as never },
      /horizon must be a whole number of at least 1; got "20"/,
    ],
    ["a negative discount", { discount: -0.1 }, /discount must be a number from 0 to 1; got -0\.1/],
    [
      "a discount as a text",
      { discount: "0.9" as never },
      /discount must be a number from 0 to 1; got "0\.9"/,
    ],
    [
      "bounds as texts",
      { action: { kind: "box", low: ["-1"], high: ["1"] } as never },
      /action\.low must be a list/,
    ],
    ["no bounds", { observation: { kind: "box" } as never }, /observation\.low must be a list of numbers/],
    ["a horizon without end", { horizon: Number.POSITIVE_INFINITY }, /horizon .* got Infinity/],
    ["a horizon of NaN", { horizon: Number.NaN }, /horizon .* got NaN/],
    ["a discount above 1", { discount: 1.01 }, /discount must be a number from 0 to 1; got 1.01/],
    ["a discount of NaN", { discount: Number.NaN }, /discount .* got NaN/],
    ["half a state", { stateSize: 0.5 }, /stateSize must be a whole number/],
    ["an empty box", { observation: box(0, 0, 1) }, /observation.low and .high must be equal and at least 1/],
    [
      "a box upside down",
      { action: box(2, 1, -1) },
      /action, component 0, must be an interval.*got \[1,-1\]$/,
    ],
    ["a bound of NaN", { action: box(1, Number.NaN, 1) }, /action, component 0/],
    ["no choices", { action: { kind: "discrete", count: 0 } }, /action.count must be a whole number/],
    ["no space", { action: undefined as never }, /action must be a space/],
    ["no family", { family: undefined as never }, /family.sample must be a function/],
    ["no dynamics", { dynamics: undefined as never }, /dynamics must be a function/],
    ["no summary", { summary: undefined as never }, /summary must be a text; got undefined/],
    [
      "bounds of big integers",
      { action: { kind: "box", low: [1n], high: [2n] } as never },
      /action\.low must be a list of numbers; got \[1n\]/,
    ],
    [
      "a bare bound",
      { action: { kind: "box", low: -1, high: 1 } as never },
      /action\.low must be a list of numbers; got -1/,
    ],
    ["a space that is a big integer", { action: 5n as never }, /action must be a space.*got 5n/],
    ["an mdp that is none", { mdp: {} as never }, /mdp must be a function; got \{\}/],
    ["words that are none", { inWords: "far" as never }, /inWords must be a function; got "far"/],
    ["a reason that is none", { noDerivative: "no" as never }, /noDerivative must be a function/],
    ["a program that is none", { differentiable: 5 as never }, /differentiable must be an object; got 5/],
    [
      "half a program",
      { differentiable: { step: () => undefined } as never },
      /differentiable\.parameters must be a function/,
    ],
    [
      "an adjoint that is none",
      { differentiableDynamics: null as never },
      /differentiableDynamics must be an object; got null/,
    ],
    [
      "half an adjoint",
      { differentiableDynamics: { cotangentSize: 1 } as never },
      /differentiableDynamics\.adjoint must be a function/,
    ],
    [
      "cotangents longer than the state",
      { differentiableDynamics: { cotangentSize: 2, adjoint: () => undefined } as never },
      /differentiableDynamics\.cotangentSize must be a whole number from 1 to 1, the size of a state; got 2/,
    ],
    ...(
      [
        ["without a description", { description: undefined }, /family\.description must be a text/],
        [
          "with tasks that are none",
          { tasks: 5 },
          /family\.tasks must be a list of \{ weight, task \}, at least one; got 5/,
        ],
        ["without tasks", { tasks: [] }, /family\.tasks must be a list of .* got \[\]/],
        [
          "with a task that is none",
          { tasks: [null] },
          /the weight of family\.tasks\[0\] must be a number from 0 to 1; got undefined/,
        ],
        [
          "with a cube that is none",
          { cube: null },
          /family\.cube\.dimensions must be a whole number of at least 1/,
        ],
        [
          "with half a dimension",
          { cube: { dimensions: 0.5, at: () => 0 } },
          /family\.cube\.dimensions .* got 0\.5/,
        ],
        ["with an empty cube", { cube: { dimensions: 1 } }, /family\.cube\.at must be a function of a point/],
      ] as const
    ).map(([what, part, message]): [string, Partial<EnvironmentDefinition<Mark>>, RegExp] => [
      `a family ${what}`,
      { family: { ...good.family, ...part } as never },
      message,
    ]),
  ])("%s", (_what, change, message) => {
    expect(() => defineEnvironment({ ...good, ...change })).toThrow(EnvironmentError);
    expect(() => defineEnvironment({ ...good, ...change })).toThrow(message);
  });

  test.each([undefined, null, {}, 5, "x"])("%j in place of a definition", (definition) => {
    expect(() => defineEnvironment(definition as never)).toThrow(
      /^an environment: name must be a non-empty string; got/,
    );
    expect(() => checkEnvironment(definition as never)).toThrow(
      /^an environment: name must be a non-empty string; got/,
    );
  });

  test("methods of a class, which would not be copied", () => {
    class Marks {
      dynamics(task: Mark): Dynamics {
        return dynamics(task);
      }
    }
    const definition = Object.assign(new Marks(), { ...good, dynamics: undefined });
    delete (definition as { dynamics?: unknown }).dynamics;
    expect(() => defineEnvironment(definition)).toThrow(
      /marks: dynamics must be a field of the definition itself/,
    );
  });

  test("a reward that is not finite, in a batch too", () => {
    const environment = defineEnvironment(changed({ advance: () => Number.POSITIVE_INFINITY }));
    const batch = environment.batch({ mark: 0 }, 1);
    batch.reset([{ k0: 1, k1: 2 }], new Float64Array(1));
    const out = {
      observations: new Float64Array(1),
      rewards: new Float64Array(1),
      terminated: new Uint8Array(1),
    };
    expect(() => batch.step(new Float64Array(1), out)).toThrow(
      /the reward at time 0 must be a finite number/,
    );
  });
});

describe("in use, an environment refuses", () => {
  const environment = defineEnvironment(good);
  const state = environment.reset({ k0: 1, k1: 2 }, { mark: 0 });
  test.each<[string, () => unknown, RegExp]>([
    [
      "no action",
      () => environment.step(state, undefined as never, { mark: 0 }),
      /the length of action must be 1; got 0/,
    ],
    [
      "no state",
      () => environment.step(null as never, [0], { mark: 0 }),
      /the length of state\.values must be 1; got undefined/,
    ],
    [
      "a state of another",
      () => environment.step({ ...state, values: new Float64Array(3) }, [0], { mark: 0 }),
      /the length of state\.values must be 1; got 3/,
    ],
    [
      "no state to observe",
      () => environment.observe(undefined as never, { mark: 0 }),
      /the length of state\.values/,
    ],
    [
      "no keys",
      () => environment.batch({ mark: 0 }, 1).reset(undefined as never, new Float64Array(1)),
      /the length of keys must be 1; got undefined/,
    ],
    [
      "no buffers",
      () => {
        const batch = environment.batch({ mark: 0 }, 1);
        batch.reset([{ k0: 1, k1: 2 }], new Float64Array(1));
        batch.step(new Float64Array(1), undefined as never);
      },
      /the length of observations must be 1; got undefined/,
    ],
  ])("%s", (_what, use, message) => {
    expect(use).toThrow(EnvironmentError);
    expect(use).toThrow(message);
  });

  test("dynamics that are none, or have advanceRows that is none", () => {
    const none = defineEnvironment({ ...good, dynamics: () => undefined as never });
    expect(() => none.reset({ k0: 1, k1: 2 }, { mark: 0 })).toThrow(
      /dynamics\(task\) must be an object of functions; got undefined/,
    );
    const rows = defineEnvironment(changed({ advanceRows: 3 as never }));
    expect(() => rows.batch({ mark: 0 }, 1)).toThrow(
      /dynamics\(task\)\.advanceRows must be a function; got 3/,
    );
  });
});

test.each(Object.values(environments))("$name refuses null for a task", (environment) => {
  expect(() => environment.dynamics(null)).toThrow(EnvironmentError);
});

test("families and spaces refuse what they cannot be made of", () => {
  expect(() => finiteFamily("two", undefined as never)).toThrow(/finiteFamily "two": tasks must be a list/);
  expect(() => finiteFamily("two", [{ weight: 0.4, task: 0 }])).toThrow(
    /the sum of tasks' weights must be 1; got 0\.4/,
  );
  expect(() => cubeFamily("c", -1, () => 0)).toThrow(
    /cubeFamily "c": the cube\.dimensions must be a whole number/,
  );
  expect(() => cubeFamily("c", 1, undefined as never)).toThrow(/the cube\.at must be a function of a point/);
  expect(() => box(-1, 0, 1)).toThrow("box: dimensions must be a whole number of at least 0; got -1");
  expect(() => box(undefined as never, 0, 1)).toThrow("box: dimensions must be a whole number");
});
