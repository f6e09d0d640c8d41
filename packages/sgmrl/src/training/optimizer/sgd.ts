import type { OptimizerSettings } from "../../settings.ts";
import type { Optimizer } from "./optimizer.ts";

/**
 * Stochastic gradient steps with heavy-ball momentum.                                               [eq:sgd]
 *
 *   g_t = −∇V(θ_{t−1})
 *   u_t = μ u_{t−1} + g_t                     u_0 = 0
 *   θ_t = θ_{t−1} − α u_t
 *
 * Source  Polyak, USSR Comput. Math. Math. Phys. 4(5), 1964, doi:10.1016/0041-5553(64)90137-5
 */
export function sgd({
  learningRate,
  momentum,
}: Extract<OptimizerSettings, { readonly name: "sgd" }>): Optimizer {
  return {
    averaging: averagingOf(momentum),

    initialState: (length) => ({ step: 0, moments: { u: new Float64Array(length) } }),

    ascend(theta, gradient, state) {
      const { u: u0 } = state.moments;
      const u = gradient.map((g, i) => momentum * u0![i]! - g);
      return {
        theta: theta.map((x, i) => x - learningRate * u[i]!),
        state: { step: state.step + 1, moments: { u } },
      };
    },
  };
}

/**
 * The effective number of gradients in one average of momentum, not in a run.         [eq:momentum-averaging]
 *
 *   m = (1 − β) Σ_k β^k g_{−k},   cov(m) = (1 − β)² Σ_k β^{2k} cov(g) = cov(g)/W,   W = (1 + β)/(1 − β)
 *
 * for independent gradients g with one covariance.
 */
export function averagingOf(beta: number): number {
  return (1 + beta) / (1 - beta);
}
