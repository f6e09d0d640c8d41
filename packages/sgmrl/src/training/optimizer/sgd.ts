import type { OptimizerSettings } from "../../settings.ts";
import { averagingOf } from "./averaging.ts";
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
