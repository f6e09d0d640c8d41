/** A small sound environment, to be broken in one way at a time. */
import { uniformAt } from "@sgmrl/autodiff/random";
import { box, type Dynamics, type EnvironmentDefinition } from "../../../src/index.ts";

export interface Mark {
  readonly mark: number;
}

export const dynamics = ({ mark }: Mark): Dynamics => ({
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

export const good: EnvironmentDefinition<Mark> = {
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

export const changed = (changes: Partial<Dynamics>): EnvironmentDefinition<Mark> => ({
  ...good,
  dynamics: (task) => ({ ...dynamics(task), ...changes }),
});
