/** What derivatives miss at the ends of episodes, and what the warp recovers: ∇J of navigation. */
import { log } from "@sgmrl/autodiff/elementary";
import { fold, type Key, key } from "@sgmrl/autodiff/random";
import { wasm } from "@sgmrl/autodiff/wasm";
import { type Environment, type GoalTask, navigation2D } from "@sgmrl/envs";
import { addScaled, concatenated, sub } from "../../arithmetic.ts";
import { outerEstimate } from "../../meta-gradient/outer.ts";
import { adjointSweep } from "../../meta-gradient/reparameterised/sweep.ts";
import { warpedSweep } from "../../meta-gradient/reparameterised/warped-sweep.ts";
import { gaussianMlp } from "../../policy/gaussian-mlp.ts";
import { logLikelihood } from "../../policy/log-likelihood.ts";
import { drawNoise } from "../../sampling/rollout.ts";
import { createSimulator } from "../../sampling/simulator.ts";
import { taskSampler } from "../../sampling/task-sampler.ts";
import type { WarpedSteps } from "../../sampling/warped-steps.ts";
import type { Estimate } from "../../statistics/confidence.ts";
import { isStep, returns, type TrajectoryBatch } from "../../trajectory.ts";
import { Blocks, overBlocks, shareOfTop } from "./frontier/blocks.ts";
import { ofMeanReturn } from "./mean-return.ts";
import type { Study } from "./study.ts";

const [horizon, trajectories, discount] = [60, 20, 0.99] as const;
const blocks = 20;

/** Navigation to `goal` with the policy a = 100 gain (target − s) + std ε. */
export interface JumpProblem {
  readonly goal: GoalTask["goal"];
  readonly target: readonly [number, number];
  readonly gain: number;
  readonly std: number;
}

/** Past the goal, far from the arena's edge at 0.5; no action is clipped. */
export const pastTheGoal: JumpProblem = { goal: [0.2, 0.15], target: [0.29, 0.205], gain: 0.1, std: 1 };
/** Against the edge, with a goal within δ of it. */
const atTheEdge: JumpProblem = { goal: [0.44, 0.15], target: [0.55, 0.205], gain: 0.1, std: 1 };
/** In long steps, many of which are clipped on the way past the goal. */
const inLongSteps: JumpProblem = { goal: [0.27, 0.19], target: [0.36, 0.25], gain: 0.5, std: 3 };

export interface JumpDraws {
  /** The fraction of trajectories that end at the goal. */
  readonly ended: number;
  /** The fraction of trajectories with a clipped action within the first δ of a jump. */
  readonly clipped: number;
  /** ∇J from scores, from derivatives with fixed end times, and from warped ones for each δ: [n][d]. */
  readonly scores: readonly Float64Array[];
  readonly plain: readonly Float64Array[];
  readonly warped: readonly (readonly Float64Array[])[];
}

/** `draws` batches of a problem, with ∇J from each method. */
export function drawJumps(
  root: Key,
  draws: number,
  widths: readonly number[],
  { goal, target, gain, std }: JumpProblem = pastTheGoal,
): JumpDraws {
  const environment = navigation2D();
  const task: GoalTask = { goal };
  const policy = gaussianMlp(2, 2, [], std);
  const [k, spread] = [100 * gain, log(std)];
  const theta = Float64Array.of(-k, 0, 0, -k, k * target[0], k * target[1], spread, spread);
  const execution = { backend: wasm };
  const model = logLikelihood(policy, execution);
  const simulators = widths.map((width) => createSimulator(withWidth(environment, width), policy, execution));
  const simulator = simulators[0]!;
  const update = {
    model,
    stepSize: 1,
    discount,
    surrogate: () => {
      throw new Error("no step is taken");
    },
  };
  const found = {
    scores: [] as Float64Array[],
    plain: [] as Float64Array[],
    warped: widths.map((): Float64Array[] => []),
  };
  let [ended, clipped] = [0, 0];
  for (let i = 0; i < draws; i++) {
    const sampler = taskSampler({ environment, task, policy, model, simulator }, [
      drawNoise(policy, fold(root, i), trajectories, horizon),
    ]);
    const batch = sampler.sample(theta, 1);
    ended += batch.lengths.filter((length) => length < horizon).length;
    found.scores.push(outerEstimate(update, { adapted: theta, steps: [] }, batch).gradient);
    const noise = concatenated(sampler.noise(1).actions);
    const feedback = simulator.policy.feedback(theta, batch, noise);
    const partial = ofMeanReturn(batch, discount);
    const actions = adjointSweep(batch, simulator.adjoint(batch, task), feedback, partial);
    found.plain.push(simulator.policy.pullback(theta, batch, noise, actions));
    const multipliers = lessOthers(returns(batch, discount));
    simulators.forEach(({ policy: actionsOf, warped }, w) => {
      const steps = warped!(batch, task);
      if (w === 0) clipped += clippedNearJumps(batch, steps);
      const bars = warpedSweep(batch, steps, feedback, partial, {
        noise,
        scale: actionsOf.scale(theta, batch),
        multipliers,
      });
      found.warped[w]!.push(
        addScaled(
          actionsOf.pullback(theta, batch, noise, bars.actions),
          1,
          actionsOf.scalePullback(theta, batch, bars.scales),
        ),
      );
    });
  }
  const all = draws * trajectories;
  return { ended: ended / all, clipped: clipped / all, ...found };
}

