import { power } from "../../power.ts";

/**
 *   Γ_p = Σ_{t=0}^{H−1} (t+1)^p γ^t                                                     [eq:discount-sums]
 */
export function discountSum(p: number, discount: number, horizon: number): number {
  let total = 0;
  for (let t = 0; t < horizon; t++) total += Math.exp(p * Math.log(t + 1)) * power(discount, t);
  return total;
}
