import { mean } from "../vector.ts";
import type { Estimator, MultiplierRule } from "./recursion.ts";

/** What a rule of one's own gave cannot multiply a score. */
export class MultiplierError extends RangeError {
  override readonly name = "MultiplierError";
  readonly estimator: string;

  constructor(estimator: string, problem: string) {
    super(`${estimator}: multipliers of the score ${problem}`);
    this.estimator = estimator;
  }
}

/**
 * An estimator of one's own, its multipliers checked at every step: N finite numbers, and not a standardised array.
 *
 * The score term is (return after adaptation) × score. An advantage standardised over the batch has mean 0 whatever the
 * return is: Σ_j m_j = 0 for every D_t, so that the part of the term that all trajectories share, which is all of it
 * in SG-MRL, is gone. The mistake is easily made, since the same arrays are right one line earlier, inside U.
 */
export function defineEstimator(estimator: Estimator): Estimator {
  const { name, multipliers } = estimator;
  return multipliers === null ? estimator : { ...estimator, multipliers: checked(name, multipliers) };
}

function checked(name: string, rule: MultiplierRule): MultiplierRule {
  return (problem, adaptation, t, outer, lambda, tangent) => {
    const m = rule(problem, adaptation, t, outer, lambda, tangent);
    const N = adaptation.steps[t - 1]!.batch.trajectories;
    if (m.values.length !== N)
      throw new MultiplierError(
        name,
        `must be one per trajectory of D_${t} (${N}); got ${m.values.length}. Sum over time steps first.`,
      );
    const bad = m.values.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) throw new MultiplierError(name, `must be finite; m_${bad} is ${m.values[bad]}.`);
    if (isStandardised(m.values))
      throw new MultiplierError(
        name,
        "must be returns, or differences of returns; these have mean 0 and standard deviation 1, as a standardised " +
          "advantage has, and would cancel the score term. Use the mean return after adaptation (outer.meanReturn). " +
          "If they are returns all the same, add any constant: it changes no expectation.",
      );
    return m;
  };
}

/** Mean 0 to rounding and standard deviation 1 (less what an epsilon in the divisor takes). */
function isStandardised(values: Float64Array): boolean {
  if (values.length < 2) return false;
  const average = mean(values);
  const deviation = Math.sqrt(mean(values.map((value) => (value - average) ** 2)));
  return Math.abs(average) < 1e-9 && Math.abs(deviation - 1) < 1e-4;
}
