import { exp, log } from "@sgmrl/autodiff/elementary";
import type { LogLikelihood } from "../policy/log-likelihood.ts";
import type { TrajectoryBatch } from "../trajectory.ts";
import { fromTable, type Sizes, tableIndices, toTable } from "./table.ts";

/**
 * The log-likelihood of a table of logits in closed form, for enumerations, which evaluate it millions of times.
 *                                                                                          [eq:tabular-softmax]
 *   ln π(a|s) = θ_sa − ln Σ_b exp θ_sb
 *   ∂ ln π(a|s) / ∂θ_sb           = 1[a = b] − π_sb
 *   ∂² ln π(a|s) / ∂θ_sb ∂θ_sc    = −(1[b = c] π_sb − π_sb π_sc)        the same for every a
 *
 * States that share parameters have the logits Φθ, [eq:linear-softmax]; then v is replaced by Φv, and gradients and
 * Hessian products are multiplied by Φᵀ.
 *
 * Tested to equal the form that training uses (`logLikelihood` of a categorical policy without hidden layers) up to
 * rounding.
 *
 * Shapes    theta: [S A] or [K A], row by row. Policies are cached by the identity of θ, which must not be written to
 * Numerics  the largest logit of a row is subtracted before exponentiating
 */
export function tabularSoftmax(sizes: Sizes): LogLikelihood {
  const { states: S, actions: A } = sizes;

  const rowsKnown = new WeakMap<TrajectoryBatch, Int32Array>();
  const rowsOf = (batch: TrajectoryBatch): Int32Array => {
    let rows = rowsKnown.get(batch);
    if (rows === undefined) {
      rows = tableIndices(batch, sizes);
      rowsKnown.set(batch, rows);
    }
    return rows;
  };
  const policyKnown = new WeakMap<Float64Array, { readonly logP: Float64Array; readonly P: Float64Array }>();
  const policyAt = (theta: Float64Array): { readonly logP: Float64Array; readonly P: Float64Array } => {
    let tables = policyKnown.get(theta);
    if (tables === undefined) {
      const logP = logSoftmaxRows(theta, sizes);
      tables = { logP, P: logP.map(exp) };
      policyKnown.set(theta, tables);
    }
    return tables;
  };

  return {
    logProbability(theta, batch) {
      const { logP } = policyAt(theta);
      const rows = rowsOf(batch);
      const values = new Float64Array(rows.length);
      for (let r = 0; r < rows.length; r++) values[r] = logP[rows[r]!] ?? 0; // 0 for padding
      return values;
    },

    tangent(theta, batch, direction) {
      const { P } = policyAt(theta);
      const v = toTable(direction, sizes);
      const expected = new Float64Array(S);
      for (let i = 0; i < v.length; i++) expected[Math.floor(i / A)]! += P[i]! * v[i]!;
      return Float64Array.from(rowsOf(batch), (i) => (i < 0 ? 0 : v[i]! - expected[Math.floor(i / A)]!));
    },

    gradient(theta, batch, w) {
      const { P } = policyAt(theta);
      const rows = rowsOf(batch);
      const total = new Float64Array(S);
      const gradient = new Float64Array(S * A);
      for (let r = 0; r < rows.length; r++) {
        const i = rows[r]!;
        if (i < 0) continue;
        gradient[i]! += w[r]!;
        total[Math.floor(i / A)]! += w[r]!;
      }
      for (let i = 0; i < gradient.length; i++) gradient[i]! -= total[Math.floor(i / A)]! * P[i]!;
      return fromTable(gradient, sizes);
    },

    gradients(theta, batch, W) {
      return W.map((w) => this.gradient(theta, batch, w));
    },

    hessianProduct(theta, batch, w, direction) {
      const { P } = policyAt(theta);
      const v = toTable(direction, sizes);
      const rows = rowsOf(batch);
      const total = new Float64Array(S);
      for (let r = 0; r < rows.length; r++) if (rows[r]! >= 0) total[Math.floor(rows[r]! / A)]! += w[r]!;
      const expected = new Float64Array(S);
      for (let i = 0; i < v.length; i++) expected[Math.floor(i / A)]! += P[i]! * v[i]!;
      const product = new Float64Array(S * A);
      for (let i = 0; i < product.length; i++) {
        const s = Math.floor(i / A);
        product[i] = -total[s]! * P[i]! * (v[i]! - expected[s]!);
      }
      return fromTable(product, sizes);
    },

    weighted(theta, batch, w) {
      const hessianProduct = (v: Float64Array): Float64Array => this.hessianProduct(theta, batch, w, v);
      const tangent = (v: Float64Array): Float64Array => this.tangent(theta, batch, v);
      const gradientWith = (m: Float64Array): Float64Array => this.gradient(theta, batch, m);
      return {
        gradient: gradientWith(w),
        hessianProduct,
        tangent,
        gradientWith,
        hessianProductAndGradient: (v, m) => [hessianProduct(v), gradientWith(m)],
        hessianProductAndTangent: (v) => [hessianProduct(v), tangent(v)],
      };
    },

    at(...thetas) {
      const tables = thetas.map((theta) => policyAt(theta).P);
      return (observations) => {
        const rows = observations.length / S;
        const each = rows / tables.length;
        const probabilities = new Float64Array(rows * A);
        for (let row = 0; row < rows; row++) {
          const P = tables[Math.floor(row / each)]!;
          const s = observations.subarray(row * S, (row + 1) * S).indexOf(1);
          for (let a = 0; a < A; a++) probabilities[row * A + a] = P[s * A + a]!;
        }
        return probabilities;
      };
    },
  };
}

/** ln π of every state and action: [S A]. */
export function logSoftmaxRows(parameters: Float64Array, sizes: Sizes): Float64Array {
  const { states, actions } = sizes;
  const theta = toTable(parameters, sizes);
  const table = new Float64Array(theta.length);
  for (let s = 0; s < states; s++) {
    let largest = Number.NEGATIVE_INFINITY;
    for (let a = 0; a < actions; a++) largest = Math.max(largest, theta[s * actions + a]!);
    let sum = 0;
    for (let a = 0; a < actions; a++) sum += exp(theta[s * actions + a]! - largest);
    const logSum = largest + log(sum);
    for (let a = 0; a < actions; a++) table[s * actions + a] = theta[s * actions + a]! - logSum;
  }
  return table;
}
