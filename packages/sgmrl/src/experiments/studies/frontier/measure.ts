/** Bias, variance, mean squared error and cost of every estimator at one θ. */

import { exp } from "@sgmrl/autodiff/elementary";
import { sub } from "../../../arithmetic.ts";
import type { Estimate } from "../../../statistics/confidence.ts";
import { type BatchRow, batch, batchesOf, blocks, type ErrorCurve, reference } from "./batches.ts";
import { Blocks, overBlocks } from "./blocks.ts";
import type { Draws } from "./draws.ts";

/** Processor time of one estimate of the meta-gradient, in seconds. */
const times: readonly number[] = Array.from({ length: 41 }, (_, i) => 0.1 * exp((i / 10) * Math.LN10));

export interface FrontierRow {
  readonly estimator: string;
  readonly draws: number;
  /** Processor time per task. */
  readonly milliseconds: number;
  /** |E e − ∇V|², estimated without bias and so of either sign; 0 for estimators proved unbiased. */
  readonly squaredBias: Estimate;
  /** √tr cov(e) of one task's estimate. */
  readonly deviation: number;
  /** |E e − ∇V|² + tr cov(e)/B, B = 20. */
  readonly error: Estimate;
  /** The same for the time MAML takes for 20 tasks, relative to MAML's error. */
  readonly errorAtEqualTime: Estimate;
}

export interface Stage {
  /** Iterations of MAML that led to θ. */
  readonly iterations: number;
  /** |∇V|². */
  readonly squaredGradient: Estimate;
  readonly rows: readonly FrontierRow[];
  readonly batches: readonly BatchRow[];
  /** Mean squared error against processor time. */
  readonly curves: readonly ErrorCurve[];
}

export interface FamilyStages {
  readonly family: string;
  readonly stages: readonly Stage[];
}

interface Sampled {
  readonly squaredBias: (without?: number) => number;
  readonly variance: (without?: number) => number;
  readonly milliseconds: number;
}

/** |bias|² + tr cov / B; an estimated |bias|² below 0 counts as 0. */
function meanSquaredError(found: Sampled, tasks: number, without?: number): number {
  return Math.max(0, found.squaredBias(without)) + found.variance(without) / tasks;
}

/**
 * Measures from draws on independent tasks and on lattices of `batch` tasks; `unbiased`: estimators proved
 * unbiased.
 */
export function measure(
  { estimates, milliseconds }: Draws,
  lattices: Draws,
  unbiased: ReadonlySet<string>,
  iterations: number,
): Stage {
  const truth = estimates.get(reference)!;
  const sampled = new Map<string, Sampled>();
  for (const [name, rows] of estimates) {
    const estimate = new Blocks(rows, blocks);
    const bias = unbiased.has(name) ? undefined : new Blocks(rows.map(minus(truth)), blocks);
    sampled.set(name, {
      variance: (without) => estimate.moments(without).variance,
      squaredBias: (without) => bias?.moments(without).squaredMean ?? 0,
      milliseconds: milliseconds.get(name)!,
    });
  }
  const maml = sampled.get("maml")!;
  const time = batch * maml.milliseconds;
  const rows = [...sampled].map(
    ([estimator, found]): FrontierRow => ({
      estimator,
      draws: estimates.get(estimator)!.length,
      milliseconds: found.milliseconds,
      squaredBias: overBlocks(blocks, found.squaredBias),
      deviation: Math.sqrt(found.variance()),
      error: overBlocks(blocks, (without) => meanSquaredError(found, batch, without)),
      errorAtEqualTime: overBlocks(
        blocks,
        (without) =>
          meanSquaredError(found, time / found.milliseconds, without) /
          meanSquaredError(maml, batch, without),
      ),
    }),
  );
  const gradient = new Blocks(truth, blocks);
  const batches = batchesOf({ estimates, milliseconds }, lattices, times);
  return {
    iterations,
    squaredGradient: overBlocks(blocks, (without) => gradient.moments(without).squaredMean),
    rows,
    batches: batches.rows,
    curves: [
      ...[...sampled].map(([estimator, found]) => ({
        estimator,
        points: times.map((seconds) => ({
          seconds,
          error: meanSquaredError(found, (1000 * seconds) / found.milliseconds),
        })),
      })),
      ...batches.curves,
    ],
  };
}

function minus(subtracted: readonly Float64Array[]): (row: Float64Array, i: number) => Float64Array {
  return (row, i) => sub(row, subtracted[i]!);
}
