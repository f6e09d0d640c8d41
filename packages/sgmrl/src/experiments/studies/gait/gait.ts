/**
 * Why half-cheetah needs a damped form: how derivatives grow along its gaits, and the bias and cost of each
 * form.
 */
import { areaY, lineY } from "@observablehq/plot";
import { fold, key } from "@sgmrl/autodiff/random";
import { wasm } from "@sgmrl/autodiff/wasm";
import { findEnvironment, type TaskKey, trainingTaskKey } from "@sgmrl/envs";
import { sub } from "../../../arithmetic.ts";
import { presets } from "../../../config/presets.ts";
import { findEstimator } from "../../../meta-gradient/catalogue.ts";
import type { Estimator } from "../../../meta-gradient/estimator.ts";
import type { Damping } from "../../../meta-gradient/reparameterised/damped-sweep.ts";
import { sweptScore } from "../../../meta-gradient/reparameterised/score.ts";
import { adjointSweep } from "../../../meta-gradient/reparameterised/sweep.ts";
import { createPolicy } from "../../../policy/create-policy.ts";
import { logLikelihood } from "../../../policy/log-likelihood.ts";
import { type Figure, seriesColor } from "../../../report/figure.ts";
import { drawNoise } from "../../../sampling/rollout.ts";
import { createSimulator } from "../../../sampling/simulator.ts";
import { taskSampler } from "../../../sampling/task-sampler.ts";
import type { Estimate } from "../../../statistics/confidence.ts";
import { Blocks, overBlocks } from "../frontier/blocks.ts";
import { drawEstimates } from "../frontier/draws.ts";
import { kept, type Study } from "../study.ts";
import { growth, type Quantiles, quantiles } from "./growth.ts";
import { iterations, trainedThetas } from "./trained.ts";

const preset = presets["half-cheetah-short"]!;
const experiment = { ...preset.experiment, estimator: { name: "maml" } };
const lags = [1, 2, 5, 10, 20, 50, 100] as const;
const draws = 40;
const blocks = 20;
/** Truncated backpropagation: the carried cotangent is set to zero at every K-th step. */
const truncated = (K: number): Estimator => ({
  ...findEstimator("reparameterised-damped"),
  name: `cut at every ${K}th step`,
  score: sweptScore((batch, ...rest) => {
    let h = batch.horizon;
    return adjointSweep(batch, ...rest, (p) => {
      if (h-- % K === 0) p.fill(0);
    });
  }),
});
/** The half-cheetah's own contact depth, so that its derivatives are not softened. */
const own = 0.01;
const damped = (name: string, damping: Partial<Damping>): Estimator => ({
  ...findEstimator("reparameterised-damped", undefined, damping),
  name,
});
const none = Number.POSITIVE_INFINITY;

const compared: readonly Estimator[] = [
  findEstimator("maml"),
  findEstimator("lvc"),
  findEstimator("jackknife-linear"),
  findEstimator("reparameterised"),
  findEstimator("reparameterised-damped"),
  damped("κ = 60", { clip: 60 }),
  damped("κ = 30, own contacts", { clip: 30, contactDepth: own }),
  damped("κ = 30, by norm, own contacts", { clip: 30, clipBy: "norm", contactDepth: own }),
  damped("κ = 100, by norm, own contacts", { clip: 100, clipBy: "norm", contactDepth: own }),
  damped("ρ = 0.9, κ = 10, by norm, own contacts", {
    damping: 0.9,
    clip: 10,
    clipBy: "norm",
    contactDepth: own,
  }),
  damped("ρ = 0.9, own contacts, not clipped", { damping: 0.9, clip: none, contactDepth: own }),
  truncated(5),
];

export interface GaitRow {
  readonly estimator: string;
  /** √tr cov of one task's estimate, with its block-jackknife interval. */
  readonly deviation: Estimate;
  /**
   * |E e − E exact|², estimated without bias and so of either sign, against `reparameterised` on the same
   * data.
   */
  readonly squaredBias: Estimate;
  /** Processor time per task, including its data. */
  readonly milliseconds: number;
}

interface GaitGrowth extends Quantiles {
  /** k, in environment steps. */
  readonly lag: number;
}

/**
 * Growth along 16 trajectories before adaptation, where the task has no effect. Omits x, on which nothing
 * depends.
 */
