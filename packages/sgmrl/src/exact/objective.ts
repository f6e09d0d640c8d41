import {
  add,
  array,
  broadcastTo,
  exp,
  grad,
  item,
  logSoftmax,
  matmul,
  matrixTranspose,
  mul,
  type NdArray,
  reshape,
  sum,
  valueAndGrad,
} from "@sgmrl/autodiff";
import type { Mdp } from "@sgmrl/envs";
import { addScaled } from "../arithmetic.ts";
import type { InnerUpdate } from "../inner/adapt.ts";
import type { DataSet } from "./enumerate.ts";
import { expectedReturn, expectedReturns } from "./expected-return.ts";
import {
  defaultLimit,
  type EnumerationOptions,
  histories,
  innerDataSets,
  refuseBeyond,
  termCount,
} from "./histories.ts";
import { type ExactProblem, normalizedTasks, sizesOf, trainingUpdate } from "./problem.ts";
import { flatten, type Sizes, tableIndices, toTable } from "./table.ts";
import { logSoftmaxRows } from "./tabular-softmax.ts";

/**
 * V_ζ(θ) = Σ_i p_i Σ_{D_1 … D_ζ} q(D_1; θ_0) ⋯ q(D_ζ; θ_{ζ−1}) J_i(θ_ζ): the expected return after       [eq:objective]
 * adaptation by *sampled* steps, with the update of training.
 *
 * Errors  EnvironmentError for a problem that is none; TooLargeError beyond the limit of terms
 */
export function objective(problem: ExactProblem, options: EnumerationOptions = {}): number {
  let total = 0;
  for (const { weight, mdp } of normalizedTasks(problem)) {
    refuseBeyond(options.limit ?? defaultLimit, termCount(problem, mdp).histories, "exact.objective");
    for (const { adaptation, probability } of histories(problem, mdp, trainingUpdate(problem, mdp))) {
      const logPolicy = logSoftmaxRows(adaptation.adapted, sizesOf(problem));
      total += weight * probability * expectedReturn(logPolicy, mdp, sizesOf(problem));
    }
  }
  return total;
}

/**
 * ∇V_ζ(θ), row by row, [S A], or [K A] with features, by reverse mode through the enumeration, including updates.
 *
 * Errors  EnvironmentError for a problem that is none; TooLargeError beyond the limit of terms
 */
export function gradient(problem: ExactProblem, options: EnumerationOptions = {}): Float64Array {
  return valueAndGradient(problem, options).gradient;
}

/** V_ζ(θ) and its gradient, both from the differentiable form of the enumeration. */
export function valueAndGradient(
  problem: ExactProblem,
  { limit = defaultLimit }: EnumerationOptions = {},
): { readonly value: number; readonly gradient: Float64Array } {
  return overTasks(problem, (mdp) => {
    refuseBeyond(limit, termCount(problem, mdp).histories, "exact.gradient");
    return enumeratedObjective(problem, mdp, trainingUpdate(problem, mdp));
  });
}

/**
 * The MAML objective as first stated: Σ_i p_i J_i(θ_ζ), θ_t = θ_{t−1} + α ∇J_i(θ_{t−1}), with *exact* gradients inside.
 * It is not V_ζ. Inner weights other than the plain reward to go have no exact counterpart; in the "timestep-mean"
 * convention α is divided by H.                             [eq:exact-maml]
 *
 * Errors  EnvironmentError for a problem that is none
 * Source  Finn, Abbeel & Levine, ICML 2017, arXiv:1703.03400
 */
export function exactMaml(problem: ExactProblem): {
  readonly value: number;
  readonly gradient: Float64Array;
} {
  const sizes = sizesOf(problem);
  const { stepSize, steps, convention } = problem.inner;
  return overTasks(problem, (mdp) => {
    const J = (theta: NdArray): NdArray =>
      sum(expectedReturns(tables(logPolicies(theta, sizes), sizes), mdp, sizes));
    const alpha = convention === "timestep-mean" ? stepSize / mdp.horizon : stepSize;
    return (theta) => {
      let adapted = reshape(theta, [1, -1]);
      for (let t = 0; t < steps; t++) adapted = add(adapted, mul(alpha, grad(J)(adapted)));
      return J(adapted);
    };
  });
}

