import type { AdaptationStep, Problem } from "./problem.ts";

/** The product of the surrogate's curvature at an inner step with a vector: C_t v, [d]. */
export type Curvature = (problem: Problem, step: AdaptationStep, v: Float64Array) => Float64Array;

/** C_t v = ∇²ν(θ_{t−1}; D_t) v = Σ_r w_r ∇²ln π(a_r|s_r; θ_{t−1}) v: the derivative of U itself. [eq:curvature-hessian] */
export const surrogateHessian: Curvature = ({ model }, { theta, batch, weights }, v) =>
  model.hessianProduct(theta, batch, weights, v);
