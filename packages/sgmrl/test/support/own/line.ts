// An environment of one's own, as a user's file: walk along a line to a goal that is the task.
import { box, cubeFamily, defineEnvironment, type Environment } from "@sgmrl/envs";
import { reward } from "./reward.ts";

const line: Environment<number> = defineEnvironment<number>({
  name: "line",
  summary: "walk along a line to a goal",
  observation: box(1, -10, 10),
  action: box(1, -1, 1),
  stateSize: 1,
  horizon: 6,
  discount: 0.9,
  family: cubeFamily("goals ~ uniform(-1, 1)", 1, (u) => 2 * u[0]! - 1),
  dynamics: (goal) => ({
    start(_key, state, s) {
      state[s] = 0;
    },
    advance(state, s, action, a) {
      state[s] = Math.max(-10, Math.min(10, state[s]! + 0.3 * action[a]!));
      return reward(state[s]!, goal);
    },
    terminal: () => false,
    observe(state, s, observation, o) {
      observation[o] = state[s]!;
    },
  }),
});

export default line;
