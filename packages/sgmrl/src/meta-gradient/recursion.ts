import { addScaled, norm } from "../arithmetic.ts";
import type { Estimator, ScoreTerm, TaskRun } from "./estimator.ts";
import { stepDerivatives } from "./step-derivatives.ts";

/** One task's estimate of ∇V_ζ(θ), with statistics. */
export interface MetaGradient {
  /** λ_0 = P_0 + S_0, the estimate of ∇V_ζ(θ): [d]. */
  readonly gradient: Float64Array;
  /** P_0: [d]. */
  readonly pathwise: Float64Array;
  /** S_0: [d]; null if the estimator has no score term. */
  readonly score: Float64Array | null;
  readonly statistics: {
    readonly pathwiseNorm: number;
    /** |S_0|, 0 if there is none. */
    readonly scoreNorm: number;
    /** Mean and standard deviation of the multipliers over trajectories and steps; 0 if there are none. */
    readonly multiplierMean: number;
    readonly multiplierStd: number;
    /** Smallest over the steps. */
    readonly effectiveSampleSize: number;
  };
}

/**
 * The backward recursion of every estimator, with its two terms kept apart.                              [eq:recursion]
 *
 *   P_ζ     = ĝ,                 S_ζ     = 0
 *   P_{t−1} = P_t + α C_t P_t,   S_{t−1} = S_t + α C_t S_t + Σ_{τ_j ∈ D_t} m_{t,j} s(τ_j; θ_{t−1}),   t = ζ, …, 1
 *   λ_t     = P_t + S_t
 *
 *   P    pathwise term: the derivative of the update, with the data held fixed
 *   S    score term: the derivative of the distribution of the data
 *   C_t  curvature of the surrogate on D_t at θ_{t−1}
 *   m    multipliers of the scores
 *
 * With C_t = ∇²ν(θ_{t−1}; D_t) and m_{t,j} = Ĵ this is SG-MRL, and E λ_0 = ∇V_ζ(θ): ĝ and Ĵ are unbiased given
 * D_1 … D_ζ, and the recursion is linear in them.
 *
 * Source   Fallah, Georgiev, Mokhtari & Ozdaglar, NeurIPS 2021, arXiv:2002.05135
 * Example  docs/examples/meta-gradient.ts
 */
export function metaGradient({ curvature, score: rule }: Estimator, run: TaskRun): MetaGradient {
  const { steps } = run.adaptation;
  const alpha = run.update.stepSize;
  const terms: ScoreTerm[] = [];

  let pathwise = run.outer.gradient;
  let score: Float64Array | null = null; // 0
  for (let t = steps.length; t >= 1; t--) {
    const step = steps[t - 1]!;
    const lambda = plus(pathwise, score);
    const derivatives = stepDerivatives(run.update, step, curvature, score ? [pathwise, score] : [pathwise]);

    let scoreSum: Float64Array | null = null;
    if (rule !== null) {
      const term = rule({ ...run, t, step, lambda, derivatives });
      scoreSum = "vector" in term ? term.vector : derivatives.scoreSum(term.multipliers);
      terms.push(term);
    }

    pathwise = addScaled(pathwise, alpha, derivatives.curvatureProduct(pathwise));
    if (score !== null) score = addScaled(score, alpha, derivatives.curvatureProduct(score));
    if (scoreSum !== null) score = plus(scoreSum, score);
  }
  return { gradient: plus(pathwise, score), pathwise, score, statistics: statistics(pathwise, score, terms) };
}

function plus(x: Float64Array, y: Float64Array | null): Float64Array {
  return y === null ? x : addScaled(x, 1, y);
}

function statistics(
  pathwise: Float64Array,
  score: Float64Array | null,
  terms: readonly ScoreTerm[],
): MetaGradient["statistics"] {
  const multipliers = terms.flatMap((term) => ("multipliers" in term ? [...term.multipliers] : []));
  const count = Math.max(1, multipliers.length);
  const multiplierMean = multipliers.reduce((total, m) => total + m, 0) / count;
  const squares = multipliers.reduce((total, m) => total + (m - multiplierMean) ** 2, 0);
  return {
    pathwiseNorm: norm(pathwise),
    scoreNorm: score === null ? 0 : norm(score),
    multiplierMean,
    multiplierStd: Math.sqrt(squares / count),
    effectiveSampleSize: terms.reduce(
      (smallest, { effectiveSampleSize = 1 }) => Math.min(smallest, effectiveSampleSize),
      1,
    ),
  };
}
