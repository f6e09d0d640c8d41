/**
 * Ideas for reducing the variance of the score term through the simulator: noise from a Latin hypercube in place of
 * independent noise, the difference of two exact estimators as a control variate, a bound on the term's norm, and one on
 * the cotangents in its sweep. Navigation, at the θ of the study `simulator`.
 */
import { fold, type Key, key, normalQuantile, uniform } from "@sgmrl/autodiff/random";
import { trainingTaskKey } from "@sgmrl/envs";
import { addScaled, dot, median, norm, sub } from "../../arithmetic.ts";
import { findEstimator } from "../../meta-gradient/catalogue.ts";
import type { Estimator } from "../../meta-gradient/estimator.ts";
import type { RolloutNoise } from "../../sampling/rollout.ts";
import type { Estimate } from "../../statistics/confidence.ts";
import { Blocks, overBlocks } from "./frontier/blocks.ts";
import { drawEstimates } from "./frontier/draws.ts";
import { families } from "./frontier/problems.ts";
import { stages, thetaAt } from "./simulator.ts";
import { kept, type Study } from "./study.ts";

const [navigation] = families;
const estimator = "reparameterised";
/** Exact like `estimator`, on the same data: their difference has mean zero. */
const alternative = "jackknife-coupled";
/** The pathwise term alone: at ζ = 1 what `estimator` adds to it is S. */
const pathwise = "maml";
const draws = 300;
const blocks = 20;

/** The variance under a change, relative to that without it. */
interface Change {
  readonly change: string;
  readonly varianceRatio: Estimate;
  /** |E[with] − E[without]|², unbiased: a bias, except that a Latin hypercube defines another gradient. */
  readonly squaredDifference: Estimate;
}

/**
 * N trajectories whose noise is spread evenly in every coordinate k: trajectory j has              [eq:latin-hypercube]
 *
 *   ε′_jk = Φ⁻¹((rank of ε_jk among ε_1k … ε_Nk − 1 + u_jk) / N),   u_jk uniform on [0, 1)
 *
 * Each trajectory alone keeps the law N(0, I); together they are no longer independent.
 *
 * Source  McKay, Beckman & Conover, Technometrics 21(2), 1979, doi:10.1080/00401706.1979.10489755
 */
export function latinHypercube(noise: RolloutNoise, own: Key): RolloutNoise {
  const N = noise.actions.length;
  const actions = noise.actions.map((row) => new Float64Array(row.length));
  for (let k = 0; k < actions[0]!.length; k++) {
    const u = uniform(fold(own, k), N);
    const order = [...noise.actions.keys()].sort((a, b) => noise.actions[a]![k]! - noise.actions[b]![k]!);
    // Away from 0, whose quantile is −∞.
    for (const [rank, j] of order.entries())
      actions[j]![k] = normalQuantile((rank + Math.max(u[j]!, 2 ** -54)) / N);
  }
  return { ...noise, actions };
}

/**
 * x_i + c d_i for the c of least variance, c = −Σ (x_i − x̄)·(d_i − d̄) / Σ |d_i − d̄|², which is taken from the draws of
 * the other half, so that it is independent of the draw it multiplies.                          [eq:control-variate]
 *
 * Source  Owen, Monte Carlo theory, methods and examples, 2013, ch. 8.9
 */
export function withControlVariate(x: readonly Float64Array[], d: readonly Float64Array[]): Float64Array[] {
  const best = (half: number): number => {
    const [own, control] = [x, d].map((rows) => centred(rows.filter((_, i) => i % 2 === half)));
    const sum = (a: readonly Float64Array[], b: readonly Float64Array[]): number =>
      a.reduce((total, row, i) => total + dot(row, b[i]!), 0);
    return -sum(own!, control!) / sum(control!, control!);
  };
  const coefficients = [best(1), best(0)];
  return x.map((row, i) => addScaled(row, coefficients[i % 2]!, d[i]!));
}

/**
 * S_i min(1, κ m_i / ‖S_i‖), m_i the median of the norms of S_1, …, S_{i−1}; the first `batch` are not bounded. Biased.
 *                                                                                    [eq:clipped-score]
 */
export function clippedAtMedian(scores: readonly Float64Array[], kappa: number, batch = 20): Float64Array[] {
  const seen: number[] = [];
  return scores.map((S, i) => {
    const most = i < batch ? Number.POSITIVE_INFINITY : kappa * median(seen);
    const size = norm(S);
    seen.push(size);
    return size > most ? S.map((x) => (x * most) / size) : S;
  });
}

function centred(rows: readonly Float64Array[]): Float64Array[] {
  const mean = rows.reduce((sum, x) => addScaled(sum, 1 / rows.length, x), new Float64Array(rows[0]!.length));
  return rows.map((x) => sub(x, mean));
}

function changesAt(i: number): Change[] {
  const root = key(900 + i);
  const theta = thetaAt(stages[i]!);
  const tasks = Array.from({ length: draws }, (_, n) => trainingTaskKey(root, 0, n));
  const { experiment } = navigation!;
  const drawn = (estimators: readonly Estimator[], evenly: (t: number) => boolean) =>
    drawEstimates(experiment, theta, estimators, tasks, fold(root, 0), (noise, t, own) =>
      evenly(t) ? latinHypercube(noise, own) : noise,
    ).estimates;
  const sweeps = [10, 30].map(
    (clip): Estimator => ({
      ...findEstimator("reparameterised-damped", undefined, { damping: 1, clip, clipBy: "norm" }),
      name: `cotangents at most ${clip} of the median source`,
    }),
  );
  const named = [pathwise, estimator, alternative].map((name) => findEstimator(name));
  const plain = drawn([...named, ...sweeps], () => false);
  const without = plain.get(estimator)!;
  const scores = without.map((x, n) => sub(x, plain.get(pathwise)![n]!));
  const difference = plain.get(alternative)!.map((x, n) => sub(x, without[n]!));
  const compared = (change: string, rows: readonly Float64Array[]): Change => {
    const [before, after] = [new Blocks(without, blocks), new Blocks(rows, blocks)];
    const between = new Blocks(
      rows.map((x, n) => sub(x, without[n]!)),
      blocks,
    );
    return {
      change,
      varianceRatio: overBlocks(blocks, (b) => after.moments(b).variance / before.moments(b).variance),
      squaredDifference: overBlocks(blocks, (b) => between.moments(b).squaredMean),
    };
  };
  const evenly = (which: (t: number) => boolean) => drawn([findEstimator(estimator)], which).get(estimator)!;
  const { steps } = experiment.inner;
  return [
    compared(
      "Latin hypercube, adaptation data",
      evenly((t) => t < steps),
    ),
    compared(
      "Latin hypercube, outer data",
      evenly((t) => t === steps),
    ),
    compared(
      "Latin hypercube, both",
      evenly(() => true),
    ),
    compared(`control variate ${alternative} − ${estimator}`, withControlVariate(without, difference)),
    ...[4, 5].map((kappa) => {
      const clipped = clippedAtMedian(scores, kappa);
      return compared(
        `score term at most ${kappa} of its running medians`,
        without.map((x, n) => addScaled(x, 1, sub(clipped[n]!, scores[n]!))),
      );
    }),
    ...sweeps.map(({ name }) => compared(name, plain.get(name)!)),
  ];
}

export const quieterStudy: Study = {
  name: "quieter",
  summary: "ideas to quieten the score term through the simulator, and what each did to its variance",
  run(progress, folder) {
    return stages.map(({ stage }, i) => ({
      stage,
      changes: kept(folder, `stage-${i}`, () => {
        progress(stage);
        return changesAt(i);
      }),
    }));
  },
};
