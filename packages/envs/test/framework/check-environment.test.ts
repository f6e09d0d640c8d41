/** Every environment keeps its contract, and each way of breaking it is found. */
import { describe, expect, test } from "vitest";
import {
  checkEnvironment,
  type Dynamics,
  defineEnvironment,
  discrete,
  drawTrajectory,
  type Environment,
  type EnvironmentDefinition,
  EnvironmentError,
  environments,
} from "../../src/index.ts";
import { changed, dynamics, good, type Mark } from "./support/marks.ts";

test.each(Object.values(environments))("$name passes", (environment) => {
  checkEnvironment(environment, { tasks: 1, timesteps: 8 });
});
test("a sound definition passes", () => checkEnvironment(defineEnvironment(good)));

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
