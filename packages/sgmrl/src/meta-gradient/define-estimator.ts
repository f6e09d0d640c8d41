import { mean } from "../arithmetic.ts";
import { excerpt } from "../wording.ts";
import type { Estimator, ScoreRule, ScoreTerm } from "./estimator.ts";

/** A custom rule returned an invalid score term. */
export class ScoreTermError extends RangeError {
  override readonly name = "ScoreTermError";
  readonly estimator: string;

  constructor(estimator: string, problem: string) {
    super(`${estimator}: ${problem}`);
    this.estimator = estimator;
  }
}

/**
 * A custom estimator whose score terms are checked at every step: d finite numbers, or N finite multipliers that are
 * not a standardised array.
 *
 * The score term is (return after adaptation) × score. An advantage standardised over the batch has mean 0 for every
 * return: Σ_j m_j = 0 for every D_t, so the part of the term that all trajectories share vanishes, which in SG-MRL is
 * the whole term. The mistake is easy to make, because the same arrays are correct inside U.
 *
 * Errors  ScoreTermError from its rule, when it is used: of another length, not finite, or standardised
 */
export function defineEstimator(estimator: Estimator): Estimator {
  const { name, score } = estimator;
  return score === null ? estimator : { ...estimator, score: checked(name, score) };
}

function checked(estimator: string, rule: ScoreRule): ScoreRule {
  return (input) => {
    const term: unknown = rule(input);
    if (!isScoreTerm(term))
      throw new ScoreTermError(
        estimator,
        `the score rule must return { multipliers } or { vector }, each a Float64Array; got ${excerpt(JSON.stringify(term) ?? "nothing")}.`,
      );
    const problem =
      "vector" in term
        ? problemOfVector(term.vector, input.lambda.length)
        : problemOfMultipliers(term.multipliers, input.step.batch.trajectories, input.t);
    if (problem !== null) throw new ScoreTermError(estimator, problem);
    return term;
  };
}

function isScoreTerm(term: unknown): term is ScoreTerm {
  if (typeof term !== "object" || term === null) return false;
  const array = "vector" in term ? term.vector : "multipliers" in term ? term.multipliers : undefined;
  return array instanceof Float64Array;
}

function problemOfVector(vector: Float64Array, d: number): string | null {
  if (vector.length !== d) return `the score term must have d = ${d} elements; got ${vector.length}.`;
  const bad = vector.findIndex((value) => !Number.isFinite(value));
  return bad < 0 ? null : `the score term must be finite; element ${bad} is ${vector[bad]}.`;
}

function problemOfMultipliers(m: Float64Array, N: number, t: number): string | null {
  if (m.length !== N)
    return (
      `multipliers of the score must be one per trajectory of D_${t} (${N}); got ${m.length}. ` +
      "Sum over time steps first."
    );
  const bad = m.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) return `multipliers of the score must be finite; m_${bad} is ${m[bad]}.`;
  if (!isStandardised(m)) return null;
  return (
    "multipliers of the score must be returns, or differences of returns; these have mean 0 and standard " +
    "deviation 1, as a standardised advantage has, and would cancel the score term. Use the mean return after " +
    "adaptation (outer.meanReturn). If they are returns all the same, add any constant: it changes no expectation."
  );
}

/** Mean 0 up to rounding and standard deviation 1 (slightly less if the divisor has an epsilon added). */
function isStandardised(values: Float64Array): boolean {
  if (values.length < 2) return false;
  const average = mean(values);
  const deviation = Math.sqrt(mean(values.map((value) => (value - average) ** 2)));
  return Math.abs(average) < 1e-9 && Math.abs(deviation - 1) < 1e-4;
}
