import type { Adaptation, AdaptationStep, Problem } from "../inner/adapt.ts";
import { isStep } from "../trajectory.ts";
import { addScaled, norm, sub } from "../vector.ts";
import type { TaskCombination } from "./across-tasks.ts";
import { type Curvature, surrogateHessian } from "./curvature.ts";
import type { OuterEstimate } from "./outer.ts";

/**
 * What multiplies the score of each trajectory of D_t: m_j, [N]. Returns, or differences of returns: an advantage
 * standardised over the batch has mean zero and would delete the term (refused by `defineEstimator`).
 */
export interface Multipliers {
  readonly values: Float64Array;
  /** Effective sample size of the importance weights behind them, as a fraction; 1 where there are none. */
  readonly effectiveSampleSize?: number;
}

export type MultiplierRule = (
  problem: Problem,
  adaptation: Adaptation,
  /** t, counted from 1 as in θ_t. */
  t: number,
  outer: OuterEstimate,
  /** λ_t, what the recursion has reached: an estimate of the gradient in θ_t. */
  lambda: Float64Array,
  /** ∇ℓ_r · λ_t of the rows of D_t at θ_{t−1}: [rows]. Costs little beside the curvature that the recursion takes anyway. */
  tangent: () => Float64Array,
) => Multipliers;

/** An estimator of ∇V_ζ, by the terms of the recursion that it keeps. */
export interface Estimator {
  readonly name: string;
  readonly summary: string;
  /** What its expectation is. */
  readonly unbiasedFor: string;
  readonly source: string;
  readonly curvature: Curvature | null;
  readonly multipliers: MultiplierRule | null;
  /** Whether it draws data again (`Problem.redraw`), so that it cannot be fed with given data. */
  readonly redraws?: boolean;
  /** How the tasks of a batch are put together, where that is more than their mean. */
  readonly acrossTasks?: TaskCombination;
}

export interface MetaGradient {
  /** λ_0, the estimate of ∇V_ζ(θ): [d]. */
  readonly gradient: Float64Array;
  /** λ_0 with all m_j = 0: [d]. */
  readonly pathwise: Float64Array;
  readonly statistics: {
    /** |pathwise|, and |what the score terms add|. */
    readonly pathwiseNorm: number;
    readonly scoreNorm: number;
    /** Mean and standard deviation of the multipliers, over trajectories and steps. */
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
export function metaGradient(
  estimator: Estimator,
  problem: Problem,
  adaptation: Adaptation,
  outer: OuterEstimate,
  scoreCoefficient: number = 1,
): MetaGradient {
  let lambda = outer.gradient;
  let pathwise = outer.gradient;
  let scored = false;
  let effectiveSampleSize = 1;
  const multipliers: number[] = [];

  for (let t = adaptation.steps.length; t >= 1; t--) {
    const step = adaptation.steps[t - 1]!;
    const curvature = curvatureAt(estimator.curvature, problem, step, pathwise);
    // Before the first score, λ is the pathwise part itself.
    const tangent = (): Float64Array =>
      scored ? problem.model.tangent(step.theta, step.batch, lambda) : curvature.tangent();
    const m =
      estimator.multipliers !== null && scoreCoefficient !== 0
        ? estimator.multipliers(problem, adaptation, t, outer, lambda, tangent)
        : null;
    const { curved, score } = curvature.with(m);
    const through = (vector: Float64Array, product: Float64Array | null): Float64Array =>
      product === null ? vector : addScaled(vector, problem.stepSize, product);
    lambda = through(lambda, scored ? (estimator.curvature?.(problem, step, lambda) ?? null) : curved);
    pathwise = through(pathwise, curved);

    if (m !== null && score !== null) {
      lambda = addScaled(lambda, scoreCoefficient, score);
      scored = true;
      effectiveSampleSize = Math.min(effectiveSampleSize, m.effectiveSampleSize ?? 1);
      multipliers.push(...m.values);
    }
  }

  const count = Math.max(1, multipliers.length);
  const multiplierMean = multipliers.reduce((total, m) => total + m, 0) / count;
  const squares = multipliers.reduce((total, m) => total + (m - multiplierMean) ** 2, 0);
  return {
    gradient: lambda,
    pathwise,
    statistics: {
      pathwiseNorm: norm(pathwise),
      scoreNorm: scored ? norm(sub(lambda, pathwise)) : 0,
      multiplierMean,
      multiplierStd: Math.sqrt(squares / count),
      effectiveSampleSize,
    },
  };
}

interface CurvatureAt {
  /** ∇ℓ_r · v: [rows]. */
  tangent(): Float64Array;
  /** C_t v and Σ_j m_j s(τ_j). */
  with(m: Multipliers | null): { readonly curved: Float64Array | null; readonly score: Float64Array | null };
}

/** All three are of one θ and one batch: ∇²ν v takes one pass with the tangents, if they were asked for, else with the scores. */
function curvatureAt(
  curvature: Curvature | null,
  problem: Problem,
  step: AdaptationStep,
  v: Float64Array,
): CurvatureAt {
  const { model } = problem;
  const { theta, batch, weights } = step;
  let known: Float64Array | null = null;
  const curved = (): Float64Array | null => known ?? curvature?.(problem, step, v) ?? null;
  return {
    tangent() {
      if (curvature !== surrogateHessian) return model.tangent(theta, batch, v);
      const [product, tangent] = model.hessianProductAndTangent(theta, batch, weights, v);
      known = product;
      return tangent;
    },
    with(m) {
      if (m === null) return { curved: curved(), score: null };
      const scoreWeights = batch.rewards.map((_, row) =>
        isStep(batch, row) ? m.values[Math.floor(row / batch.horizon)]! : 0,
      );
      if (known !== null || curvature !== surrogateHessian)
        return { curved: curved(), score: model.gradient(theta, batch, scoreWeights) };
      const [product, score] = model.hessianProductAndGradient(theta, batch, weights, v, scoreWeights);
      return { curved: product, score };
    },
  };
}
