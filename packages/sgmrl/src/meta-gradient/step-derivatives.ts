import type { AdaptationStep, InnerUpdate } from "../inner/adapt.ts";
import type { TangentCotangents } from "../policy/log-likelihood.ts";
import { isStep } from "../trajectory.ts";
import { type Curvature, surrogateHessian } from "./curvature.ts";

/** The derivatives at one inner step that the recursion and its rules need. */
export interface StepDerivatives {
  /** C_t v: [d]; zeros if there is no curvature. */
  curvatureProduct(v: Float64Array): Float64Array;
  /** ∇ℓ_r · v for each row r of D_t: [rows]. */
  tangent(v: Float64Array): Float64Array;
  /** Σ_j m_j s(τ_j; θ_{t−1}): [d]. */
  scoreSum(multipliers: Float64Array): Float64Array;
  /** The derivatives of ⟨v, ∇ν(θ_{t−1}; D_t)⟩ in the weights and the data. Throws if the policy does not have them. */
  tangentCotangents(v: Float64Array): TangentCotangents;
}

/**
 * All share θ_{t−1} and D_t. If C_t is the Hessian of the surrogate, one pass computes its product with one of the
 * vectors `along` together with whichever other derivative is requested first; the product is kept until it is
 * requested.
 */
export function stepDerivatives(
  update: InnerUpdate,
  step: AdaptationStep,
  curvature: Curvature | null,
  along: readonly Float64Array[],
): StepDerivatives {
  const { batch, objective } = step;
  const products = new Map<Float64Array, Float64Array>();
  const open = (v: Float64Array): boolean => curvature === surrogateHessian && !products.has(v);
  return {
    curvatureProduct(v) {
      const product = products.get(v) ?? curvature?.(update, step, v) ?? new Float64Array(v.length);
      products.set(v, product);
      return product;
    },
    tangent(v) {
      if (!along.includes(v) || !open(v)) return objective.tangent(v);
      const [product, tangent] = objective.hessianProductAndTangent(v);
      products.set(v, product);
      return tangent;
    },
    scoreSum(multipliers) {
      const m = batch.rewards.map((_, row) =>
        isStep(batch, row) ? multipliers[Math.floor(row / batch.horizon)]! : 0,
      );
      const v = along.find(open);
      if (v === undefined) return objective.gradientWith(m);
      const [product, sum] = objective.hessianProductAndGradient(v, m);
      products.set(v, product);
      return sum;
    },
    tangentCotangents(v) {
      const cotangents = objective.tangentCotangents?.(v);
      if (cotangents === undefined)
        throw new RangeError("the policy does not state its actions as a function of θ and noise.");
      if (open(v)) products.set(v, cotangents.theta);
      return cotangents;
    },
  };
}
