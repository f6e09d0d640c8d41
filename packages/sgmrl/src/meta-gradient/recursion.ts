import type { Adaptation, InnerUpdate } from "../inner/adapt.ts";
import type { TaskSampler } from "../sampling/task-sampler.ts";
import { addScaled, norm, sub } from "../vector.ts";
import type { Estimator, ScoreTerm } from "./estimator.ts";
import type { OuterEstimate } from "./outer.ts";
import { stepDerivatives } from "./step-derivatives.ts";

/** One task, adapted to: everything that its meta-gradient is estimated from. */
export interface TaskRun {
  readonly update: InnerUpdate;
  readonly adaptation: Adaptation;
  readonly outer: OuterEstimate;
  /** What drew the data; absent if the data were given. */
  readonly sampler?: TaskSampler;
}

export interface MetaGradient {
  /** λ_0, the estimate of ∇V_ζ(θ): [d]. */
  readonly gradient: Float64Array;
  /** λ_0 without score terms: [d]. */
  readonly pathwise: Float64Array;
  readonly statistics: {
    /** |pathwise|, and |gradient − pathwise|. */
    readonly pathwiseNorm: number;
    readonly scoreNorm: number;
    /** Mean and standard deviation of the multipliers over trajectories and steps; 0 if there are none. */
    readonly multiplierMean: number;
    readonly multiplierStd: number;
    /** Smallest over the steps. */
    readonly effectiveSampleSize: number;
  };
}

/**
 * The backward recursion of every estimator.                                            [eq:recursion]
 *
 *   λ_ζ     = ĝ
 *   λ_{t−1} = λ_t + α C_t λ_t + c Σ_{τ_j ∈ D_t} m_{t,j} s(τ_j; θ_{t−1}),   t = ζ, …, 1
 *
 *   C_t  curvature of the surrogate on D_t at θ_{t−1}: how the update moves with θ
 *   m    multipliers of the scores: how the data D_t move with θ
 *   c    coefficient on the score term, 1 unless asked otherwise
 *
 * With C_t = ∇²ν(θ_{t−1}; D_t), m_{t,j} = Ĵ and c = 1 this is SG-MRL, and E λ_0 = ∇V_ζ(θ): ĝ and Ĵ are unbiased
 * given D_1 … D_ζ, and the recursion is linear in them.
 *
 * Source  Fallah, Georgiev, Mokhtari & Ozdaglar, NeurIPS 2021, arXiv:2002.05135
 */
export function metaGradient(estimator: Estimator, run: TaskRun, c: number = 1): MetaGradient {
  const { steps } = run.adaptation;
  const alpha = run.update.stepSize;
  const scoreTerms: ScoreTerm[] = [];

  let lambda = run.outer.gradient;
  let pathwise = lambda; // λ without score terms
  for (let t = steps.length; t >= 1; t--) {
    const step = steps[t - 1]!;
    const along = (v: Float64Array) => stepDerivatives(run.update, step, estimator.curvature, v);

    const derivatives = along(lambda);
    const term = c === 0 ? null : (estimator.score?.({ ...run, t, step, lambda, derivatives }) ?? null);
    const S = term === null ? null : "vector" in term ? term.vector : derivatives.scoreSum(term.multipliers);
    const curved = addScaled(lambda, alpha, derivatives.curvatureProduct());

    pathwise = pathwise === lambda ? curved : addScaled(pathwise, alpha, along(pathwise).curvatureProduct());
    lambda = S === null ? curved : addScaled(curved, c, S);
    if (term !== null) scoreTerms.push(term);
  }
  return { gradient: lambda, pathwise, statistics: statistics(lambda, pathwise, scoreTerms) };
}

function statistics(
  gradient: Float64Array,
  pathwise: Float64Array,
  terms: readonly ScoreTerm[],
): MetaGradient["statistics"] {
  const multipliers = terms.flatMap((term) => ("multipliers" in term ? [...term.multipliers] : []));
  const count = Math.max(1, multipliers.length);
  const multiplierMean = multipliers.reduce((total, m) => total + m, 0) / count;
  const squares = multipliers.reduce((total, m) => total + (m - multiplierMean) ** 2, 0);
  return {
    pathwiseNorm: norm(pathwise),
    scoreNorm: terms.length === 0 ? 0 : norm(sub(gradient, pathwise)),
    multiplierMean,
    multiplierStd: Math.sqrt(squares / count),
    effectiveSampleSize: terms.reduce(
      (smallest, { effectiveSampleSize = 1 }) => Math.min(smallest, effectiveSampleSize),
      1,
    ),
  };
}
