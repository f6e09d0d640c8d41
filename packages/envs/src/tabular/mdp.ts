/**
 * A finite-horizon Markov decision process as data.
 *
 *   initial[s]            = P(s_0 = s)
 *   transitions[s][a][s'] = P(s_{t+1} = s' | s_t = s, a_t = a)
 *   rewards[s][a]         = E[r_t | s_t = s, a_t = a]
 */
export interface Mdp {
  readonly initial: readonly number[];
  readonly transitions: readonly (readonly (readonly number[])[])[];
  readonly rewards: readonly (readonly number[])[];
  readonly horizon: number;
  readonly discount: number;
}
