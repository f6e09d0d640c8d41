import { EnvironmentError } from "./errors.ts";

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
  /** Whether entering s' ends the trajectory (default: none does). Its rows are never used. */
  readonly terminal?: readonly boolean[];
  readonly horizon: number;
  readonly discount: number;
}

/** Tolerance on the sum of a row of probabilities: rows read from text are rounded. */
const sumTolerance = 1e-9;

/** What an MDP must agree with, as far as it is given. */
export interface ExpectedMdp {
  readonly states?: number;
  readonly actions?: number;
  readonly horizon?: number;
  readonly discount?: number;
}

/** Refuses data that is not an MDP or not as expected, naming the field and indices at fault. */
export function assertMdp(name: string, mdp: Mdp, expected: ExpectedMdp = {}): void {
  if (typeof mdp !== "object" || mdp === null) throw new EnvironmentError(name, "mdp", mdp, "an MDP");
  const { initial, transitions, rewards, terminal, horizon, discount } = mdp;
  // The type promises these lengths; data from a file may lack them.
  const { states = initial?.length ?? 0, actions = rewards?.[0]?.length ?? 0 } = expected;
  const refuse = (field: string, got: unknown, must: string): never => {
    throw new EnvironmentError(name, `mdp.${field}`, got, must);
  };
  const length = (field: string, array: readonly unknown[] | undefined, size: number, what: string): void => {
    if (!(Array.isArray(array) || ArrayBuffer.isView(array)))
      refuse(field, array, `a list, one entry per ${what} (${size})`);
    else if (array.length !== size)
      refuse(field, `${array.length} entries`, `one entry per ${what} (${size})`);
  };
  const distribution = (field: string, row: readonly number[] | undefined): void => {
    length(field, row, states, "state");
    row!.forEach((p, i) => {
      if (!(Number.isFinite(p) && p >= 0)) refuse(`${field}[${i}]`, p, "a probability");
    });
    const sum = row!.reduce((total, p) => total + p, 0);
    if (!(Math.abs(sum - 1) <= sumTolerance)) refuse(field, `the sum ${sum}`, "probabilities that sum to 1");
  };

  if (states < 1 || actions < 1) {
    refuse("rewards", `${states} states, ${actions} actions`, "at least one of each");
  }
  distribution("initial", initial);
  if (terminal !== undefined) {
    length("terminal", terminal, states, "state");
    terminal.forEach((ends, s) => {
      if (typeof ends !== "boolean") refuse(`terminal[${s}]`, ends, "true or false");
      if (ends && initial[s]! > 0) refuse(`initial[${s}]`, initial[s], `0: state ${s} is terminal`);
    });
  }
  length("transitions", transitions, states, "state");
  length("rewards", rewards, states, "state");
  for (let s = 0; s < states; s++) {
    length(`transitions[${s}]`, transitions[s], actions, "action");
    length(`rewards[${s}]`, rewards[s], actions, "action");
    for (let a = 0; a < actions; a++) {
      distribution(`transitions[${s}][${a}]`, transitions[s]![a]);
      if (!Number.isFinite(rewards[s]![a])) refuse(`rewards[${s}][${a}]`, rewards[s]![a], "a finite number");
    }
  }
  if (!Number.isInteger(horizon) || horizon < 1) refuse("horizon", horizon, "a whole number, 1 or more");
  if (!(discount >= 0 && discount <= 1)) refuse("discount", discount, "between 0 and 1");
  for (const field of ["horizon", "discount"] as const)
    if (expected[field] !== undefined && mdp[field] !== expected[field])
      refuse(field, mdp[field], `${expected[field]}, the environment's`);
}
