/**
 * The one-dimensional toy problem: two goals, and two policy parameters, so it can be plotted. [eq:toy-1d]
 *
 *   s_0 ~ U[-2, 2]
 *   s'  = clip(a, 2)
 *   r   = exp(-(s' - g)^2 / 10)                   g uniform over {-1, +1}
 *
 * Observation s. Horizon 5, undiscounted, no termination; actions are not scaled. Its policy has mean
 * theta_0 s^2 + theta_1 and standard deviation 1.
 *
 * Source    experiments/1d_env of the code of Fallah et al., NeurIPS 2021, arXiv:2002.05135 (also of Rothfuss et
 *           al., ProMP, ICLR 2019, arXiv:1810.06784)
 */
import { exp } from "@sgmrl/autodiff/elementary";
import { clip } from "../framework/action-scaling.ts";
import { assertTask } from "../framework/check-task.ts";
import { defineEnvironment } from "../framework/define-environment.ts";
import type { Dynamics, Environment } from "../framework/environment.ts";
import { box, uniformAround0 } from "../framework/space.ts";
import { finiteFamily } from "../framework/task-family.ts";
import { copyRow } from "./plane.ts";
import { toyProgram } from "./toy-1d-program.ts";

const bound = 2;
const name = "toy-1d";

/** The goal on the line: −1 or +1. */
export interface Toy1DTask {
  readonly goal: number;
}

/** The one-dimensional toy. Shapes  state, observation and action [1]          [eq:toy-1d] */
export function toy1D(): Environment<Toy1DTask> {
  return defineEnvironment({
    name,
    summary: "a point on a line jumps to where it is told, and is paid for being near -1 or +1",
    observation: box(1, -bound, bound),
    action: box(1, -bound, bound),
    stateSize: 1,
    horizon: 5,
    discount: 1,
    family: finiteFamily(
      "the goal is -1 or +1, each with probability 1/2",
      [-1, 1].map((goal) => ({ weight: 1 / 2, task: { goal } })),
    ),
    inWords: ({ goal }) => `near ${goal}`,
    dynamics: toyDynamics,
    differentiable: toyProgram(bound),
  });
}

function toyDynamics(task: Toy1DTask): Dynamics {
  assertTask(name, { goal: 1 }, task);
  const { goal } = task;
  return {
    start(key, state, s) {
      state[s] = uniformAround0(key, 0, bound);
    },
    advance(state, s, action, a) {
      const next = clip(action[a]!, bound);
      state[s] = next;
      return exp(-0.1 * (next - goal) * (next - goal));
    },
    terminal: () => false,
    observe: copyRow(1),
  };
}
