import { array, type NdArray, sin, sum } from "@sgmrl/autodiff";
import { log, sin as sinOf } from "@sgmrl/autodiff/elementary";
import { wasm } from "@sgmrl/autodiff/wasm";
import { box, defineEnvironment, finiteFamily } from "@sgmrl/envs";
import { type ContinuousProblem, continuousAnswers } from "../../exact/continuous.ts";
import { estimatorTable } from "../../meta-gradient/catalogue.ts";
import type { Estimator } from "../../meta-gradient/estimator.ts";
import { gaussianMlp } from "../../policy/gaussian-mlp.ts";

/**
 * One Gaussian action a in a state that is always 1, r = sin a. With a bounded reward V and every variance without
 * importance weights exist: an unbounded one makes ln σ after a step a polynomial in ε, and E σ² infinite.
 */
const sine = defineEnvironment<null>({
  name: "one-gaussian-step",
  summary: "one action, paid by its sine",
  observation: box(1, 0, 1),
  action: box(1, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY),
  stateSize: 1,
  horizon: 1,
  discount: 1,
  family: finiteFamily("one task", [{ weight: 1, task: null }]),
  dynamics: () => ({
    start: (_key, state, s) => {
      state[s] = 1;
    },
    advance: (_state, _s, action, at) => sinOf(action[at]!),
    terminal: () => false,
    observe: (state, s, observation, o) => {
      observation[o] = state[s]!;
    },
  }),
  differentiable: {
    step: (s: NdArray, a: NdArray) => ({
      state: s,
      reward: sum(sin(a)),
      terminated: array(0, undefined, "int32"),
    }),
    parameters: () => [0],
  },
});

export interface ContinuousAudit {
  readonly title: string;
  readonly objective: number;
  readonly gradient: readonly number[];
  readonly estimators: readonly {
    readonly name: string;
    readonly unbiasedFor: string;
    readonly bias: number;
    /**
     * Trace of the covariance; null if it keeps growing with the number of nodes (unbounded importance
     * weights).
     */
    readonly variance: number | null;
  }[];
}

/** The problem of that environment with the given sizes. */
export function gaussianStep(steps: number, trajectories: number, stepSize = 0.02): ContinuousProblem {
  return {
    environment: sine,
    task: null,
    policy: gaussianMlp(1, 1, []),
    theta: Float64Array.of(0.2, -0.5, log(0.5)),
    inner: { steps, stepSize, trajectories, advantage: "reward-to-go", convention: "paper" },
    outerTrajectories: 1,
    horizon: 1,
    discount: 1,
  };
}

/** Estimators that treat each task separately. */
function separateEstimators(): readonly Estimator[] {
  return Object.values(estimatorTable()).filter(({ taskMultipliers }) => taskMultipliers === undefined);
}

/**
 * Every single-task estimator on `gaussianStep`, by quadrature with so many points for each of its ζN + M dimensions.
 * ∇V uses two more points.
 */
export function continuousAudit(points = 10, steps = 1, trajectories = 2): ContinuousAudit {
  const problem = gaussianStep(steps, trajectories);
  const estimators = separateEstimators();
  const truth = continuousAnswers(problem, points + 2, wasm);
  const gradient = truth.gradient();
  const fewer = continuousAnswers(problem, points - 2, wasm).moments(estimators);
  return {
    title: `One Gaussian step, ζ = ${steps}, N = ${trajectories}, M = 1, α = ${problem.inner.stepSize}, by quadrature`,
    objective: truth.objective(),
    gradient: [...gradient],
    estimators: continuousAnswers(problem, points, wasm)
      .moments(estimators)
      .map(({ name, mean, variance }, e) => ({
        name,
        unbiasedFor: estimators[e]!.unbiasedFor,
        bias: mean.reduce((most, x, i) => Math.max(most, Math.abs(x - gradient[i]!)), 0),
        variance: Math.abs(variance / fewer[e]!.variance - 1) < 0.01 ? variance : null,
      })),
  };
}
