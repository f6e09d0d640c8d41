import {
  array,
  type Backend,
  compile,
  compileStages,
  type FloatDType,
  grad,
  hvp,
  jvp,
  mul,
  type NdArray,
  reference,
  sum,
} from "@sgmrl/autodiff";
import { concatenated } from "../arithmetic.ts";
import type { TrajectoryBatch } from "../trajectory.ts";
import { parametersOf } from "./parameters.ts";
import type { Policy } from "./policy.ts";
import { rowGradients } from "./row-gradients.ts";

/**
 * What the estimators need from a policy: the log-likelihood ℓ_r(θ) = ln π(a_r|s_r; θ) of each row r of a
 * batch, and sums of its derivatives with row weights w.                                 [eq:log-likelihood]
 *
 * Padding rows need weight 0; their log-probabilities are meaningless.
 */
export interface LogLikelihood {
  /** ℓ_r: [rows]. */
  logProbability(theta: Float64Array, batch: TrajectoryBatch): Float64Array;
  /** ∇ℓ_r · v: [rows]. */
  tangent(theta: Float64Array, batch: TrajectoryBatch, v: Float64Array): Float64Array;
  /** Σ_r w_r ∇ℓ_r: [d]. */
  gradient(theta: Float64Array, batch: TrajectoryBatch, w: Float64Array): Float64Array;
  /** Σ_r W_kr ∇ℓ_r for the K rows of W, each as long as the batch: K of [d]. */
  gradients(theta: Float64Array, batch: TrajectoryBatch, W: readonly Float64Array[]): Float64Array[];
  /** Σ_r w_r ∇²ℓ_r v: [d]. */
  hessianProduct(theta: Float64Array, batch: TrajectoryBatch, w: Float64Array, v: Float64Array): Float64Array;
  /** Σ_r w_r ℓ_r at θ, whose gradient is computed at once. */
  weighted(theta: Float64Array, batch: TrajectoryBatch, w: Float64Array): WeightedLikelihood;
  /**
   * The policies at K parameter vectors: rows of observations, as many for each, to the parameters of their action
   * distributions, in the policy's order.
   *
   * Shapes  thetas: K of [d], observations: [K, rows, observationWidth] → [K, rows, parameters]
   */
  at(...thetas: readonly Float64Array[]): (observations: Float64Array) => ArrayLike<number>;
}

/** Derivatives of Σ_r w_r ℓ_r at one θ, D and w, and of other ℓ_r there. What the gradient has computed, all use again. */
export interface WeightedLikelihood {
  /** Σ_r w_r ∇ℓ_r: [d]. */
  readonly gradient: Float64Array;
  /** Σ_r w_r ∇²ℓ_r v: [d]. */
  hessianProduct(v: Float64Array): Float64Array;
  /** ∇ℓ_r · v: [rows]. */
  tangent(v: Float64Array): Float64Array;
  /** Σ_r m_r ∇ℓ_r: [d]. */
  gradientWith(m: Float64Array): Float64Array;
  /** [Σ_r w_r ∇²ℓ_r v, Σ_r m_r ∇ℓ_r], from one pass: [d] each. */
  hessianProductAndGradient(v: Float64Array, m: Float64Array): [Float64Array, Float64Array];
  /** [Σ_r w_r ∇²ℓ_r v, ∇ℓ_r · v], from one pass: [d], [rows]. */
  hessianProductAndTangent(v: Float64Array): [Float64Array, Float64Array];
  /** From one forward-over-reverse pass; absent unless actions are a function of θ and noise. [eq:tangent-cotangents] */
  tangentCotangents?(v: Float64Array): TangentCotangents;
}

/** The derivatives of ⟨v, Σ_r w_r ∇ℓ_r(θ; o_r, a_r)⟩. */
export interface TangentCotangents {
  /** In θ: Σ_r w_r ∇²ℓ_r v, [d]. */
  readonly theta: Float64Array;
  /** In w: ∇ℓ_r · v, [rows]. */
  readonly weights: Float64Array;
  /** In o and a: [rows, width] each. */
  readonly observations: Float64Array;
  readonly actions: Float64Array;
}

/** The backend that computes derivatives; by default the reference backend, in float64. */
export interface Execution {
  readonly backend?: Backend;
  readonly dtype?: FloatDType;
}

/**
 * The log-likelihood of a policy and its derivatives, each compiled once per batch size.
 *
 * Example  docs/examples/rollout.ts
 */
