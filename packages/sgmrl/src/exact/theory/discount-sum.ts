/**
 *   Γ_p = Σ_{t=0}^{H−1} (t+1)^p γ^t                                                     [eq:discount-sums]
 */
export function discountSum(power: number, discount: number, horizon: number): number {
  let total = 0;
  for (let t = 0; t < horizon; t++) total += (t + 1) ** power * discount ** t;
  return total;
}
