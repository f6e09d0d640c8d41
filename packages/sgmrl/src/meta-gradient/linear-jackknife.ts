import type { Multipliers, ScoreRule } from "./estimator.ts";

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
 * `linearJackknifeBias` (exact/theory/estimator-bounds.ts) bounds it.
 */
export const linearJackknife: ScoreRule<Multipliers> = ({
  update: { stepSize },
  step: { batch, surrogate },
  lambda,
  derivatives,
}) => {
  const product = surrogate.product(derivatives.tangent(lambda));
  const whole = product();
  return { multipliers: Float64Array.from(batch.lengths, (_, j) => stepSize * (whole - product([j]))) };
};
