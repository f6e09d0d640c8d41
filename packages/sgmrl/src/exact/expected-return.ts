import { add, array, exp, matmul, mul, type NdArray, reshape, sum } from "@sgmrl/autodiff";
import { exp as expOf } from "@sgmrl/autodiff/elementary";
import type { Mdp } from "@sgmrl/envs";
import type { Sizes } from "./table.ts";

/**
 * J(θ) = E R(τ) by backward induction, for K policies at once.                           [eq:backward-induction]
 *
 *   V_H = 0
 *   Q_h(s, a) = r(s, a) + γ Σ_s' P(s'|s, a) V_{h+1}(s')
 *   V_h(s)    = Σ_a π(a|s) Q_h(s, a),   h = H−1, …, 0
 *   J         = Σ_s μ(s) V_0(s)
 *
 * V_h = 0 in terminal states.
 *
 * Shapes  logPolicy: [K, S, A] → [K]
 */
export function expectedReturns(logPolicy: NdArray, mdp: Mdp, { states: S, actions: A }: Sizes): NdArray {
  const K = logPolicy.shape[0]!;
  const policy = exp(logPolicy);
  const rewards = array(mdp.rewards.flat());
  // P as [S', S A], the matrix that multiplies a value function: 0 for terminal s', where nothing follows.
  const P = array(
    Array.from({ length: S }, (_, to) =>
      mdp.transitions.flatMap((rows) => rows.map((row) => (mdp.terminal?.[to] ? 0 : row[to]!))),
    ),
  );
  let V = sum(mul(policy, reshape(rewards, [1, S, A])), 2);
  for (let h = mdp.horizon - 2; h >= 0; h--) {
    const Q = add(rewards, mul(mdp.discount, matmul(V, P)));
    V = sum(mul(policy, reshape(Q, [K, S, A])), 2);
  }
  return sum(mul(V, array(mdp.initial)), 1);
}

/** The same for one policy, in plain arithmetic. logPolicy: [S A]. */
export function expectedReturn(logPolicy: Float64Array, mdp: Mdp, { states: S, actions: A }: Sizes): number {
  let V = new Float64Array(S);
  for (let h = mdp.horizon - 1; h >= 0; h--) {
    const next = V;
    V = new Float64Array(S);
    for (let s = 0; s < S; s++) {
      if (mdp.terminal?.[s]) continue;
      for (let a = 0; a < A; a++) {
        let future = 0;
        const row = mdp.transitions[s]![a]!;
        for (let to = 0; to < S; to++) future += row[to]! * next[to]!;
        V[s]! += expOf(logPolicy[s * A + a]!) * (mdp.rewards[s]![a]! + mdp.discount * future);
      }
    }
  }
  return mdp.initial.reduce((total, p, s) => total + p * V[s]!, 0);
}
