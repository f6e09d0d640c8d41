/** Noise and cost of the score term through the simulator: navigation at fixed θ. */
import { fold, key } from "@sgmrl/autodiff/random";
import { latticeTaskKeys, type TaskKey, trainingTaskKey } from "@sgmrl/envs";
import { addScaled, sub } from "../../arithmetic.ts";
import { findEstimator } from "../../meta-gradient/catalogue.ts";
import type { OuterBaseline } from "../../settings.ts";
import type { Estimate } from "../../statistics/confidence.ts";
import { Blocks, overBlocks, shareOfTop } from "./frontier/blocks.ts";
import { type Draws, drawEstimates } from "./frontier/draws.ts";
import { families, trained } from "./frontier/problems.ts";
import { kept, type Study } from "./study.ts";

const [navigation] = families;
const compared: readonly string[] = [
  "maml",
  "reparameterised",
  "reparameterised-warped",
  "jackknife-linear",
  "lvc",
];
/** Unbiased across the ends of episodes where no action is clipped: biases are measured against it. */
const reference = "reparameterised-warped";
const fitted: readonly string[] = ["maml", "reparameterised", "reparameterised-warped"];
const batch = 20;
const blocks = 20;
const draws = { tasks: 200, lattices: 40 };

export interface QuietRow {
  readonly estimator: string;
  readonly baseline: OuterBaseline;
  /** Processor time per task, in milliseconds. */
  readonly milliseconds: number;
  /** √tr cov of one task's estimate. */
  readonly deviation: Estimate;
  readonly squaredBias: Estimate;
  /** Share of the second moment carried by the largest 1% of the draws. */
  readonly topShare: number;
  /**
   * Mean squared error of a batch of 20 tasks, relative to that of MAML in equal time and with the same
   * baseline: both on independent tasks and, if drawn, both on lattices.
   */
  readonly errorOverMaml: Estimate;
  readonly errorOverMamlOnLattice: Estimate | null;
}

export interface QuietStage {
  readonly stage: string;
  /** |∇V|². */
  readonly squaredGradient: Estimate;
  readonly rows: readonly QuietRow[];
}

/** The fixed θ: initial, and along training runs. */
export const stages: readonly {
  readonly stage: string;
  readonly estimator: string;
  readonly iterations: number;
}[] = [
  { stage: "initial", estimator: "maml", iterations: 0 },
  { stage: "20 iterations of maml", estimator: "maml", iterations: 20 },
  { stage: "60 iterations of maml", estimator: "maml", iterations: 60 },
  { stage: "80 iterations of reparameterised", estimator: "reparameterised", iterations: 80 },
];

/** Each stage has separate tasks; within a stage all estimators and baselines share tasks and noise. */
function quietStage(
  i: number,
  theta: Float64Array,
  { tasks, lattices }: { readonly tasks: number; readonly lattices: number },
): QuietStage {
  const root = key(300 + i);
  const drawn = (
    names: readonly string[],
    baseline: OuterBaseline,
    keys: readonly TaskKey[],
    purpose: number,
  ) =>
    drawEstimates(
      { ...navigation!.experiment, outer: { ...navigation!.experiment.outer, baseline } },
      theta,
      names.map((name) => findEstimator(name)),
      keys,
      fold(root, purpose),
    );
  const independent = Array.from({ length: tasks }, (_, n) => trainingTaskKey(root, 0, n));
  const onLattice = Array.from({ length: lattices }, (_, b) => latticeTaskKeys(root, 1 + b, batch)).flat();
  const plain = drawn(compared, "mean", independent, 0);
  const truth = new Blocks(plain.estimates.get(reference)!, blocks);
  return {
    stage: stages[i]!.stage,
    squaredGradient: overBlocks(blocks, (without) => truth.moments(without).squaredMean),
    rows: [
      ...rowsOf("mean", plain, null),
      ...rowsOf("fitted", drawn(fitted, "fitted", independent, 0), drawn(fitted, "fitted", onLattice, 1)),
    ],
  };
}

function rowsOf(baseline: OuterBaseline, single: Draws, lattices: Draws | null): QuietRow[] {
  const truth = single.estimates.get(reference)!;
  const sampled = new Map(
    [...single.estimates].map(([name, rows]) => {
      const own = new Blocks(rows, blocks);
      const bias = new Blocks(
        rows.map((x, n) => sub(x, truth[n]!)),
        blocks,
      );
      const means = lattices && new Blocks(batchMeans(lattices.estimates.get(name)!), blocks);
      return [
        name,
        {
          milliseconds: single.milliseconds.get(name)!,
          bias: (without?: number) => bias.moments(without).squaredMean,
          variance: (without?: number) => own.moments(without).variance,
          ofBatches: means && ((without?: number) => means.moments(without).variance),
        },
      ];
    }),
  );
  const maml = sampled.get("maml")!;
  return [...sampled].map(([estimator, found]): QuietRow => {
    const longer = found.milliseconds / maml.milliseconds;
    const over = (noise: (of: typeof found, without?: number) => number): Estimate =>
      overBlocks(blocks, (without) => {
        const squared = (of: typeof found): number => Math.max(0, of.bias(without));
        return (squared(found) + noise(found, without)) / (squared(maml) + noise(maml, without) / longer);
      });
    return {
      estimator,
      baseline,
      milliseconds: found.milliseconds,
      deviation: overBlocks(blocks, (without) => Math.sqrt(found.variance(without))),
      squaredBias: overBlocks(blocks, found.bias),
      topShare: shareOfTop(single.estimates.get(estimator)!, 0.01),
      errorOverMaml: over((of, without) => of.variance(without) / batch),
      errorOverMamlOnLattice: found.ofBatches && over((of, without) => of.ofBatches!(without)),
    };
  });
}

function batchMeans(rows: readonly Float64Array[]): Float64Array[] {
  return Array.from({ length: Math.floor(rows.length / batch) }, (_, b) =>
    rows
      .slice(b * batch, (b + 1) * batch)
      .reduce((sum, x) => addScaled(sum, 1 / batch, x), new Float64Array(rows[0]!.length)),
  );
}

export function thetaAt({ estimator, iterations }: (typeof stages)[number]): Float64Array {
  const experiment = { ...navigation!.experiment, estimator: { name: estimator } };
  return trained({ ...navigation!, experiment }, [iterations])[0]!;
}

export const simulatorStudy: Study = {
  name: "simulator",
  summary: "variance and cost of the score term through the simulator, beside MAML, on navigation",
  run(progress, folder) {
    return stages.map((stage, i) =>
      kept(folder, `stage-${i}`, () => {
        progress(`${stage.stage}: training`);
        const theta = thetaAt(stage);
        progress(`${stage.stage}: draws`);
        return quietStage(i, theta, draws);
      }),
    );
  },
};
