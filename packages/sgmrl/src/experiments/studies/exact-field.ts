import { exp } from "@sgmrl/autodiff/elementary";
import type { Mdp } from "@sgmrl/envs";
import { addScaled } from "../../arithmetic.ts";
import { innerDataSets } from "../../exact/histories.ts";
import { type ExactProblem, normalizedTasks, sizesOf, trainingUpdate } from "../../exact/problem.ts";
import { type Sizes, tableIndices } from "../../exact/table.ts";
import { logSoftmaxRows } from "../../exact/tabular-softmax.ts";

/** At one θ: V_ζ, its gradient, and the expectation of MAML. */
export interface FieldValue {
  readonly value: number;
  /** ∇V_ζ, the expectation of SG-MRL: [S A]. */
  readonly sgmrl: Float64Array;
  /** E λ_0 without the score terms: [S A]. */
  readonly maml: Float64Array;
}

/** A data set as a table: the visits of each (s, a), and its weight in the surrogate. [S A] */
interface DataTable {
  /** Its probability, without the factors from the policy. */
  readonly constant: number;
  readonly visits: Float64Array;
  readonly weights: Float64Array;
}

/**
 * The exact ascent directions as a function of θ, for studies with many thousand evaluations: data sets are
 * tabulated once, and the recursion [eq:recursion] uses J and ∇J in place of their estimates.
 *
 *   V^{(ζ)} = J,              λ_ζ = ∇J
 *   V^{(t−1)}(θ) = Σ_D q(D; θ) V^{(t)}(U(θ; D))
 *   λ_{t−1}      = Σ_D q(D; θ) [ (1 + α ∇²ν(θ; D)) λ_t + c V^{(t)}(U(θ; D)) Σ_τ s(τ; θ) ],   c = 1: SG-MRL, 0: MAML
 */
export function exactField(problem: ExactProblem): (theta: Float64Array) => FieldValue {
  const sizes = sizesOf(problem);
  if (sizes.features !== undefined || problem.tasks.some(({ mdp }) => mdp.terminal !== undefined))
    throw new RangeError("exactField: only tables of logits, and tasks without terminal states");
  const { stepSize, steps } = problem.inner;
  const tasks = normalizedTasks(problem).map(({ weight, mdp }) => {
    const update = trainingUpdate(problem, mdp);
    const tables = innerDataSets(problem, mdp).map(({ batch, constant }): DataTable => {
      const [visits, weights] = [0, 0].map(() => new Float64Array(sizes.states * sizes.actions)) as [
        Float64Array,
        Float64Array, // one for each zero
      ];
      const rowWeights = update.surrogate(batch).rows();
      tableIndices(batch, sizes).forEach((index, row) => {
        visits[index]! += 1;
        weights[index]! += rowWeights[row]!;
      });
      return { constant, visits, weights };
    });
    return { weight, mdp: withSuccessors(mdp), tables };
  });

  const from = (
    theta: Float64Array,
    mdp: SparseMdp,
    tables: readonly DataTable[],
    left: number,
  ): FieldValue => {
    const logPolicy = logSoftmaxRows(theta, sizes);
    const policy = logPolicy.map(exp);
    if (left === 0) {
      const { value, gradient } = returnAndGradient(policy, mdp, sizes);
      return { value, sgmrl: gradient, maml: gradient };
    }
    let value = 0;
    const sgmrl = new Float64Array(theta.length);
    const maml = new Float64Array(theta.length);
    for (const { constant, visits, weights } of tables) {
      let logQ = 0;
      for (let i = 0; i < visits.length; i++) logQ += visits[i]! * logPolicy[i]!;
      const q = constant * exp(logQ);
      const adapted = addScaled(theta, stepSize, logLikelihoodGradient(policy, weights, sizes));
      const later = from(adapted, mdp, tables, left - 1);
      const score = logLikelihoodGradient(policy, visits, sizes);
      const throughSgmrl = hessianProduct(policy, weights, later.sgmrl, sizes);
      const throughMaml = hessianProduct(policy, weights, later.maml, sizes);
      value += q * later.value;
      for (let i = 0; i < theta.length; i++) {
        sgmrl[i]! += q * (later.sgmrl[i]! + stepSize * throughSgmrl[i]! + later.value * score[i]!);
        maml[i]! += q * (later.maml[i]! + stepSize * throughMaml[i]!);
      }
    }
    return { value, sgmrl, maml };
  };

  return (theta) => {
    let value = 0;
    let [sgmrl, maml]: Float64Array[] = [new Float64Array(theta.length), new Float64Array(theta.length)];
    for (const { weight, mdp, tables } of tasks) {
      const task = from(theta, mdp, tables, steps);
      value += weight * task.value;
      sgmrl = addScaled(sgmrl!, weight, task.sgmrl);
      maml = addScaled(maml!, weight, task.maml);
    }
    return { value, sgmrl: sgmrl!, maml: maml! };
  };
}