export function logLikelihood(
  policy: Policy,
  { backend = reference, dtype = "float64" }: Execution = {},
): LogLikelihood {
  const options = { backend, dtype };
  const rows = (theta: NdArray, observations: NdArray, actions: NdArray): NdArray =>
    policy.logProbability(parametersOf(policy.layout, theta), observations, actions);
  const weighted = (theta: NdArray, observations: NdArray, actions: NdArray, w: NdArray): NdArray =>
    sum(mul(w, rows(theta, observations, actions)));

  interface At {
    readonly theta: NdArray;
    readonly observations: NdArray;
    readonly actions: NdArray;
    readonly w: NdArray;
  }
  // The tangent along v of the gradient in (θ, w, o, a) is the gradient of the tangent along v.
  const cotangents = ({ theta, ...data }: At, v: NdArray): At =>
    jvp((at: NdArray) =>
      grad((all: At) => weighted(all.theta, all.observations, all.actions, all.w))({ theta: at, ...data }),
    )([theta], [v])[1];
  const differentiable = policy.actions !== undefined;

  const programs = {
    logProbability: compile(rows, options),
    tangent: compile(
      (theta: NdArray, v: NdArray, observations: NdArray, actions: NdArray) =>
        jvp((at: NdArray) => rows(at, observations, actions))([theta], [v])[1],
      options,
    ),
    gradient: compile(grad(weighted), options),
    gradients: compile(
      (theta: NdArray, observations: NdArray, actions: NdArray, W: NdArray) =>
        rowGradients(policy.layout, (at) => policy.logProbability(at, observations, actions), theta, W),
      options,
    ),
    hessianProduct: compile(hvp(weighted), options),
    weighted: compileStages(
      (theta: NdArray, observations: NdArray, actions: NdArray, w: NdArray) => [
        grad(weighted)(theta, observations, actions, w),
        (v: NdArray, m: NdArray) => ({
          product: hvp(weighted)(theta, v, observations, actions, w),
          gradient: grad(weighted)(theta, observations, actions, m),
          tangent: jvp((at: NdArray) => rows(at, observations, actions))([theta], [v])[1],
          ...(differentiable ? { cotangents: cotangents({ theta, observations, actions, w }, v) } : {}),
        }),
      ],
      (theta, _observations, _actions, w): [NdArray, NdArray] => [theta, w],
      options,
    ),
    distribution: compile(
      (theta: NdArray, observations: NdArray) =>
        policy.distribution(parametersOf(policy.layout, theta), observations),
      options,
    ),
  };
  const vector = (x: Float64Array): NdArray => array(x, [x.length], dtype);
  const data = ({ observations, actions }: TrajectoryBatch): [NdArray, NdArray] => [
    array(observations, [observations.length / policy.observationWidth, policy.observationWidth], dtype),
    array(actions, [actions.length / policy.actionWidth, policy.actionWidth], dtype),
  ];

  return {
    logProbability: (theta, batch) => float64(programs.logProbability(vector(theta), ...data(batch))),
    tangent: (theta, batch, v) => float64(programs.tangent(vector(theta), vector(v), ...data(batch))),
    gradient: (theta, batch, w) => float64(programs.gradient(vector(theta), ...data(batch), vector(w))),
    gradients: (theta, batch, W) =>
      rowsOf(float64(programs.gradients(vector(theta), ...data(batch), matrix(W, dtype))), W.length),
    hessianProduct: (theta, batch, w, v) =>
      float64(programs.hessianProduct(vector(theta), vector(v), ...data(batch), vector(w))),
    weighted: (theta, batch, w) => {
      const [at, weights] = [vector(theta), vector(w)]; // also in place of a v or m that is not read
      const [gradient, later] = programs.weighted(at, ...data(batch), weights);
      return {
        gradient: float64(gradient),
        hessianProduct: (v) => float64(later(["product"], vector(v), weights).product),
        tangent: (v) => float64(later(["tangent"], vector(v), weights).tangent),
        gradientWith: (m) => float64(later(["gradient"], at, vector(m)).gradient),
        hessianProductAndGradient: (v, m) => {
          const both = later(["product", "gradient"], vector(v), vector(m));
          return [float64(both.product), float64(both.gradient)];
        },
        hessianProductAndTangent: (v) => {
          const both = later(["product", "tangent"], vector(v), weights);
          return [float64(both.product), float64(both.tangent)];
        },
        ...(differentiable
          ? {
              tangentCotangents(v: Float64Array): TangentCotangents {
                const found = later(["cotangents"], vector(v), weights).cotangents!; // as `differentiable`
                return {
                  theta: float64(found.theta),
                  weights: float64(found.w),
                  observations: float64(found.observations),
                  actions: float64(found.actions),
                };
              },
            }
          : {}),
      };
    },
    at: (...thetas) => {
      const K = thetas.length;
      const all = matrix(thetas, dtype);
      const o = policy.observationWidth;
      return (observations) =>
        programs.distribution(all, array(observations, [K, observations.length / (K * o), o], dtype)).data;
    },
  };
}

/** Vectors of one length as the rows of a matrix. */
function matrix(rows: readonly Float64Array[], dtype: FloatDType): NdArray {
  return array(concatenated(rows), [rows.length, rows[0]?.length ?? 0], dtype);
}

function rowsOf(data: Float64Array, K: number): Float64Array[] {
  const width = data.length / K;
  return Array.from({ length: K }, (_, k) => data.subarray(k * width, (k + 1) * width));
}

function float64({ data }: NdArray): Float64Array {
  return data instanceof Float64Array ? data : new Float64Array(data);
}
