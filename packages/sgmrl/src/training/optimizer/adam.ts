import { power } from "../../power.ts";
import type { OptimizerSettings } from "../../settings.ts";
import type { Optimizer } from "./optimizer.ts";
import { averagingOf } from "./sgd.ts";

/**
 * Adam.                                                                                            [eq:adam]
 *
 *   g_t = −∇V(θ_{t−1})
 *   m_t = β₁ m_{t−1} + (1 − β₁) g_t           m_0 = 0
 *   v_t = β₂ v_{t−1} + (1 − β₂) g_t²          v_0 = 0
 *   θ_t = θ_{t−1} − α m̂_t / (√v̂_t + ε)        m̂_t = m_t / (1 − β₁ᵗ),  v̂_t = v_t / (1 − β₂ᵗ)
 *
 * Source  Kingma & Ba, ICLR 2015, arXiv:1412.6980, algorithm 1
 */
export function adam({
  learningRate,
  beta1,
  beta2,
  epsilon,
}: Extract<OptimizerSettings, { readonly name: "adam" }>): Optimizer {
  return {
    averaging: averagingOf(beta1),

    initialState: (length) => ({
      step: 0,
      moments: { m: new Float64Array(length), v: new Float64Array(length) },
    }),

    ascend(theta, gradient, state) {
      const t = state.step + 1;
      const { m: m0, v: v0 } = state.moments;
      const m = gradient.map((g, i) => beta1 * m0![i]! + (1 - beta1) * -g);
      const v = gradient.map((g, i) => beta2 * v0![i]! + (1 - beta2) * g * g);
      const correction1 = 1 - power(beta1, t);
      const correction2 = 1 - power(beta2, t);
      return {
        theta: theta.map((x, i) => {
          const mHat = m[i]! / correction1;
          const vHat = v[i]! / correction2;
          return x - (learningRate * mHat) / (Math.sqrt(vHat) + epsilon);
        }),
        state: { step: t, moments: { m, v } },
      };
    },
  };
}
