/** Every environment keeps its contract, and each way of breaking it is found. */
import { uniformAt } from "@sgmrl/autodiff/random";
import { describe, expect, test } from "vitest";
import {
  box,
  checkEnvironment,
  type Dynamics,
  defineEnvironment,
  type EnvironmentDefinition,
  EnvironmentError,
  environments,
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
      /the observation at the start must be a point of its space; got "\[3\]"/,
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

describe("defineEnvironment refuses", () => {
  test.each<[string, Partial<EnvironmentDefinition<Mark>>, RegExp]>([
    ["no name", { name: "" }, /name must be a non-empty string/],
    ["a horizon of 0", { horizon: 0 }, /marks: horizon must be a whole number of at least 1; got 0/],
    ["a horizon without end", { horizon: Number.POSITIVE_INFINITY }, /horizon .* got Infinity/],
    ["a horizon of NaN", { horizon: Number.NaN }, /horizon .* got NaN/],
    ["a discount above 1", { discount: 1.01 }, /discount must be a number from 0 to 1; got 1.01/],
    ["a discount of NaN", { discount: Number.NaN }, /discount .* got NaN/],
    ["half a state", { stateSize: 0.5 }, /stateSize must be a whole number/],
    ["an empty box", { observation: box(0, 0, 1) }, /observation.low and .high must be equal and at least 1/],
    [
      "a box upside down",
      { action: box(2, 1, -1) },
      /action, component 0, must be an interval.*got "\[1, -1\]"/,
    ],
    ["a bound of NaN", { action: box(1, Number.NaN, 1) }, /action, component 0/],
    ["no choices", { action: { kind: "discrete", count: 0 } }, /action.count must be a whole number/],
    ["no space", { action: undefined as never }, /action must be a space/],
    ["no family", { family: undefined as never }, /family.sample must be a function/],
    ["no dynamics", { dynamics: undefined as never }, /dynamics must be a function/],
  ])("%s", (_what, change, message) => {
    expect(() => defineEnvironment({ ...good, ...change })).toThrow(EnvironmentError);
    expect(() => defineEnvironment({ ...good, ...change })).toThrow(message);
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
