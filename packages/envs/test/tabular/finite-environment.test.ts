/** An environment of finitely many states refuses definitions and MDPs that contradict each other. */
import { expect, it } from "vitest";
import {
  checkEnvironment,
  EnvironmentError,
  type FiniteDefinition,
  finiteEnvironment,
  type Mdp,
} from "../../src/index.ts";

const mdp: Mdp = {
  initial: [1, 0],
  transitions: [
    [
      [0, 1],
      [1, 0],
    ],
    [
      [0, 1],
      [1, 0],
    ],
  ],
  rewards: [
    [0, 1],
    [0.5, 0],
  ],
  horizon: 5,
  discount: 0.9,
};
const definition: FiniteDefinition<object> & { readonly data: Mdp } = {
  name: "two-rooms",
  summary: "two rooms",
  states: 2,
  actions: 2,
  horizon: 5,
  discount: 0.9,
  family: { description: "one task", sample: () => ({}) },
  data: mdp,
  mdp() {
    return this.data; // a method of the definition
  },
  rewardNoise: "none",
  endsAtOnce: false,
};

it("passes the check", () => checkEnvironment(finiteEnvironment(definition)));

it.each<[string, Partial<Mdp>, RegExp]>([
  ["horizon", { horizon: 3 }, /two-rooms: mdp\.horizon must be 5, the environment's; got 3/],
  ["discount", { discount: 0.5 }, /two-rooms: mdp\.discount must be 0\.9, the environment's; got 0\.5/],
  ["states", { initial: [1] }, /two-rooms: mdp\.(initial|transitions) must be one entry per state/],
])("an MDP of another %s is refused", (_, changes, message) => {
  const environment = finiteEnvironment({ ...definition, mdp: () => ({ ...mdp, ...changes }) });
  expect(() => environment.dynamics({})).toThrow(message);
  expect(() => checkEnvironment(environment)).toThrow(message);
});

it.each<[string, object, RegExp]>([
  ["no name", { name: undefined }, /an environment: name must be/],
  ["no MDP", { mdp: undefined }, /two-rooms: mdp must be a function; got undefined/],
  ["half a state", { states: 1.5 }, /two-rooms: states must be a whole number of at least 1; got 1\.5/],
  ["no actions", { actions: 0 }, /two-rooms: actions must be a whole number of at least 1; got 0/],
  [
    "another law",
    { rewardNoise: "gaussian" },
    /rewardNoise must be one of none, bernoulli, normal; got "gaussian"/,
  ],
  ["no end", { endsAtOnce: undefined }, /endsAtOnce must be true or false; got undefined/],
  [
    "an end at once before its horizon",
    { endsAtOnce: true },
    /horizon must be 1, since endsAtOnce is true; or set it to false; got 5/,
  ],
  ["words that are none", { inWords: "far" }, /inWords must be a function; got "far"/],
])("a definition with %s is refused", (_, changes, message) => {
  const define = () => finiteEnvironment({ ...definition, ...changes } as never);
  expect(define).toThrow(EnvironmentError);
  expect(define).toThrow(message);
});
