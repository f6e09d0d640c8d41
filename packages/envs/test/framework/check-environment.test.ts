/** Every environment keeps its contract, and each way of breaking it is found. */
import { uniformAt } from "@sgmrl/autodiff/random";
import { describe, expect, test } from "vitest";
import {
  box,
  checkEnvironment,
  cubeFamily,
  type Dynamics,
  defineEnvironment,
  discrete,
  drawTrajectory,
  type Environment,
  type EnvironmentDefinition,
  EnvironmentError,
  environments,
  finiteFamily,
} from "../../src/index.ts";

test.each(Object.values(environments))("$name passes", (environment) => {
  checkEnvironment(environment, { tasks: 1, timesteps: 8 });
});

interface Mark {
  readonly mark: number;
}

const dynamics = ({ mark }: Mark): Dynamics => ({
  start(key, state, s) {
    state[s] = uniformAt(key, 1);
  },
  advance(state, s, action, a) {
    state[s] = Math.min(1, Math.max(-1, state[s]! + 0.1 * action[a]!));
    return -Math.abs(state[s]! - mark);
  },
  terminal: () => false,
  observe(state, s, observation, o) {
    observation[o] = state[s]!;
  },
});

const good: EnvironmentDefinition<Mark> = {
  name: "marks",
  summary: "a point is pushed to a mark",
  observation: box(1, -1, 1),
  action: box(1, -1, 1),
  stateSize: 1,
  horizon: 20,
  discount: 0.9,
  family: { description: "the mark is uniform", sample: (key) => ({ mark: uniformAt(key, 0) }) },
  dynamics,
};

test("a sound definition passes", () => checkEnvironment(defineEnvironment(good)));

const changed = (changes: Partial<Dynamics>): EnvironmentDefinition<Mark> => ({
  ...good,
  dynamics: (task) => ({ ...dynamics(task), ...changes }),
});
let calls = 0;

