/** The quantities that determine the rate of stochastic ascent. */
export interface AscentProblem {
  /** L_V. */
  readonly smoothness: number;
  /** σ², of one task's estimate. */
  readonly variance: number;
  /** Δ ≥ sup V − V(θ_0). */
  readonly gap: number;
}

/** How to reach (1/K) Σ_k E‖∇V(θ_k)‖² ≤ ε². */
export interface AscentPlan {
  /** β. */
  readonly stepSize: number;
  /** B, tasks per iteration. */
  readonly tasks: number;
  /** K. */
  readonly iterations: number;
}

/**
 * The guarantee for β ≤ 1/L_V, for an estimator with a bias of norm b at most.          [eq:ascent] [eq:biased-ascent]
 *
 *   (1/K) Σ_{k<K} E‖∇V(θ_k)‖² ≤ 2Δ/(βK) + β L_V σ²/B + b²
 */
export function ascentBound(
  { smoothness, variance, gap }: AscentProblem,
  { stepSize, tasks, iterations }: AscentPlan,
  bias: number = 0,
): number {
  if (!(stepSize > 0 && stepSize * smoothness <= 1 + 1e-12)) {
    throw new RangeError(
      `ascentBound: the step size must be above 0 and at most 1/L_V = ${1 / smoothness}; got ${stepSize}.`,
    );
  }
  return (2 * gap) / (stepSize * iterations) + (stepSize * smoothness * variance) / tasks + bias ** 2;
}

/**
 * Step size and iterations for a given ε and B; without B, the smallest B that allows β = 1/L_V. [eq:iterations]
 *
 *   β = min( 1/L_V, ε²B / (2 L_V σ²) ),   K = ⌈4Δ/(βε²)⌉
 */
export function ascentPlan(problem: AscentProblem, epsilon: number, tasks?: number): AscentPlan {
  if (!(epsilon > 0)) throw new RangeError(`epsilon must be above 0; got ${epsilon}.`);
  const { smoothness, variance, gap } = problem;
  const B = tasks ?? Math.max(1, Math.ceil((2 * variance) / epsilon ** 2));
  const stepSize = Math.min(1 / smoothness, (epsilon ** 2 * B) / (2 * smoothness * variance));
  return { stepSize, tasks: B, iterations: Math.max(1, Math.ceil((4 * gap) / (stepSize * epsilon ** 2))) };
}
