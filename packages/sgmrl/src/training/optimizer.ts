/**
 * First-order optimizers as pure functions on vectors. The code everywhere else maximises V; the minus sign that
 * turns this into the minimisation the optimizers were published for stands in this file and nowhere else.
 */
import { power } from "../arithmetic.ts";
import type { OptimizerSettings } from "../settings.ts";

/** Everything an optimizer remembers between steps. It is plain data and is written to checkpoints unchanged. */
export interface OptimizerState {
  /** t, the number of steps taken. */
  readonly step: number;
  /** Running vectors by name, each of the length of θ. */
  readonly moments: Readonly<Record<string, Float64Array>>;
}

/** θ after a step, and the optimizer's new state. */
export interface OptimizerStep {
  readonly theta: Float64Array;
  readonly state: OptimizerState;
}

/** Steps uphill as pure functions from one state to the next. */
export interface Optimizer {
  /** W: for independent gradients of equal variance, the momentum has the variance of a mean over W of them. */
  readonly averaging: number;
  initialState(length: number): OptimizerState;
  /** One step uphill, along an estimate of ∇V(θ). Its arguments are not modified. */
  ascend(theta: Float64Array, gradient: Float64Array, state: OptimizerState): OptimizerStep;
}

/** The optimizer that the settings describe: Adam or gradient steps with heavy-ball momentum. Never throws. */
export function createOptimizer(settings: OptimizerSettings): Optimizer {
  return settings.name === "adam" ? adam(settings) : sgd(settings);
}

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
function adam({
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

/**
 * Stochastic gradient steps with heavy-ball momentum.                                               [eq:sgd]
 *
 *   g_t = −∇V(θ_{t−1})
 *   u_t = μ u_{t−1} + g_t                     u_0 = 0
 *   θ_t = θ_{t−1} − α u_t
 *
 * Source  Polyak, USSR Comput. Math. Math. Phys. 4(5), 1964, doi:10.1016/0041-5553(64)90137-5
 */
function sgd({ learningRate, momentum }: Extract<OptimizerSettings, { readonly name: "sgd" }>): Optimizer {
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
 * The effective number of gradients in one momentum average, not over a run.                    [eq:momentum-averaging]
 *
 *   m = (1 − β) Σ_k β^k g_{−k},   cov(m) = (1 − β)² Σ_k β^{2k} cov(g) = cov(g)/W,   W = (1 + β)/(1 − β)
 *
 * for independent gradients g with equal covariance.
 */
export function averagingOf(beta: number): number {
  return (1 + beta) / (1 - beta);
}
