/** Mean squared errors over runs, with the coefficient that each run had chosen, relative to MAML's. */
import { type Estimate, meanWithConfidence } from "../../../statistics/confidence.ts";
import { averagingOf } from "../../../training/optimizer.ts";
import { overBlocks } from "../frontier/blocks.ts";

export interface ErrorTerms {
  readonly squaredBias: number;
  /** Trace of the covariance of one batch's estimate. */
  readonly variance: number;
}

/** One run at one iteration. */
export interface CoefficientError {
  readonly coefficient: number;
  /** With that coefficient; with 0, which is MAML; with the constant that is best for one batch at this θ. */
  readonly chosen: ErrorTerms;
  readonly maml: ErrorTerms;
  readonly best: ErrorTerms;
}

/** W of Adam's momentum, β = 0.9 [eq:momentum-averaging]: the average for which c is chosen. */
const momentum = averagingOf(0.9);

export interface CoefficientRow {
  readonly problem: string;
  readonly tasks: string;
  readonly iteration: number;
  readonly runs: number;
  readonly coefficient: Estimate;
  /** Mean squared error over MAML's, of one batch, and of an average over 19 at the same θ. */
  readonly overMaml: Estimate;
  readonly averagedOverMaml: Estimate;
  /** The first ratio with the best constant at each θ: what a perfect estimate of c for one batch would reach. */
  readonly bestOverMaml: Estimate;
}

/** Ratios of sums over runs, with the jackknife over runs [eq:block-jackknife]. */
export function rowOf(
  place: Pick<CoefficientRow, "problem" | "tasks" | "iteration">,
  runs: readonly CoefficientError[],
): CoefficientRow {
  const ratio = (of: "chosen" | "best", W: number): Estimate =>
    overBlocks(runs.length, (without) => {
      let [error, ofMaml] = [0, 0];
      runs.forEach((run, i) => {
        if (i === without) return;
        error += run[of].squaredBias + run[of].variance / W;
        ofMaml += run.maml.squaredBias + run.maml.variance / W;
      });
      return error / ofMaml;
    });
  return {
    ...place,
    runs: runs.length,
    coefficient: meanWithConfidence(runs.map(({ coefficient }) => coefficient)),
    overMaml: ratio("chosen", 1),
    averagedOverMaml: ratio("chosen", momentum),
    bestOverMaml: ratio("best", 1),
  };
}

/** The c in [0, 1] that minimises an error known to be quadratic in it, from its values at 0, ½ and 1. */
export function bestOfQuadratic(error: (c: number) => number): number {
  const [at0, atHalf, at1] = [error(0), error(1 / 2), error(1)];
  const square = 2 * (at0 - 2 * atHalf + at1);
  const linear = at1 - at0 - square;
  return square > 0 ? Math.min(1, Math.max(0, -linear / (2 * square))) : at1 < at0 ? 1 : 0;
}
