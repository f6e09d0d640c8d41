/** Bias, spread, mean squared error and cost of every estimator at one θ. */
import { sub } from "../../vector.ts";
import { Blocks, type Interval, overBlocks } from "./blocks.ts";
import type { Draws } from "./draws.ts";
import { type Cost, type Plan, planFor, scoreStatistics, squaredError, type Terms } from "./partial.ts";

/** Blocks of draws, for intervals. */
const blocks = 20;
/** Tasks of a batch of MAML; the others get as much processor time. */
const batch = 20;
/** Exactly unbiased, and the quietest that is. */
const reference = "jackknife-coupled";
/** Processor time of one estimate of the meta-gradient, in seconds. */
const times: readonly number[] = Array.from({ length: 41 }, (_, i) => 0.1 * 10 ** (i / 10));

export interface Row {
  readonly estimator: string;
  readonly draws: number;
  /** Processor time a task. */
  readonly milliseconds: number;
  /** |E e − ∇V|², unbiased and hence of either sign; 0 where it is proved. */
  readonly squaredBias: Interval;
  /** √tr cov(e) of one task's estimate. */
  readonly deviation: number;
  /** |E e − ∇V|² + tr cov(e)/B, B = 20. */
  readonly error: Interval;
  /** The same at the time that MAML takes for 20 tasks, in units of MAML's. */
  readonly errorAtEqualTime: Interval;
}

/** Partial debiasing, planned on one half of the draws and judged on the other. */
export interface PartialRow extends Plan {
  readonly squaredBias: number;
  /** In units of MAML's on the same half. */
  readonly errorAtEqualTime: Interval;
}

export interface Curve {
  readonly estimator: string;
  readonly points: readonly { readonly seconds: number; readonly error: number }[];
}

export interface Stage {
  /** Of MAML, before. */
  readonly iterations: number;
  /** |∇V|². */
  readonly squaredGradient: Interval;
  readonly rows: readonly Row[];
  readonly partial: PartialRow;
  /** Mean squared error against processor time. */
  readonly curves: readonly Curve[];
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

/** `unbiased` names the estimators whose bias is known to be 0, by proof. */
export function measure(
  { estimates, milliseconds }: Draws,
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
    ([estimator, found]): Row => ({
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
  const partly = partlyDebiased({ estimates, milliseconds });
  return {
    iterations,
    squaredGradient: overBlocks(blocks, (without) => gradient.moments(without).squaredMean),
    rows,
    partial: partly.at(time),
    curves: [
      ...[...sampled].map(([estimator, found]) => ({
        estimator,
        points: times.map((seconds) => ({
          seconds,
          error: meanSquaredError(found, (1000 * seconds) / found.milliseconds),
        })),
      })),
      {
        estimator: "partial",
        points: times.map((seconds) => ({ seconds, error: partly.error(1000 * seconds) })),
      },
    ],
  };
}

/**
 * S of the linear jackknife, at its cost; S' of the reference. The plan takes for |E S|² the lower end of its 95% interval
 * on one half of the draws.
 */
function partlyDebiased({ estimates, milliseconds }: Draws): {
  at(time: number): PartialRow;
  error(time: number): number;
} {
  const P = estimates.get("maml")!;
  const [S, reference_] = ["jackknife-linear", reference].map((name) => estimates.get(name)!.map(minus(P)));
  const terms = P.map((pathwise, i): Terms => ({ pathwise, score: S![i]!, reference: reference_![i]! }));
  const half = Math.floor(terms.length / 2);
  const first = terms.slice(0, half);
  const of = (kept: readonly Terms[]): number => scoreStatistics(kept).squaredMean;
  const squaredMean = overBlocks(blocks, (without) => of(withoutBlock(first, without)));
  // No more than the draws prove: what noise takes for a score term would be added with all its noise.
  const seen = { ...scoreStatistics(first), squaredMean: squaredMean.mean - squaredMean.margin };
  const judged = terms.slice(half);
  const all = scoreStatistics(judged);
  const cost: Cost = {
    pathwise: milliseconds.get("maml")!,
    score: milliseconds.get("jackknife-linear")! - milliseconds.get("maml")!,
  };
  const free: Cost = { ...cost, score: 0 };
  return {
    at(time) {
      const plan = planFor(seen, cost, time);
      const ratio = (without?: number): number => {
        const found = scoreStatistics(withoutBlock(judged, without));
        const maml = squaredError(found, { coefficient: 0, share: 1 }, free, time);
        return squaredError(found, plan, cost, time).total / maml.total;
      };
      return {
        ...plan,
        squaredBias: squaredError(all, plan, cost, time).squaredBias,
        errorAtEqualTime: overBlocks(blocks, ratio),
      };
    },
    error: (time) => squaredError(all, planFor(seen, cost, time), cost, time).total,
  };
}

function withoutBlock(terms: readonly Terms[], without?: number): readonly Terms[] {
  const size = Math.floor(terms.length / blocks);
  return terms.filter((_, i) => Math.floor(i / size) !== without);
}

function minus(subtracted: readonly Float64Array[]): (row: Float64Array, i: number) => Float64Array {
  return (row, i) => sub(row, subtracted[i]!);
}