/** The number of trajectories with a clipped action within δ of a jump. */
function clippedNearJumps(batch: TrajectoryBatch, { stateSize: s, chi, free }: WarpedSteps): number {
  const found = new Set<number>();
  for (let row = 0; row < batch.rewards.length; row++)
    if (isStep(batch, row) && chi[row]! < 1)
      for (let k = 0; k < s; k++) if (free[row * s + k] === 0) found.add(Math.floor(row / batch.horizon));
  return found.size;
}

/** (R_j − mean of the others)/N. */
function lessOthers(R: Float64Array): Float64Array {
  const [N, total] = [R.length, R.reduce((sum, x) => sum + x, 0)];
  return R.map((x) => (x - (total - x) / (N - 1)) / N);
}

function withWidth(environment: Environment<GoalTask>, width: number): Environment<GoalTask> {
  const { differentiable } = environment;
  return {
    ...environment,
    differentiable: { ...differentiable!, jumps: { ...differentiable!.jumps!, width } },
  };
}

/** Statistics of an estimator of ∇J over many draws. */
export interface JumpRow {
  readonly estimator: string;
  /** δ of a warped estimator. */
  readonly width: number | null;
  /** √tr cov of a batch's estimate. */
  readonly deviation: number;
  /**
   * |E e − ∇J|², from differences to the score estimates on the same data; unbiased, and so of either sign.
   */
  readonly squaredBias: Estimate;
  /** Share of the second moment carried by the largest 1% of the draws. */
  readonly topShare: number;
}

export function jumpTable(
  { scores, plain, warped }: JumpDraws,
  widths: readonly number[],
): readonly JumpRow[] {
  const row = (estimator: string, width: number | null, rows: readonly Float64Array[]): JumpRow => {
    const differences = new Blocks(
      rows.map((x, i) => sub(x, scores[i]!)),
      blocks,
    );
    return {
      estimator,
      width,
      deviation: Math.sqrt(new Blocks(rows, blocks).moments().variance),
      squaredBias: overBlocks(blocks, (without) => differences.moments(without).squaredMean),
      topShare: shareOfTop(rows, 0.01),
    };
  };
  return [
    row("scores", null, scores),
    row("derivatives, ends held fixed", null, plain),
    ...warped.map((rows, i) => row("warped", widths[i]!, rows)),
  ];
}

function summary({ ended, clipped, scores }: JumpDraws) {
  const truth = new Blocks(scores, blocks);
  return {
    ended,
    clipped,
    squaredGradient: overBlocks(blocks, (without) => truth.moments(without).squaredMean),
  };
}

const widths: readonly number[] = [0.03, 0.06, 0.12];
/** δ of navigation. */
const usual = 0.06;
const sizes = { choosing: 500, judging: 2000 };

export const jumpsStudy: Study = {
  name: "jumps",
  summary: "what derivatives miss where episodes end at a goal, and what the warp recovers",
  run(progress) {
    progress("draws that choose δ");
    const choosing = jumpTable(drawJumps(key(1), sizes.choosing, widths), widths);
    const [best] = choosing.filter(({ width }) => width !== null).sort((a, b) => a.deviation - b.deviation);
    progress("draws that judge it");
    const draws = drawJumps(key(2), sizes.judging, widths);
    const elsewhere = Object.entries({ atTheEdge, inLongSteps }).map(([problem, each], i) => {
      progress(problem);
      const found = drawJumps(key(3 + i), sizes.judging, [usual], each);
      return { problem, ...each, ...summary(found), judged: jumpTable(found, [usual]) };
    });
    return {
      draws: sizes,
      ...summary(draws),
      choosing,
      chosen: best!.width,
      judged: jumpTable(draws, widths),
      elsewhere,
    };
  },
};
