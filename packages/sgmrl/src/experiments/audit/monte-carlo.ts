import { key } from "@sgmrl/autodiff/random";
import { addScaled, dot, sub } from "../../arithmetic.ts";
import { batchOf, shareAmong } from "../../exact/joint.ts";
import { sizesOf } from "../../exact/problem.ts";
import { sampledTasks } from "../../exact/sampling.ts";
import { unflatten } from "../../exact/table.ts";
import { estimatorTable, findEstimator } from "../../meta-gradient/catalogue.ts";
import type { TaskRun } from "../../meta-gradient/estimator.ts";
import { isBiased, outerEstimate } from "../../meta-gradient/outer.ts";
import { type Estimate, meanWithConfidence } from "../../statistics/confidence.ts";
import type { AuditSpec } from "./spec.ts";

/** The audit of a problem too large to enumerate; every margin is half a 95% confidence interval. */
export interface MonteCarloAudit {
  readonly samples: number;
  readonly confidence: number;
  /** V_ζ(θ). */
  readonly objective: Estimate;
  /** Sampled mean of an unbiased estimator, in the shape of θ: [S][A], or [K][A] with features. */
  readonly gradient: number[][];
  readonly estimators: readonly {
    readonly name: string;
    readonly mean: number[][];
    /** Largest entry of |mean − gradient|; the margin holds for all entries at once. */
    readonly bias: Estimate;
    readonly variance: Estimate;
  }[];
}

const confidence = 0.95;
const reference = findEstimator("jackknife-per-decision");

/**
 * Differences from an unbiased estimator on the *same* samples, so that common noise cancels:
 *
 *   bias_i ≈ mean of (e_i − u_i),   variance ≈ mean of |e − ē|²
 *
 * u has the problem's outer step, unless that is biased; then returns less the mean of the others, from the same data.
 */
export function monteCarloAudit(
  { problem, estimators, groups }: AuditSpec,
  n: number,
  seed: number,
): MonteCarloAudit {
  const names =
    estimators ??
    Object.values(estimatorTable(groups))
      .filter(({ differentiates = false }) => !differentiates)
      .map(({ name }) => name);
  const chosen = names.map((name) => findEstimator(name, groups));
  const unbiased = (run: TaskRun): TaskRun =>
    isBiased(problem.outer)
      ? { ...run, outer: outerEstimate(run.update, run.adaptation, run.outer.batch) }
      : run;
  const sizes = sizesOf(problem);
  const drawn = Array.from(
    sampledTasks(problem, Math.max(...chosen.map(batchOf)), key(seed), n),
    ({ objective, run, others }) => ({
      objective,
      gradients: [
        shareAmong(reference, unbiased(run), others),
        ...chosen.map((estimator) => shareAmong(estimator, run, others)),
      ],
    }),
  );
  const d = problem.theta.flat().length;

  const objectives = drawn.map(({ objective }) => objective);
  const meanOf = (i: number): Float64Array =>
    drawn.reduce<Float64Array>(
      (sum, { gradients }) => addScaled(sum, 1 / n, gradients[i]!),
      new Float64Array(d),
    );
  return {
    samples: n,
    confidence,
    objective: meanWithConfidence(objectives, { confidence }),
    gradient: unflatten(meanOf(0), sizes),
    estimators: names.map((name, i) => {
      const mean = meanOf(i + 1);
      const biases = Array.from({ length: d }, (_, entry) =>
        meanWithConfidence(
          drawn.map(({ gradients }) => gradients[i + 1]![entry]! - gradients[0]![entry]!),
          { confidence, together: d },
        ),
      );
      const worst = biases.reduce((a, b) => (Math.abs(b.mean) > Math.abs(a.mean) ? b : a));
      return {
        name,
        mean: unflatten(mean, sizes),
        bias: { mean: Math.abs(worst.mean), margin: Math.max(...biases.map(({ margin }) => margin)) },
        variance: sampledVariance(drawn.map(({ gradients }) => gradients[i + 1]!)),
      };
    }),
  };
}

/** Trace of the covariance from independent draws, with a 95% interval. */
export function sampledVariance(draws: readonly Float64Array[]): Estimate {
  const n = draws.length;
  const mean = draws.reduce<Float64Array>(
    (sum, draw) => addScaled(sum, 1 / n, draw),
    new Float64Array(draws[0]!.length),
  );
  const squares = draws.map((draw) => {
    const deviation = sub(draw, mean);
    return (dot(deviation, deviation) * n) / (n - 1);
  });
  return meanWithConfidence(squares, { confidence });
}