describe("checkEnvironment finds", () => {
  test.each<[string, EnvironmentDefinition<Mark>, RegExp]>([
    [
      "a task drawn from elsewhere",
      { ...good, family: { ...good.family, sample: () => ({ mark: calls++ }) } },
      /a task must be a function of its key alone/,
    ],
    [
      "a start drawn from elsewhere",
      changed({
        start(_key, state, s) {
          state[s] = 1 / ++calls;
        },
      }),
      /the state of reset.*the same again/,
    ],
    [
      "a step that remembers",
      changed({
        advance(state, s) {
          state[s] = 1 / ++calls;
          return 0;
        },
      }),
      /the state reached twice at time 0/,
    ],
    [
      "a reward of NaN",
      changed({ advance: () => Number.NaN }),
      /the reward at time 0 must be a finite number; got NaN/,
    ],
    [
      "an observation outside its space",
      changed({
        observe(_state, _s, observation, o) {
          observation[o] = 3;
        },
      }),
      /the observation at the start must be a point of its space; got \[3\]$/,
    ],
    [
      "an observation that is not finite",
      changed({
        observe(_state, _s, observation, o) {
          observation[o] = Number.NaN;
        },
      }),
      /observation\[0\] at the start must be a finite number/,
    ],
    ...(
      [
        [
          "a reward drawn from elsewhere",
          { advance: () => -Math.random() },
          /the reward given twice at time 0 must be -0\.\d+/,
        ],
        [
          "a step drawn from elsewhere",
          { advance: (state, s) => (state[s] = Math.random() / 2) },
          /the state reached twice at time 0, number 0, must be 0\.\d+, the same again/,
        ],
        [
          "an observation drawn from elsewhere",
          { observe: (_state, _s, out, o) => void out.fill(Math.random(), o, o + 1) },
          /the observation at time 0, number 0, must be 0\.\d+, the same again/,
        ],
        [
          "an end drawn from elsewhere",
          { terminal: () => ++calls % 2 === 0 },
          /terminated at time 0, asked again,/,
        ],
        [
          "an end that is a number",
          { terminal: () => 7 as never },
          /terminated at time 0 must be true or false; got 7/,
        ],
        [
          "an end without an answer",
          { terminal: () => undefined as never },
          /terminated at time 0 must be true or false; got undefined/,
        ],
        [
          "a reward that is a text",
          { advance: () => "1" as never },
          /the reward at time 0 must be a finite number; got "1"/,
        ],
        [
          "a reward that comes later",
          { advance: (async () => 1) as never },
          /the reward at time 0 must be a finite/,
        ],
        [
          "NaN after some steps",
          {
            advance: (state, s, _a, _i, _key, time) => 0 * state.fill(time < 3 ? 0 : 0 / 0, s, s + 1).length,
          },
          /observation\[0\] at time 3 must be a finite number; got NaN/,
        ],
        [
          "an infinite reward after some steps",
          { advance: (_state, _s, _action, _a, _key, time) => 1 / (4 - time) },
          /the reward at time 4 must be a finite number; got Infinity/,
        ],
        [
          "a function that is missing",
          { observe: undefined as never },
          /dynamics\(task\)\.observe must be a function/,
        ],
        [
          "a state that observing changes",
          {
            observe(state, s, out, o) {
              out[o] = 0;
              state[s] = 0.25;
            },
          },
          /state\[0\] after observe must be left at -?0\.\d+; got 0\.25/,
        ],
        [
          "an action that is changed in place",
          { advance: (_state, _s, action, a) => (action[a] = 0) },
          /action\[0\] after advance must be left at/,
        ],
        [
          "an observation longer than its space",
          { observe: (_state, _s, out, o) => void out.fill(0.5, o, o + 2) },
          /observation\[1\] after observe must be left at NaN; got 0\.5/,
        ],
        [
          "an observation that is not always written",
          { observe: (state, s, out, o) => void (Number.isNaN(out[o]) || out.fill(state[s]!, o, o + 1)) },
          /observation\[0\] after observe must be written/,
        ],
        ["a start that leaves what was there", { start: () => {} }, /state\[0\] after start must be written/],
        [
          "a step beyond its row",
          { advance: (state, s) => (state[s + 1] = 0) },
          /state\[1\] after advance must be left at NaN; got 0/,
        ],
      ] satisfies readonly (readonly [string, Partial<Dynamics>, RegExp])[]
    ).map(([what, changes, message]): [string, EnvironmentDefinition<Mark>, RegExp] => [
      what,
      changed(changes),
      message,
    ]),
    [
      "a state that asking for the end changes, where nobody observes it",
      {
        ...changed({
          start: (_key, state, s) => void state.fill(0.5, s, s + 2),
          terminal: (state, s) => state.fill(1 + state[s + 1]!, s + 1, s + 2).length === 0,
        }),
        stateSize: 2,
      },
      /state\[1\] after terminal must be left at/,
    ],
    [
      "weights below 0",
      {
        ...good,
        family: {
          ...good.family,
          tasks: [
            { weight: -0.5, task: { mark: 0 } },
            { weight: 1.5, task: { mark: 1 } },
          ],
        },
      },
      /the weight of family\.tasks\[0\] must be a number from 0 to 1; got -0\.5/,
    ],
    [
      "what one trajectory leaves for another",
      {
        ...good,
        dynamics: (task) => {
          const plain = dynamics(task);
          let last = 0;
          return {
            ...plain,
            start(key, state, s) {
              last = 0;
              plain.start(key, state, s);
            },
            advance(state, s, action, a, key, time) {
              const reward = plain.advance(state, s, action, a, key, time) + last;
              last = state[s]!;
              return reward;
            },
          };
        },
      },
      /the reward of trajectory 1 of a batch at time 0/,
    ],
    [
      "weights that do not sum to 1",
      { ...good, family: { ...good.family, tasks: [{ weight: 0.4, task: { mark: 0 } }] } },
      /weights must be 1; got 0.4/,
    ],
    ...(
      [
        ["a function", () => 1],
        ["undefined", undefined],
        ["a field that is undefined", { mark: 0, more: undefined }],
        ["a number that is not finite", { mark: 0, most: Number.POSITIVE_INFINITY }],
        ["NaN in a list", { mark: 0, list: [Number.NaN] }],
        ["a typed array", { mark: 0, weights: Float64Array.of(1) }],
        ["a map", { mark: 0, table: new Map() }],
        ["a big integer", { mark: 0, count: 1n }],
        ["a date", { mark: 0, since: new Date(0) }],
        ["a symbol", { mark: 0, list: [Symbol("s")] }],
      ] as const
    ).map(([what, task]): [string, EnvironmentDefinition<Mark>, RegExp] => [
      `a task that is no plain data: ${what}`,
      { ...good, family: { ...good.family, sample: () => task as unknown as Mark } },
      /a task must be plain data/,
    ]),
  ])("%s", (_what, definition, message) => {
    expect(() => checkEnvironment(defineEnvironment(definition))).toThrow(EnvironmentError);
    expect(() => checkEnvironment(defineEnvironment(definition))).toThrow(message);
  });
});

