import { exp } from "@sgmrl/autodiff/elementary";
import type { Mdp } from "@sgmrl/envs";
import { power } from "../arithmetic.ts";
import { type Adaptation, adaptFrom, type InnerUpdate } from "../inner/adapt.ts";
import { type DataSet, dataSetCount, dataSets, trajectories, trajectoryCount } from "./enumerate.ts";
import { type ExactProblem, sizesOf } from "./problem.ts";
import { flatten, type Sizes } from "./table.ts";
import { logSoftmaxRows } from "./tabular-softmax.ts";

/** One possible course of the adaptation to a task: the data D_1 … D_ζ, the parameters they lead to, its probability. */
export interface History {
  readonly adaptation: Adaptation;
  readonly probability: number;
}

/** A sum of too many terms. */
export class TooLargeError extends RangeError {
  override readonly name = "TooLargeError";
  readonly terms: number;
  readonly limit: number;

  constructor(what: string, terms: number, limit: number) {
    super(
      `${what}: ${terms.toLocaleString("en")} terms to enumerate; the limit is ${limit.toLocaleString("en")}. ` +
        "Use fewer states, actions, steps or trajectories, or a shorter horizon, " +
        "or a Monte Carlo estimate.",
    );
    this.terms = terms;
    this.limit = limit;
  }
}

/** Limits and options of the enumeration. */
export interface EnumerationOptions {
  /** Maximum number of terms of one sum (default 1,000,000). */
  readonly limit?: number;
  /**
   * Whether data sets that differ only in the order of their trajectories are distinct (default: only for estimators that
   * leave out groups of trajectories). An estimator of your own that depends on the order needs it.
   */
  readonly ordered?: boolean;
}

export const defaultLimit = 1_000_000;

/** Terms in the sum over D_1 … D_ζ, and over D_o too. */
export function termCount(
  { inner, outerTrajectories }: ExactProblem,
  mdp: Mdp,
  ordered = false,
): { readonly histories: number; readonly outcomes: number } {
  const T = trajectoryCount(mdp);
  const histories = power(dataSetCount(T, inner.trajectories, ordered), inner.steps);
  return { histories, outcomes: histories * dataSetCount(T, outerTrajectories, ordered) };
}

export function refuseBeyond(limit: number, terms: number, what: string): void {
  if (!(terms <= limit)) throw new TooLargeError(what, terms, limit);
}

/**
 * q(D; θ) = constant · Π_{τ ∈ D} Π_h π(a_h|s_h; θ), for each of the data sets.
 *
 * Returns a function from θ to the probabilities: [data sets].
 */
export function dataProbabilities(
  mdp: Mdp,
  sizes: Sizes,
  sets: readonly DataSet[],
): (theta: Float64Array) => Float64Array {
  const rows = trajectories(mdp).map(({ states, actions }) =>
    states.map((s, h) => s * sizes.actions + actions[h]!),
  );
  return (theta) => {
    const logP = logSoftmaxRows(theta, sizes);
    const q = rows.map((indices) => exp(indices.reduce((sum, i) => sum + logP[i]!, 0)));
    return Float64Array.from(sets, ({ members, constant }) =>
      members.reduce((product, j) => product * q[j]!, constant),
    );
  };
}

/** Every data set of one inner step; none where there are no steps, however many there would be. */
export function innerDataSets(problem: ExactProblem, mdp: Mdp, ordered = false): DataSet[] {
  const { steps, trajectories: N } = problem.inner;
  return steps === 0 ? [] : dataSets(trajectories(mdp), mdp, sizesOf(problem), N, ordered);
}

/** Every history of one task, adapted by the update of training. */
export function* histories(
  problem: ExactProblem,
  mdp: Mdp,
  update: InnerUpdate,
  { ordered = false }: EnumerationOptions = {},
): Generator<History> {
  const { steps } = problem.inner;
  const sets = innerDataSets(problem, mdp, ordered);
  const probabilities = dataProbabilities(mdp, sizesOf(problem), sets);

  function* extend({ adaptation, probability }: History): Generator<History> {
    if (adaptation.steps.length === steps) {
      yield { adaptation, probability };
      return;
    }
    const q = probabilities(adaptation.adapted);
    for (let d = 0; d < sets.length; d++) {
      const step = adaptFrom(update, adaptation.adapted, 1, () => sets[d]!.batch);
      yield* extend({
        adaptation: { steps: [...adaptation.steps, ...step.steps], adapted: step.adapted },
        probability: probability * q[d]!,
      });
    }
  }

  yield* extend({ adaptation: { steps: [], adapted: flatten(problem.theta) }, probability: 1 });
}
