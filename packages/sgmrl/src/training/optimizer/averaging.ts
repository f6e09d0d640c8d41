/**
 * How many gradients momentum averages over: m = (1 − β) Σ_k β^k g_{−k} of independent g has            [eq:momentum-averaging]
 *
 *   cov(m) = (1 − β)² Σ_k β^{2k} cov(g) = cov(g)/W,   W = (1 + β)/(1 − β)
 */
export function averagingOf(beta: number): number {
  return (1 + beta) / (1 - beta);
}