test("a definition that nothing was made of is refused by checkEnvironment", () => {
  expect(() => checkEnvironment(good as never)).toThrow(
    /marks: what defineEnvironment makes of a definition, reset must be a function; got undefined/,
  );
});

test("a task that contains itself is no plain data", () => {
  const task: { mark: number; self?: unknown } = { mark: 0 };
  task.self = task;
  const environment = defineEnvironment({ ...good, family: { ...good.family, sample: () => task } });
  expect(() => checkEnvironment(environment)).toThrow(/a task must be plain data/);
});

describe("an MDP beside the dynamics", () => {
  const mdp = { initial: [1], transitions: [[[1], [1]]], rewards: [[0, 1]], horizon: 20, discount: 0.9 };
  const beside = (changes: object | null) =>
    defineEnvironment({
      ...changed({
        advance: () => 0,
        observe: (_s, _i, out, o) => void out.fill(0, o, o + 1),
        start: (_k, state, s) => void state.fill(0, s, s + 1),
      }),
      action: discrete(2),
      mdp: () => (changes === null ? null : { ...mdp, ...changes }) as never,
    });

  test("passes if it agrees", () => checkEnvironment(beside({})));

  test.each<[object | null, RegExp]>([
    [null, /marks: mdp must be an MDP; got null/],
    [{ horizon: 3 }, /marks: mdp\.horizon must be 20, the environment's; got 3/],
    [{ discount: 0.5 }, /marks: mdp\.discount must be 0\.9, the environment's; got 0\.5/],
    [
      { rewards: [[0]], transitions: [[[1]]] },
      /marks: mdp\.transitions\[0\] must be one entry per action \(2\)/,
    ],
    [{ initial: undefined }, /marks: mdp\.rewards must be at least one of each/],
    [{ transitions: null }, /marks: mdp\.transitions must be a list, one entry per state \(1\); got null/],
  ])("%j is refused", (changes, message) => {
    expect(() => checkEnvironment(beside(changes))).toThrow(message);
    expect(() => checkEnvironment(beside(changes))).toThrow(EnvironmentError);
  });

  test("is not drawn with states that it does not have", () => {
    const walk = { title: "", task: { mark: 0 }, states: [Float64Array.of(5)], actions: [] };
    expect(() => drawTrajectory(beside({}) as Environment, walk)).toThrow(
      /marks: the state at time 0 must be a state of its MDP, 0 to 0; got 5/,
    );
    expect(() => drawTrajectory(beside(null) as Environment, walk)).toThrow(/marks: mdp must be an MDP/);
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

test("what an environment throws after some steps passes through the check", () => {
  const throws = changed({
    advance(_state, _s, _action, _a, _key, time) {
      if (time === 3) throw new TypeError("the road ends");
      return 0;
    },
  });
  expect(() => checkEnvironment(defineEnvironment(throws))).toThrow(new TypeError("the road ends"));
});

test.each([{ tasks: 0 }, { timesteps: 0 }, { tasks: 1.5 }, { timesteps: Number.NaN }])(
  "a check of nothing is refused: %o",
  (options) => {
    expect(() => checkEnvironment(defineEnvironment(good), options)).toThrow(
      /checkEnvironment's (tasks|timesteps) must be a whole number of at least 1/,
    );
  },
);

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