function overTasks(
  problem: ExactProblem,
  objectiveOf: (mdp: Mdp) => (theta: NdArray) => NdArray,
): { readonly value: number; readonly gradient: Float64Array } {
  const theta = array(flatten(problem.theta));
  let value = 0;
  let total: Float64Array = new Float64Array(theta.data.length);
  for (const { weight, mdp } of normalizedTasks(problem)) {
    const [v, g] = valueAndGrad(objectiveOf(mdp))(theta);
    value += weight * item(v);
    total = addScaled(total, weight, Float64Array.from(g.data));
  }
  return { value, gradient: total };
}

/**
 * V_ζ of one task as a differentiable program. After t steps there is one row per history D_1 … D_t; a step turns K
 * rows into K E, one for each of the E data sets.
 *
 *   θ_{k,d}       = θ_k + α ∇ν_d(θ_k),   ν_d(θ) = Σ_{s,a} W_{d,sa} ln π(a|s; θ)
 *   ln q_{k,d}    = ln q_k + Σ_{s,a} C_{d,sa} ln π(a|s; θ_k),   C the number of visits
 *   V             = Σ_k constant_k exp(ln q_k) J(θ_k)
 *
 * W is computed from the data and held constant, as in training; everything else depends on θ.
 */
function enumeratedObjective(
  problem: ExactProblem,
  mdp: Mdp,
  update: InnerUpdate,
): (theta: NdArray) => NdArray {
  const sizes = sizesOf(problem);
  const [d, parameters] = [sizes.states * sizes.actions, problem.theta.length * sizes.actions];
  const { steps, stepSize } = problem.inner;
  const sets = innerDataSets(problem, mdp);
  const E = sets.length;
  const visits = array(
    onTable(sets, sizes, () => 1),
    [E, d],
  );
  const weights = array(
    onTable(sets, sizes, ({ batch }, row) => update.surrogate(batch).rows()[row]!),
    [E, d],
  );

  return (theta) => {
    let rows = reshape(theta, [1, parameters]);
    let logQ: NdArray = array([0]);
    let constants = [1];
    for (let t = 0; t < steps; t++) {
      const K = constants.length;
      const repeated = reshape(broadcastTo(reshape(rows, [K, 1, parameters]), [K, E, parameters]), [
        K * E,
        parameters,
      ]);
      const nu = (at: NdArray): NdArray =>
        sum(mul(reshape(logPolicies(at, sizes), [K, E, d]), reshape(weights, [1, E, d])));
      const moved = add(repeated, mul(stepSize, grad(nu)(repeated)));
      const logProbability = matmul(logPolicies(rows, sizes), matrixTranspose(visits));
      logQ = reshape(add(reshape(logQ, [K, 1]), logProbability), [K * E]);
      constants = constants.flatMap((c) => sets.map(({ constant }) => c * constant));
      rows = moved;
    }
    const J = expectedReturns(tables(logPolicies(rows, sizes), sizes), mdp, sizes);
    return sum(mul(array(constants), mul(exp(logQ), J)));
  };
}

/** ln π of every state and action, the rows of θ mapped by Φ if there is one. Shapes  [R, K A] → [R, S A] */
function logPolicies(rows: NdArray, sizes: Sizes): NdArray {
  const logits = sizes.features === undefined ? rows : matmul(rows, transposedMap(sizes));
  return reshape(logSoftmax(tables(logits, sizes)), [-1, sizes.states * sizes.actions]);
}

/** (Φ ⊗ I_A)ᵀ, row by row the tables that the unit vectors of θ become: [K A, S A]. */
function transposedMap(sizes: Sizes): NdArray {
  const size = sizes.features![0]!.length * sizes.actions;
  return array(
    Array.from({ length: size }, (_, i) => [
      ...toTable(
        Float64Array.from({ length: size }, (_, j) => (i === j ? 1 : 0)),
        sizes,
      ),
    ]),
  );
}

function tables(rows: NdArray, { states, actions }: Sizes): NdArray {
  return reshape(rows, [-1, states, actions]);
}

/** The sum of a quantity over the rows of each data set that belong to each entry of the table: [E, S A]. */
function onTable(
  sets: readonly DataSet[],
  sizes: Sizes,
  quantity: (set: DataSet, row: number) => number,
): Float64Array {
  const d = sizes.states * sizes.actions;
  const table = new Float64Array(sets.length * d);
  sets.forEach((set, e) => {
    tableIndices(set.batch, sizes).forEach((index, row) => {
      if (index >= 0) table[e * d + index]! += quantity(set, row);
    });
  });
  return table;
}
