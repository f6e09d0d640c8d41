/**
 * What bounding the derivatives along a gait costs in bias: ∇J of half-cheetah, by scores, which are unbiased, and by each
 * form of the sweep, on the same trajectories.
 */
import { fold, type Key, key } from "@sgmrl/autodiff/random";
import { wasm } from "@sgmrl/autodiff/wasm";
import { type DirectionTask, type Environment, halfCheetahDirection } from "@sgmrl/envs";
import { concatenated, sub } from "../../../arithmetic.ts";
import { presets } from "../../../config/presets.ts";
import { outerEstimate } from "../../../meta-gradient/outer.ts";
import { type Damping, dampedSweep } from "../../../meta-gradient/reparameterised/damped-sweep.ts";
import { adjointSweep } from "../../../meta-gradient/reparameterised/sweep.ts";
import { createPolicy } from "../../../policy/create-policy.ts";
import { logLikelihood } from "../../../policy/log-likelihood.ts";
import { drawNoise } from "../../../sampling/rollout.ts";
import { createSimulator } from "../../../sampling/simulator.ts";
import { taskSampler } from "../../../sampling/task-sampler.ts";
import type { Estimate } from "../../../statistics/confidence.ts";
import { Blocks, overBlocks } from "../frontier/blocks.ts";
import { ofMeanReturn } from "../mean-return.ts";
import { kept, type Study } from "../study.ts";
import { iterations, trainedThetas } from "./trained.ts";

const { experiment } = presets["half-cheetah-short"]!;
const task: DirectionTask = { direction: 1 };
const trajectories = 40;
const blocks = 20;
/** The batches drawn at each horizon. */
const horizons: readonly (readonly [horizon: number, draws: number])[] = [
  [20, 200],
  [100, 100],
];

type Sweep = typeof adjointSweep;

/** A way to carry cotangents back. */
export interface Form {
  readonly name: string;
  readonly sweep: Sweep;
  /** The depth [m] over which contacts stiffen in its derivatives; by default the robot's own, 0.01. */
  readonly contactDepth?: number;
}

const clipped = (clipBy: Damping["clipBy"], clip: number, damping = 1): Sweep => {
  return (batch, adjoint, feedback, partial) =>
    dampedSweep(batch, adjoint, feedback, partial, { damping, clip, clipBy });
};

/** Nothing is carried over a step whose number is a multiple of K. */
const cut = (K: number): Sweep => {
  return (batch, adjoint, feedback, partial) => {
    let h = batch.horizon;
    return adjointSweep(batch, adjoint, feedback, partial, (p) => {
      if (h-- % K === 0) p.fill(0);
    });
  };
};

const none = Number.POSITIVE_INFINITY;
const norm = (clip: number): Form => ({ name: `norm, κ = ${clip}`, sweep: clipped("norm", clip) });
const coordinate = (clip: number): Form => ({
  name: `coordinate, κ = ${clip}`,
  sweep: clipped("coordinate", clip),
});
const over = (contactDepth: number, form: Form): Form => ({
  ...form,
  name: `${form.name}, contacts over ${contactDepth} m`,
  contactDepth,
});

export const forms: readonly Form[] = [
  { name: "exact", sweep: adjointSweep },
  ...[10, 30, 100].map(norm),
  ...[10, 30, 60].map(coordinate),
  ...[0.02, 0.03, 0.05].flatMap((depth) =>
    [norm(30), norm(100), coordinate(30), coordinate(60)].map((form) => over(depth, form)),
  ),
  { name: "ρ = 0.9, norm, κ = 10", sweep: clipped("norm", 10, 0.9) },
  { name: "ρ = 0.9, not clipped", sweep: clipped("norm", none, 0.9) },
  { name: "cut at every 5th step", sweep: cut(5) },
  { name: "cut at every 10th step", sweep: cut(10) },
  over(0.1, { name: "not clipped", sweep: adjointSweep }),
];

/** ∇J from scores, and from each form, for each batch: [n][d]. */
export interface GaitDraws {
  readonly scores: readonly Float64Array[];
  readonly forms: readonly (readonly Float64Array[])[];
}

