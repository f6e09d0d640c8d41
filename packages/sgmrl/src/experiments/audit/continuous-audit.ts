import { add, array, mul, type NdArray, sum } from "@sgmrl/autodiff";
import { log } from "@sgmrl/autodiff/elementary";
import { wasm } from "@sgmrl/autodiff/wasm";
import { box, defineEnvironment, finiteFamily } from "@sgmrl/envs";
import { type ContinuousProblem, continuousAnswers } from "../../exact/continuous.ts";
import { estimatorTable } from "../../meta-gradient/catalogue.ts";
import { gaussianMlp } from "../../policy/gaussian-mlp.ts";

/** One Gaussian action a in a state that is always 1, r = a − a²/4 + a³/20. */
const cubic = defineEnvironment<null>({
  name: "one-gaussian-step",
  summary: "one action, paid by a cubic polynomial",
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
    advance: (_state, _s, action, at) => {
      const a = action[at]!;
      return a - (a * a) / 4 + (a * a * a) / 20;
    },
    terminal: () => false,
    observe: (state, s, observation, o) => {
      observation[o] = state[s]!;
    },
  }),
  differentiable: {
    step: (s: NdArray, a: NdArray) => {
      const polynomial = mul(a, add(1, mul(a, add(-1 / 4, mul(a, 1 / 20)))));
      return { state: s, reward: sum(polynomial), terminated: array(0, undefined, "int32") };
    },
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

/** Every single-task estimator on a problem with Gaussian actions, by quadrature. ∇V uses two more points. */
export function continuousAudit(points = 10): ContinuousAudit {
  const problem: ContinuousProblem = {
    environment: cubic,
    task: null,
    policy: gaussianMlp(1, 1, []),
    theta: Float64Array.of(0.2, -0.5, log(0.5)),
    inner: { steps: 1, stepSize: 0.02, trajectories: 2, advantage: "reward-to-go", convention: "paper" },
    outerTrajectories: 1,
    horizon: 1,
    discount: 1,
  };
  const estimators = Object.values(estimatorTable()).filter(
    ({ taskMultipliers }) => taskMultipliers === undefined,
  );
  const truth = continuousAnswers(problem, points + 2, wasm);
  const gradient = truth.gradient();
  const fewer = continuousAnswers(problem, points - 2, wasm).moments(estimators);
  return {
    title: "One Gaussian step, ζ = 1, N = 2, M = 1, α = 0.02, by quadrature",
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
