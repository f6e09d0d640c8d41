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