/** Batches of half-cheetahs that are to run forward, before they adapt. */
export function drawGaits(
  theta: Float64Array,
  compared: readonly Form[],
  horizon: number,
  draws: number,
  root: Key,
): GaitDraws {
  const environment: Environment<DirectionTask> = halfCheetahDirection();
  const policy = createPolicy(experiment.policy, environment);
  const execution = { backend: wasm };
  const model = logLikelihood(policy, execution);
  const simulator = createSimulator(environment, policy, execution);
  const { discount } = environment;
  const surrogate = (): never => {
    throw new Error("no step is taken");
  };
  const found: GaitDraws & { scores: Float64Array[]; forms: Float64Array[][] } = {
    scores: [],
    forms: compared.map(() => []),
  };
  for (let i = 0; i < draws; i++) {
    const sampler = taskSampler({ environment, task, policy, model, simulator }, [
      drawNoise(policy, fold(root, i), trajectories, horizon),
    ]);
    const batch = sampler.sample(theta, 1);
    const noise = concatenated(sampler.noise(1).actions);
    const feedback = simulator.policy.feedback(theta, batch, noise);
    const partial = ofMeanReturn(batch, discount);
    const update = { model, stepSize: 1, discount, surrogate };
    found.scores.push(outerEstimate(update, { adapted: theta, steps: [] }, batch).gradient);
    compared.forEach(({ sweep, contactDepth }, f) => {
      const actions = sweep(batch, simulator.adjoint(batch, task, contactDepth), feedback, partial);
      found.forms[f]!.push(simulator.policy.pullback(theta, batch, noise, actions));
    });
  }
  return found;
}

export interface GaitBiasRow {
  readonly form: string;
  /** √tr cov of a batch's estimate. */
  readonly deviation: Estimate;
  /** |E e − ∇J|²/|∇J|²: from differences to the scores on the same data; its numerator may be of either sign. */
  readonly relativeBias: Estimate;
  /** ⟨E e, ∇J⟩/(|E e| |∇J|) with 2⟨E e, ∇J⟩ = |E e|² + |∇J|² − |E e − ∇J|²; of unbiased estimates, so not bounded by 1. */
  readonly cosine: Estimate;
}

/** The first row is that of the scores. */
export function gaitBias({ scores, forms: drawn }: GaitDraws, compared: readonly Form[]): GaitBiasRow[] {
  const truth = new Blocks(scores, blocks);
  const row = (form: string, rows: readonly Float64Array[]): GaitBiasRow => {
    const own = new Blocks(rows, blocks);
    const differences = new Blocks(
      rows.map((x, i) => sub(x, scores[i]!)),
      blocks,
    );
    /** |E e|², |∇J|² and |E e − ∇J|². */
    const squares = (without?: number) =>
      [own, truth, differences].map((each) => each.moments(without).squaredMean) as [number, number, number];
    return {
      form,
      deviation: overBlocks(blocks, (without) => Math.sqrt(own.moments(without).variance)),
      relativeBias: overBlocks(blocks, (without) => {
        const [, true2, difference2] = squares(without);
        return difference2 / true2;
      }),
      cosine: overBlocks(blocks, (without) => {
        const [own2, true2, difference2] = squares(without);
        return (own2 + true2 - difference2) / (2 * Math.sqrt(own2 * true2));
      }),
    };
  };
  return [row("scores", scores), ...compared.map(({ name }, f) => row(name, drawn[f]!))];
}

export const gaitBiasStudy: Study = {
  name: "gait-bias",
  summary: "what each way of bounding the derivatives along a half-cheetah's gait costs in bias",
  async run(progress, folder) {
    progress("training");
    const thetas = await trainedThetas(folder);
    const measured = (k: number, i: number, horizon: number, draws: number) =>
      kept(folder, `${horizon}-steps-after-${k}`, () => {
        progress(`${horizon} steps after ${k} iterations`);
        const found = drawGaits(thetas[i]!, forms, horizon, draws, fold(key(400 + i), horizon));
        const truth = new Blocks(found.scores, blocks);
        return {
          squaredGradient: overBlocks(blocks, (without) => truth.moments(without).squaredMean),
          rows: gaitBias(found, forms),
        };
      });
    return iterations.map((k, i) => ({
      iterations: k,
      horizons: horizons.map(([horizon, draws]) => ({ horizon, draws, ...measured(k, i, horizon, draws) })),
    }));
  },
};