function growthAt(theta: Float64Array, i: number): GaitGrowth[] {
  const environment = findEnvironment(experiment.environment);
  const policy = createPolicy(experiment.policy, environment);
  const simulator = createSimulator(environment, policy, { backend: wasm });
  const model = logLikelihood(policy, { backend: wasm });
  const task = environment.family.sample(key(0));
  const noises = [drawNoise(policy, key(200 + i), 16, preset.experiment.horizon!)];
  const sampler = taskSampler({ environment, task, policy, model, simulator }, noises);
  const found = growth(sampler, theta, sampler.sample(theta, 1), lags, 1);
  return found.map((values, l) => ({ lag: lags[l]!, ...quantiles(values) }));
}

function rowsAt(theta: Float64Array, horizon: number, i: number): GaitRow[] {
  const root = key(300 + i);
  const tasks: TaskKey[] = Array.from({ length: draws }, (_, n) => trainingTaskKey(root, 0, n));
  const found = drawEstimates({ ...experiment, horizon }, theta, compared, tasks, fold(root, horizon));
  const exact = found.estimates.get("reparameterised")!;
  return compared.map(({ name }) => {
    const own = found.estimates.get(name)!;
    const [all, difference] = [
      new Blocks(own, blocks),
      new Blocks(
        own.map((row, n) => sub(row, exact[n]!)),
        blocks,
      ),
    ];
    return {
      estimator: name,
      deviation: overBlocks(blocks, (without) => Math.sqrt(all.moments(without).variance)),
      squaredBias: overBlocks(blocks, (without) => difference.moments(without).squaredMean),
      milliseconds: found.milliseconds.get(name)!,
    };
  });
}

interface Stage {
  /** Iterations of MAML that led to θ. */
  readonly iterations: number;
  readonly growth: readonly GaitGrowth[];
  /** Horizon 100, as trained. */
  readonly whole: readonly GaitRow[];
  /** Horizon 20, where the exact form has low enough variance to reveal biases. */
  readonly short: readonly GaitRow[];
}

export const gaitStudy: Study<{ readonly draws: number; readonly stages: readonly Stage[] }> = {
  name: "gait",
  summary: "how derivatives grow along a half-cheetah's gait, and what damping them costs in bias",
  async run(progress, folder) {
    progress("training");
    const thetas = await trainedThetas(folder);
    const measured = <T extends object>(what: string, k: number, measure: () => T): T =>
      kept(folder, `${what}-${k}`, () => {
        progress(`${what} after ${k} iterations`);
        return measure();
      });
    const found = iterations.map((k, i) => measured("growth", k, () => growthAt(thetas[i]!, i)));
    const stages = iterations.map(
      (k, i): Stage => ({
        iterations: k,
        growth: found[i]!,
        whole: measured("whole", k, () => rowsAt(thetas[i]!, preset.experiment.horizon!, i)),
        short: measured("short", k, () => rowsAt(thetas[i]!, 20, i)),
      }),
    );
    return { draws, stages };
  },
  draw: ({ stages }) => [growthFigure(stages)],
};

function growthFigure(stages: readonly Stage[]): Figure {
  const points = stages.flatMap(({ growth: values, iterations: k }) => values.map((one) => ({ ...one, k })));
  return {
    name: "gait-growth",
    title: "Derivatives along the half-cheetah's gait",
    caption:
      "Largest singular value of ∂s_{t+k}/∂s_t with the policy in the loop, median and 95% of starts; θ after iterations of MAML.",
    legend: stages.map(({ iterations: k }, i) => ({ label: `after ${k} iterations`, color: seriesColor(i) })),
    plot: {
      height: 312,
      marginBottom: 42,
      x: { type: "log", label: "environment steps k", ticks: [...lags], tickFormat: String },
      y: { label: "log₁₀ of the largest singular value", grid: true, ticks: 6 },
      marks: stages.flatMap(({ iterations: k }, i) => {
        const own = points.filter((one) => one.k === k);
        return [
          areaY(own, { x: "lag", y1: "median", y2: "high", fill: seriesColor(i), fillOpacity: 0.2 }),
          lineY(own, { x: "lag", y: "median", stroke: seriesColor(i), strokeWidth: 2 }),
        ];
      }),
    },
  };
}
