import { pick } from "../trajectory.ts";
import { dot } from "../vector.ts";
import type { MultiplierRule } from "./estimator.ts";

/**
 * The jackknife to first order: what leaving out τ_j does to θ_t, times what the return gains from θ_t.
 *                                                                                       [eq:multiplier-jackknife-linear]
 *   m_j = λ_t · (θ_t − θ_t^{−j}),   θ_t^{−j} = U(θ_{t−1}; D_t \ {τ_j})
 *       = α Σ_r (w_r − w_r^{−j}) λ_t · ∇ℓ_r,   w^{−j} the weights of D_t \ {τ_j}, 0 on τ_j itself
 *
 * One tangent for all j, no importance weights, no new data, and the same for any ζ. The weights are those that the rest
 * would have had, so that centring, standardising and fitting are accounted for; `linearisedReturn` takes
 * w_r^{−j} = w_r instead, and keeps a bias of the order of the term itself where U does any of these.
 *
 * What is left out, (θ_t − θ_t^{−j})ᵀ∇²V^{(t)}(θ_t − θ_t^{−j})/2, is of order α²/N²; over the N scores, a bias of order α²/N:
 * `linearJackknifeBias` (theory/estimator-bounds.ts) bounds it.
 */
export const linearJackknife: MultiplierRule = (
  { model, stepSize, weights },
  { steps },
  t,
  _outer,
  lambda,
) => {
  const { batch, theta, weights: w } = steps[t - 1]!;
  const { trajectories: N, horizon: H } = batch;
  const tangent = model.tangent(theta, batch, lambda);
  const whole = dot(w, tangent);
  const without = (j: number): number => {
    if (N === 1) return 0;
    const kept = Array.from({ length: N - 1 }, (_, i) => (i < j ? i : i + 1));
    const rest = weights(pick(batch, kept));
    return kept.reduce(
      (sum, k, i) => sum + dot(rest.subarray(i * H, (i + 1) * H), tangent.subarray(k * H, (k + 1) * H)),
      0,
    );
  };
  return { values: Float64Array.from({ length: N }, (_, j) => stepSize * (whole - without(j))) };
};
