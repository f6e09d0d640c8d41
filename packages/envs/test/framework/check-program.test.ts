/** A differentiable step beside the dynamics: each way in which the two can differ is found. */
import {
  abs,
  add,
  array,
  clip,
  lessEqual,
  mul,
  type NdArray,
  neg,
  select,
  sub,
  sum,
  zeros,
} from "@sgmrl/autodiff";
import { expect, test } from "vitest";
import {
  checkEnvironment,
  type DifferentiableStep,
  type Dynamics,
  defineEnvironment,
  type EnvironmentDefinition,
  EnvironmentError,
  type Jumps,
} from "../../src/index.ts";
import { type Mark, dynamics as marks, good as sound } from "./support/marks.ts";

/** A point on a line is pushed to a mark, and rewarded beyond it; the episode ends at the wall. */
const dynamics = ({ mark }: Mark): Dynamics => ({
  ...marks({ mark }),
  advance(state, s, action, a) {
    state[s] = Math.min(1, Math.max(-1, state[s]! + 0.5 * action[a]!));
    return state[s]! >= mark ? state[s]! : 0;
  },
  terminal: (state, s) => state[s]! >= 1,
});

const move: Jumps["move"] = (s, a) => add(s, mul(0.5, a));
const arrive: Jumps["arrive"] = (_s, aim, mark) => {
  const state = clip(aim, -1, 1);
  return {
    state,
    reward: sum(select(lessEqual(mark, state), state, 0)),
    terminated: select(lessEqual(1, sum(state)), array(1, undefined, "int32"), array(0, undefined, "int32")),
  };
};
const distance: Jumps["distance"] = (_s, aim, mark) => sum(abs(sub(aim, mark)));
const jumps: Jumps = { width: 0.1, where: "the reward begins", move, arrive, distance };
const program: DifferentiableStep<Mark> = {
  step: (s, a, mark) => arrive(s, move(s, a), mark),
  parameters: ({ mark }) => [mark],
  jumps,
};

const good: EnvironmentDefinition<Mark> = { ...sound, dynamics, differentiable: program };

test("equal texts pass, and a difference by rounding", () => {
  checkEnvironment(defineEnvironment(good));
  const rounded = (s: NdArray, a: NdArray, mark: NdArray) => program.step(add(s, 1e-15), a, mark);
  checkEnvironment(defineEnvironment({ ...good, differentiable: { ...program, step: rounded } }));
});

const changed =
  (part: "state" | "reward" | "terminated", to: (x: NdArray) => NdArray): Jumps["arrive"] =>
  (...given) => {
    const result = arrive(...given);
    return { ...result, [part]: to(result[part]) };
  };
const stepOf = (of: Jumps["arrive"]): DifferentiableStep<Mark> => ({
  ...program,
  step: (s, a, mark) => of(s, move(s, a), mark),
});
const withJumps = (changes: Partial<Jumps>): DifferentiableStep<Mark> => ({
  ...program,
  jumps: { ...jumps, ...changes },
});
const late = changed("terminated", (end) => mul(0, end));

test.each<[string, DifferentiableStep<Mark>, RegExp]>([
  [
    "another state",
    stepOf(changed("state", (x) => mul(1.001, x))),
    /the state reached by differentiable\.step at time \d+ must be/,
  ],
  [
    "another reward",
    stepOf(changed("reward", neg)),
    /the reward of differentiable\.step at time \d+ must be/,
  ],
  [
    "another end",
    stepOf(late),
    /the end by differentiable\.step at time \d+ must be 1, as without the program; got 0/,
  ],
  [
    "another task",
    { ...program, parameters: ({ mark }) => [mark + 0.1] },
    /the reward of differentiable\.step/,
  ],
  [
    "another step where data jump",
    withJumps({ move: (s, a) => add(s, a) }),
    /the state reached by arrive\(s, move\(s, a\)\)/,
  ],
  [
    "another reward where data jump",
    withJumps({ arrive: changed("reward", neg) }),
    /the reward of arrive\(s, move\(s, a\)\)/,
  ],
  [
    "a distance with a sign",
    withJumps({ distance: (_s, aim, mark) => sum(sub(aim, mark)) }),
    /jumps\.distance at time \d+ must be at least 0; got -/,
  ],
  [
    "a state with a number missing",
    stepOf(changed("state", () => zeros([0]))),
    /the length of the state reached by differentiable\.step must be 1; got 0/,
  ],
])("checkEnvironment finds %s", (_what, differentiable, message) => {
  const environment = defineEnvironment({ ...good, differentiable });
  expect(() => checkEnvironment(environment)).toThrow(EnvironmentError);
  expect(() => checkEnvironment(environment)).toThrow(message);
});

test("checkEnvironment finds an observation that is not the state", () => {
  const seen = (task: Mark): Dynamics => ({
    ...dynamics(task),
    observe(state, s, observation, o) {
      observation[o] = state[s]! / 2;
    },
  });
  expect(() => checkEnvironment(defineEnvironment({ ...good, dynamics: seen }))).toThrow(
    /the state, which the policy sees, at time 0 must be .*, as without the program/,
  );
});

test.each<[string, Partial<EnvironmentDefinition<Mark>>, RegExp]>([
  ["a state that is no observation", { stateSize: 2 }, /stateSize must be 1, the length of an observation/],
  [
    "jumps without a distance",
    { differentiable: withJumps({ distance: undefined as never }) },
    /jumps\.distance must be a function/,
  ],
  [
    "a width of 0",
    { differentiable: withJumps({ width: 0 }) },
    /jumps\.width must be a finite number above 0; got 0/,
  ],
  [
    "jumps nowhere",
    { differentiable: withJumps({ where: undefined as never }) },
    /jumps\.where must be a text/,
  ],
])("defineEnvironment refuses %s", (_what, changes, message) => {
  expect(() => defineEnvironment({ ...good, ...changes })).toThrow(message);
});
