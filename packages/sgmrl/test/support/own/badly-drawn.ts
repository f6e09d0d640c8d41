/** An environment whose picture cannot be shown. */
import { defineEnvironment, type Environment } from "@sgmrl/envs";
import pushed from "./pushed.ts";

const environment: Environment<{ readonly mark: number }> = defineEnvironment({
  ...pushed,
  picture: {
    draw: ({ title }) => ({ title, dt: 1, isTimed: true, moments: [], goals: [], leavesTrail: false }),
  },
});

export default environment;