/** An MDP with the successors of each (s, a) listed, which are usually few. */
interface SparseMdp extends Mdp {
  readonly successors: readonly (readonly { readonly to: number; readonly p: number }[])[];
}

function withSuccessors(mdp: Mdp): SparseMdp {
  const successors = mdp.transitions.flatMap((rows) =>
    rows.map((row) => row.map((p, to) => ({ to, p })).filter(({ p }) => p > 0)),
  );
  return { ...mdp, successors };
}

/**
 * J and ∇J, from action values and the discounted distribution of states.               [eq:policy-gradient-theorem]
 *
 *   Q_h(s, a) = r(s, a) + γ Σ_s' P(s'|s, a) V_{h+1}(s'),   V_h(s) = Σ_a π(a|s) Q_h(s, a),   V_H = 0
 *   J         = Σ_s μ(s) V_0(s)
 *   ∂J/∂θ_sa  = Σ_h γ^h P(s_h = s) π(a|s) (Q_h(s, a) − V_h(s))
 *
 * Source  Sutton, McAllester, Singh & Mansour, NIPS 1999
 */
function returnAndGradient(
  policy: Float64Array,
  { horizon: H, discount, initial, rewards, successors }: SparseMdp,
  { states: S, actions: A }: Sizes,
): { readonly value: number; readonly gradient: Float64Array } {
  const reached = new Float64Array(H * S); // γ^h P(s_h = s)
  reached.set(initial);
  for (let h = 1; h < H; h++) {
    for (let s = 0; s < S; s++) {
      const before = discount * reached[(h - 1) * S + s]!;
      if (before === 0) continue;
      for (let a = 0; a < A; a++)
        for (const { to, p } of successors[s * A + a]!)
          reached[h * S + to]! += before * policy[s * A + a]! * p;
    }
  }
  const gradient = new Float64Array(S * A);
  const Q = new Float64Array(A);
  let [V, next] = [new Float64Array(S), new Float64Array(S)];
  for (let h = H - 1; h >= 0; h--) {
    [V, next] = [next, V];
    for (let s = 0; s < S; s++) {
      let mean = 0;
      for (let a = 0; a < A; a++) {
        let future = 0;
        for (const { to, p } of successors[s * A + a]!) future += p * next[to]!;
        Q[a] = rewards[s]![a]! + discount * future;
        mean += policy[s * A + a]! * Q[a]!;
      }
      V[s] = mean;
      const weight = reached[h * S + s]!;
      for (let a = 0; a < A; a++) gradient[s * A + a]! += weight * policy[s * A + a]! * (Q[a]! - mean);
    }
  }
  let value = 0;
  for (let s = 0; s < S; s++) value += initial[s]! * V[s]!;
  return { value, gradient };
}

/** Σ_sa W_sa ∇ln π(a|s): W_sa − W_s π_sa, with W_s = Σ_b W_sb.                        [eq:tabular-softmax] */
function logLikelihoodGradient(
  policy: Float64Array,
  W: Float64Array,
  { states: S, actions: A }: Sizes,
): Float64Array {
  const gradient = new Float64Array(S * A);
  for (let s = 0; s < S; s++) {
    let total = 0;
    for (let i = s * A; i < (s + 1) * A; i++) total += W[i]!;
    for (let i = s * A; i < (s + 1) * A; i++) gradient[i] = W[i]! - total * policy[i]!;
  }
  return gradient;
}

/** Σ_sa W_sa ∇²ln π(a|s) v: −W_s π_sa (v_sa − Σ_b π_sb v_sb).                         [eq:tabular-softmax] */
function hessianProduct(
  policy: Float64Array,
  W: Float64Array,
  v: Float64Array,
  { states: S, actions: A }: Sizes,
): Float64Array {
  const product = new Float64Array(S * A);
  for (let s = 0; s < S; s++) {
    let [total, mean] = [0, 0];
    for (let i = s * A; i < (s + 1) * A; i++) {
      total += W[i]!;
      mean += policy[i]! * v[i]!;
    }
    for (let i = s * A; i < (s + 1) * A; i++) product[i] = -total * policy[i]! * (v[i]! - mean);
  }
  return product;
}
