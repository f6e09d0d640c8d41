import type { AdaptationStep, InnerUpdate } from "../inner/adapt.ts";
import type { ActionDerivatives, TangentCotangents } from "../policy/action-derivatives.ts";
import { isStep } from "../trajectory.ts";
import { type Curvature, surrogateHessian } from "./curvature.ts";

/** The derivatives at one inner step that the recursion asks for, along one vector v. */
export interface StepDerivatives {
  /** C_t v: [d]; zeros if there is no curvature. */
  curvatureProduct(): Float64Array;
  /** ∇ℓ_r · v for each row r of D_t: [rows]. */
  tangent(): Float64Array;
  /** Σ_j m_j s(τ_j; θ_{t−1}): [d]. */
  scoreSum(multipliers: Float64Array): Float64Array;
  /** How ⟨v, ∇ν(θ_{t−1}; D_t)⟩ moves with the weights and the data. */
  tangentCotangents(policy: ActionDerivatives): TangentCotangents;
}

/**
 * All share θ_{t−1} and D_t. If C_t is the Hessian of the surrogate, the first of the others to be
 * asked for is computed in one pass with the Hessian-vector product, which is kept until it is asked for.
 */
export function stepDerivatives(
  update: InnerUpdate,
  step: AdaptationStep,
  curvature: Curvature | null,
  v: Float64Array,
): StepDerivatives {
  const { model } = update;
  const { theta, batch, weights } = step;
  let product: Float64Array | undefined;
  const fuses = (): boolean => curvature === surrogateHessian && product === undefined;
  return {
    curvatureProduct() {
      product ??= curvature?.(update, step, v) ?? new Float64Array(v.length);
      return product;
    },
    tangent() {
      if (!fuses()) return model.tangent(theta, batch, v);
      const [hessianProduct, tangent] = model.hessianProductAndTangent(theta, batch, weights, v);
      product = hessianProduct;
      return tangent;
    },
    scoreSum(multipliers) {
      const m = batch.rewards.map((_, row) =>
        isStep(batch, row) ? multipliers[Math.floor(row / batch.horizon)]! : 0,
      );
      if (!fuses()) return model.gradient(theta, batch, m);
      const [hessianProduct, sum] = model.hessianProductAndGradient(theta, batch, weights, v, m);
      product = hessianProduct;
      return sum;
    },
    tangentCotangents(policy) {
      const cotangents = policy.tangentCotangents(theta, batch, weights, v);
      if (fuses()) product = cotangents.theta;
      return cotangents;
    },
  };
}
