import type { Tree } from "../../../../src/config/tree.ts";

/** Settings with which a run of a contest takes milliseconds. */
export const tinySettings: Tree = {
  experiment: {
    environment: "toy-1d",
    policy: { hidden: [2] },
    inner: { trajectories: 2 },
    outer: { trajectories: 2 },
  },
  tasks: 2,
  evaluation: { tasks: 2, finalTasks: 4, steps: 1 },
};
