import { addScaled } from "../arithmetic.ts";
import type { AdaptationStep, InnerUpdate } from "../inner/adapt.ts";
import { leaveOneOut } from "../inner/advantage.ts";
import { isStep, type TrajectoryBatch } from "../trajectory.ts";

/** The product of the surrogate's curvature at an inner step with a vector: C_t v, [d]. */
export type Curvature = (update: InnerUpdate, step: AdaptationStep, v: Float64Array) => Float64Array;

/** C_t v = ∇²ν(θ_{t−1}; D_t) v = Σ_r w_r ∇²ln π(a_r|s_r; θ_{t−1}) v: the derivative of U itself. [eq:curvature-hessian] */
export const surrogateHessian: Curvature = (_update, { objective }, v) => objective.hessianProduct(v);

/*
 * The rules below add outer products of scores to the surrogate's Hessian, to estimate the Hessian of J instead. In
 * them u_h = ∇ln π(a_h|s_h), s_{≤h} = Σ_{k ≤ h} u_k, s_{<h} = s_{≤h} − u_h, and w_h is the weight of row h of a trajectory;
 * sums run over all trajectories of D_t. A product with an outer product costs one tangent and one gradient.
 */

/**
 *   C v = ∇²ν v + Σ_h w_h u_h (u_h·v)                                                   [eq:curvature-lvc]
 *
 * The low-variance curvature: products of scores at different times are dropped.
 *
 * Source  Rothfuss, Lee, Clavera, Asfour & Abbeel, ICLR 2019, arXiv:1810.06784
 */
export const lowVarianceCurvature: Curvature = (_update, { weights, objective }, v) => {
  const [product, uv] = objective.hessianProductAndTangent(v);
  return addScaled(product, 1, objective.gradientWith(products(weights, uv)));
};

/**
 *   C v = ∇²ν v + Σ_h (w_h − w_{h+1}) s_{≤h} (s_{≤h}·v)                                 [eq:curvature-dice]
 *
 * w_h − w_{h+1} is the reward at h if w is a reward to go (w_H = 0): each reward meets the scores of all actions before it.
 *
 * Source  Foerster, Farquhar, Al-Shedivat, Rocktäschel, Xing & Whiteson, ICML 2018, arXiv:1802.05098
 */
export const dice: Curvature = (update, step, v) => diceWeightedBy(step.weights, update, step, v);

/**
 * DiCE with advantages: w_h minus a baseline, the mean of the other trajectories.            [eq:curvature-loaded-dice]
 *
 *   C v = Σ_h A_h [∇²ln π + u_h u_hᵀ + u_h s_{<h}ᵀ + s_{<h} u_hᵀ] v
 *
 * which is [eq:curvature-dice] with A in place of w, summed by parts.
 *
 * Source  Farquhar, Whiteson & Foerster, NeurIPS 2019, arXiv:1909.10549, with its λ = 1
 */
export const loadedDice: Curvature = (update, step, v) =>
  diceWeightedBy(leaveOneOut(step.batch, step.weights), update, step, v);

/**
 *   C v = C_dice v − Σ_h b_h [u_h (s_{<h}·v) + s_{<h} (u_h·v)]                          [eq:curvature-tmaml]
 *
 * DiCE with a control variate on the products of scores at different times. Its b_h is the mean of w_h over the other
 * trajectories, instead of a learnt function of the state. s_{<h} is known before a_h is drawn, so the mean of the sum
 * is 0.
 *
 * Source  Liu, Socher & Xiong, ICML 2019, PMLR 97; Mao, Foerster, Rocktäschel, Al-Shedivat, Farquhar & Whiteson,
 *         ICML 2019, PMLR 97
 */
export const tamedDice: Curvature = (update, step, v) => {
  const { batch, weights, objective } = step;
  const b = addScaled(weights, -1, leaveOneOut(batch, weights));
  const uv = objective.tangent(v);
  const before = addScaled(sumUpTo(batch, uv), -1, uv);
  // Σ_h b_h s_{<h} (u_h·v) = Σ_k u_k Σ_{h > k} b_h (u_h·v)
  const bu = products(b, uv);
  const after = addScaled(sumFrom(batch, bu), -1, bu);
  const rows = addScaled(products(b, before), 1, after);
  return addScaled(dice(update, step, v), -1, objective.gradientWith(rows));
};

function diceWeightedBy(
  weights: Float64Array,
  { model }: InnerUpdate,
  step: AdaptationStep,
  v: Float64Array,
): Float64Array {
  const { theta, batch, objective } = step;
  const [product, uv] =
    weights === step.weights
      ? objective.hessianProductAndTangent(v)
      : [model.hessianProduct(theta, batch, weights, v), objective.tangent(v)];
  const sv = sumUpTo(batch, uv);
  const rewards = weights.map((w, row) =>
    isStep(batch, row) ? w - (isLastStep(batch, row) ? 0 : weights[row + 1]!) : 0,
  );
  // Σ_h r_h s_{≤h} (s_{≤h}·v) = Σ_k u_k Σ_{h ≥ k} r_h (s_{≤h}·v)
  return addScaled(product, 1, objective.gradientWith(sumFrom(batch, products(rewards, sv))));
}

function products(x: Float64Array, y: Float64Array): Float64Array {
  return x.map((value, row) => value * y[row]!);
}

function isLastStep({ horizon, lengths }: TrajectoryBatch, row: number): boolean {
  return (row % horizon) + 1 === lengths[Math.floor(row / horizon)]!;
}

/** Σ_{k ≤ h} x_k within each trajectory; 0 on padding. */
function sumUpTo(batch: TrajectoryBatch, x: Float64Array): Float64Array {
  const sums = new Float64Array(x.length);
  for (let row = 0; row < x.length; row++) {
    if (isStep(batch, row)) sums[row] = x[row]! + (row % batch.horizon === 0 ? 0 : sums[row - 1]!);
  }
  return sums;
}

/** Σ_{k ≥ h} x_k within each trajectory; 0 on padding. */
function sumFrom(batch: TrajectoryBatch, x: Float64Array): Float64Array {
  const sums = new Float64Array(x.length);
  for (let row = x.length - 1; row >= 0; row--) {
    if (isStep(batch, row)) sums[row] = x[row]! + (isLastStep(batch, row) ? 0 : sums[row + 1]!);
  }
  return sums;
}
