/**
 * P̄ + c S̄ for whole batches: the choice of c, the sampling of tasks, and the gain over MAML in equal time.
 */

import { addScaled, sub } from "../../../arithmetic.ts";
import type { Estimate } from "../../../statistics/confidence.ts";
import { averagingOf } from "../../../training/optimizer.ts";
import { overBlocks } from "./blocks.ts";
import type { Draws } from "./draws.ts";
import {
  bestCoefficient,
  type DrawnTerms,
  type Noise,
  noiseOf,
  over,
  type ScoreMeans,
  scoreMeans,
  squaredError,
} from "./two-terms.ts";

/** Blocks of draws, for intervals. */
export const blocks = 20;
/** Tasks in a batch of MAML; other estimators get the same processor time. */
export const batch = 20;
/** The exactly unbiased estimator with the lowest variance. */
export const reference = "jackknife-coupled";
/** K of [eq:score-share]. */
const scoredEvery = [1, 4];
/** W of Adam's momentum, β = 0.9 [eq:momentum-averaging]. */
const momentum = averagingOf(0.9);

/**
 * P̄ + c S̄ of a batch of tasks, S from the linear jackknife; the error is measured on draws not used to
 * choose c.
 */
export interface BatchRow {
  readonly tasks: "independent" | "lattice";
  /** K: on a lattice, every K-th task computes its score term [eq:score-share]. */
  readonly scoreEvery: number;
  /** c: 0 is MAML, "auto" minimises the error. */
  readonly coefficient: "0" | "auto" | "1";
  /** Number of batches averaged, as by an optimizer's momentum. */
  readonly averaged: number;
  /** c chosen from all draws, and the resulting error. */
  readonly chosen: number;
  readonly squaredBias: number;
  readonly variance: number;
  /** Error relative to MAML's in equal time, on independent tasks and on a lattice. */
  readonly overMaml: Estimate;
  readonly overMamlOnLattice: Estimate;
}

export interface ErrorCurve {
  readonly estimator: string;
  readonly points: readonly { readonly seconds: number; readonly error: number }[];
}

/** Statistics of both kinds of draws, with one block left out. */
interface Known {
  readonly means: ScoreMeans;
  /** The noise of a batch. */
  readonly noise: (tasks: BatchRow["tasks"], scoreEvery: number) => Noise;
}

export function batchesOf(
  independent: Draws,
  lattices: Draws,
  times: readonly number[],
): { readonly rows: readonly BatchRow[]; readonly curves: readonly ErrorCurve[] } {
  const terms = termsOf(independent);
  const onLattice = new Map(scoredEvery.map((K) => [K, batchMeans(termsOf(lattices), K)]));
  const known = (part: 0 | 1 | undefined, without?: number): Known => {
    const chosen = <T>(draws: readonly T[]): readonly T[] => withoutBlock(halfOf(draws, part), without);
    return {
      means: scoreMeans(chosen(terms)),
      noise: (tasks, K) =>
        tasks === "lattice" ? noiseOf(chosen(onLattice.get(K)!)) : over(batch, noiseOf(chosen(terms))),
    };
  };
  const all = known(undefined);
  // Cross-validation: a coefficient chosen on one half is evaluated on the other, both ways.
  const judges = ([0, 1] as const).map((half) => ({
    choosing: known(half),
    judging: new Map([undefined, ...Array(blocks).keys()].map((b) => [b, known(half === 0 ? 1 : 0, b)])),
  }));
  const milliseconds = (name: string): number => independent.milliseconds.get(name)!;
  const dearer = (scoreEvery: number): number =>
    1 + (milliseconds("jackknife-linear") / milliseconds("maml") - 1) / scoreEvery;

  const row = (
    tasks: BatchRow["tasks"],
    scoreEvery: number,
    coefficient: BatchRow["coefficient"],
    averaged: number,
  ): BatchRow => {
    const own = ({ noise }: Known): Noise => over(averaged, noise(tasks, scoreEvery));
    const choose = (known: Known): number =>
      coefficient === "auto" ? bestCoefficient(known.means, own(known)) : Number(coefficient);
    // In the time of one batch with score terms, MAML processes this many times as many tasks.
    const more = coefficient === "0" ? 1 : dearer(scoreEvery);
    const ratio = (against: BatchRow["tasks"]): Estimate =>
      overBlocks(blocks, (without) => {
        let [error, ofMaml] = [0, 0];
        for (const { choosing, judging } of judges) {
          const here = judging.get(without)!; // every block was left out above
          error += squaredError(here.means, own(here), choose(choosing)).total;
          ofMaml += squaredError(here.means, over(more * averaged, here.noise(against, 1)), 0).total;
        }
        return error / ofMaml;
      });
    const c = choose(all);
    const { squaredBias, variance } = squaredError(all.means, own(all), c);
    return {
      tasks,
      scoreEvery,
      coefficient,
      averaged,
      chosen: c,
      squaredBias,
      variance,
      overMaml: ratio("independent"),
      overMamlOnLattice: ratio("lattice"),
    };
  };
  const curve = (name: string, coefficient: "0" | "auto"): ErrorCurve => ({
    estimator: name,
    points: times.map((seconds) => {
      const each = milliseconds(coefficient === "0" ? "maml" : "jackknife-linear");
      const noise = over((1000 * seconds) / (batch * each), all.noise("lattice", 1));
      const c = coefficient === "0" ? 0 : bestCoefficient(all.means, noise);
      return { seconds, error: squaredError(all.means, noise, c).total };
    }),
  });
  const rows = (tasks: BatchRow["tasks"], averaged: number): BatchRow[] => [
    row(tasks, 1, "0", averaged),
    ...(tasks === "lattice" ? scoredEvery : [1]).flatMap((K) => [
      row(tasks, K, "auto", averaged),
      row(tasks, K, "1", averaged),
    ]),
  ];
  return {
    rows: [1, momentum].flatMap((averaged) => [
      ...rows("independent", averaged),
      ...rows("lattice", averaged),
    ]),
    curves: [curve("maml, lattice", "0"), curve("auto, lattice", "auto")],
  };
}

/** S from the linear jackknife; S' from the reference, if it was drawn. */
export function termsOf({ estimates }: Draws): DrawnTerms[] {
  const P = estimates.get("maml")!;
  const S = estimates.get("jackknife-linear")!.map((row, i) => sub(row, P[i]!));
  const found = estimates.get(reference)?.map((row, i) => sub(row, P[i]!)) ?? S;
  return P.map((pathwise, i) => ({ pathwise, score: S[i]!, reference: found[i]! }));
}

/** Means of P and S over batches of consecutive tasks; of S, over every `scoreEvery`-th. */
export function batchMeans(
  terms: readonly DrawnTerms[],
  scoreEvery: number,
): Pick<DrawnTerms, "pathwise" | "score">[] {
  const mean = (vectors: readonly Float64Array[]): Float64Array =>
    vectors.reduce((sum, x) => addScaled(sum, 1, x)).map((x) => x / vectors.length);
  return Array.from({ length: Math.floor(terms.length / batch) }, (_, b) => {
    const tasks = terms.slice(b * batch, (b + 1) * batch);
    const scored = tasks.filter((_, i) => i % scoreEvery === 0);
    return {
      pathwise: mean(tasks.map(({ pathwise }) => pathwise)),
      score: mean(scored.map(({ score }) => score)),
    };
  });
}

function halfOf<T>(draws: readonly T[], part: 0 | 1 | undefined): readonly T[] {
  const half = Math.floor(draws.length / 2);
  return part === undefined ? draws : draws.slice(part * half, (part + 1) * half);
}

function withoutBlock<T>(draws: readonly T[], without?: number): readonly T[] {
  if (without === undefined) return draws;
  return draws.filter((_, i) => Math.floor((i * blocks) / draws.length) !== without);
}
