import { type Backend, reference } from "@sgmrl/autodiff";
import { fold, type Key } from "@sgmrl/autodiff/random";
import { sampleTask, type TaskKey } from "@sgmrl/envs";
import { adaptFrom, type InnerUpdate } from "../inner/adapt.ts";
import { surrogateWeights } from "../inner/advantage.ts";
import type { ParameterBlock } from "../policy/layout.ts";
import { logLikelihood } from "../policy/log-likelihood.ts";
import { drawNoise } from "../sampling/rollout.ts";
import { createSimulator } from "../sampling/simulator.ts";
import { type TaskSampler, taskSampler } from "../sampling/task-sampler.ts";
import { returns, stepCount, type TrajectoryBatch } from "../trajectory.ts";
import { addScaled, mean, norm, sub } from "../vector.ts";
import type { Experiment } from "./experiment.ts";
import { outerEstimate } from "./outer.ts";
import { environmentOf, estimatorOf, policyOf } from "./parts.ts";
import { metaGradient } from "./recursion.ts";

/** What one task contributes to one meta-iteration. */
export interface UnitResult {
  /** Estimate of ∇V_ζ(θ) from this task: [d]; without its score term where that is given apart. */
  readonly gradient: Float64Array;
  /** What the scores add, where it is put together with the rest later (`givesTermsApart`): [d]. */
  readonly score?: Float64Array;
  /** Ĵ. */
  readonly meanReturn: number;
  /** Deterministic figures, to be averaged over tasks. */
  readonly statistics: Readonly<Record<string, number>>;
  /** Wall-clock seconds by phase, to be summed. */
  readonly seconds: Readonly<Record<Phase, number>>;
}

export type Phase = "rollout" | "adapt" | "metaGradient";

export interface Evaluation {
  /** Mean undiscounted return after 0 … K adaptation steps: [K + 1]. */
  readonly returns: Float64Array;
  /** The task, as plain data. */
  readonly task: unknown;
  /** On request: positions (x, y) over time, by number of steps taken and trajectory. */
  readonly paths?: readonly (readonly (readonly (readonly [number, number])[])[])[];
}

/** The unit of work: pure functions of θ and keys, made once per thread from an experiment. */
export interface Unit {
  readonly parameterCount: number;
  /** How θ is laid out. */
  readonly parameters: readonly ParameterBlock[];
  /** An initial θ: [d]. */
  initialize(key: Key): Float64Array;
  /** Samples task, data and estimate. The task is a function of `taskKey`, all else of `noiseKey`. */
  contribute(theta: Float64Array, taskKey: TaskKey, noiseKey: Key): UnitResult;
  /** Adapts to a task for `steps` steps, measuring the return before, between and after. */
  evaluate(
    theta: Float64Array,
    taskKey: Key,
    noiseKey: Key,
    steps: number,
    options?: { readonly paths?: boolean },
  ): Evaluation;
}

export interface UnitOptions {
  readonly backend?: Backend;
  /** Seconds; by default time stands still and no phase is timed. */
  readonly clock?: () => number;
}

export function createUnit(
  experiment: Experiment,
  { backend = reference, clock = () => 0 }: UnitOptions = {},
): Unit {
  const environment = environmentOf(experiment);
  const { inner, outer: outerSettings, precision } = experiment;
  const discount = experiment.discount ?? environment.discount;
  const horizon = experiment.horizon ?? environment.horizon;
  const policy = policyOf(experiment, environment);
  const estimator = estimatorOf(experiment);
  const model = logLikelihood(policy, { backend, dtype: precision });
  const simulator = estimator.differentiates
    ? createSimulator(environment, policy, { backend, dtype: precision })
    : undefined;
  const update: InnerUpdate = {
    model,
    stepSize: inner.stepSize,
    discount,
    weights: (batch) => surrogateWeights(inner, batch, discount),
  };

  const { scoreCoefficient = 1 } = experiment.estimator;
  const coefficient = scoreCoefficient === "auto" ? 1 : scoreCoefficient;
  /** Draws D_1, …, D_ζ and D_o for ζ = `steps`. */
  const samplerOf = (task: unknown, noiseKey: Key, steps: number): TaskSampler =>
    taskSampler(
      { environment, task, policy, model, ...(simulator === undefined ? {} : { simulator }) },
      Array.from({ length: steps + 1 }, (_, i) =>
        drawNoise(
          policy,
          fold(noiseKey, i + 1),
          i < steps ? inner.trajectories : outerSettings.trajectories,
          horizon,
        ),
      ),
    );

  return {
    parameterCount: policy.layout.size,
    parameters: policy.layout.blocks.map(({ name, shape }) => ({ name, shape })),
    initialize: (key) => policy.initialize(key),

    contribute(theta, taskKey, noiseKey) {
      const seconds = { rollout: 0, adapt: 0, metaGradient: 0 };
      const timed = <T>(phase: Phase, work: () => T): T => {
        const start = clock();
        const result = work();
        seconds[phase] += clock() - start;
        return result;
      };
      const task = sampleTask(environment.family, taskKey);
      const share = scoreShare(experiment, taskKey);
      const sampler = samplerOf(task, noiseKey, inner.steps);

      const start = clock();
      const adaptation = adaptFrom(update, theta, inner.steps, (at, t) =>
        timed("rollout", () => sampler.sample(at, t)),
      );
      seconds.adapt += clock() - start - seconds.rollout;
      const outerBatch = timed("rollout", () => sampler.sample(adaptation.adapted, inner.steps + 1));
      const { gradient, pathwise, statistics, meanReturn } = timed("metaGradient", () => {
        const outer = outerEstimate(update, adaptation, outerBatch, outerSettings.baseline);
        const run = { update, adaptation, outer, sampler };
        const found = metaGradient(estimator, run, share === 0 ? 0 : coefficient);
        return { ...found, meanReturn: outer.meanReturn };
      });

      const first = adaptation.steps[0]?.batch ?? outerBatch;
      return {
        ...shared(givesTermsApart(experiment), pathwise, gradient, share),
        meanReturn,
        statistics: {
          preReturn: mean(returns(first, 1)),
          postReturn: mean(returns(outerBatch, 1)),
          postDiscountedReturn: meanReturn,
          steps: adaptation.steps.reduce(
            (total, { batch }) => total + stepCount(batch),
            stepCount(outerBatch),
          ),
          updateNorm: norm(sub(adaptation.adapted, theta)),
          ...statistics,
        },
        seconds,
      };
    },

    evaluate(theta, taskKey, noiseKey, steps, { paths = false } = {}) {
      const task = environment.family.sample(taskKey);
      const drawn: [number, number][][][] = [];
      const sampler = samplerOf(task, noiseKey, steps);
      const sample = (at: Float64Array, t: number): TrajectoryBatch => {
        const { length } = sampler.noise(t).world;
        const walks: [number, number][][] = Array.from({ length }, () => []);
        const { picture } = environment;
        const visit = (_time: number, states: Float64Array): void => {
          if (!paths || picture === undefined) return;
          walks.forEach((walk, j) => {
            const row = j * environment.stateSize;
            walk.push([states[row + picture.position[0]]!, states[row + picture.position[1]]!]);
          });
        };
        const batch = sampler.sample(at, t, visit);
        drawn.push(walks.map((walk, j) => walk.slice(0, batch.lengths[j]! + 1)));
        return batch;
      };
      const adaptation = adaptFrom(update, theta, steps, sample);
      const last = sample(adaptation.adapted, steps + 1);
      const batches = [...adaptation.steps.map(({ batch }) => batch), last];
      return {
        task,
        returns: Float64Array.from(batches, (batch) => mean(returns(batch, 1))),
        ...(paths && environment.picture ? { paths: drawn } : {}),
      };
    },
  };
}

/**
 * How much a task's score term counts for: every K-th task of a lattice stands for those up to the next.  [eq:score-share]
 *
 *   S̄ = (1/B) Σ_{i ≡ 0 mod K} k S_i,   k = B/⌈B/K⌉
 */
function scoreShare({ estimator: { scoreEvery: K = 1 } }: Experiment, { place }: TaskKey): number {
  if (place === undefined || K === 1) return 1;
  const [i, B] = place;
  return i % K === 0 ? B / Math.ceil(B / K) : 0;
}

/** Pathwise term and `share` times the score term, apart or added up. */
function shared(apart: boolean, pathwise: Float64Array, gradient: Float64Array, share: number) {
  if (share === 1 && !apart) return { gradient };
  const score = sub(gradient, pathwise).map((x) => share * x);
  return apart ? { gradient: pathwise, score } : { gradient: addScaled(pathwise, 1, score) };
}

/** Whether units give the pathwise and the score term apart: for other tasks' baselines, or a coefficient yet to be known. */
function givesTermsApart(experiment: Experiment): boolean {
  return (
    experiment.estimator.scoreCoefficient === "auto" || estimatorOf(experiment).acrossTasks !== undefined
  );
}

/** The meta-gradient estimates of all tasks of a batch, in order, put together as the estimator asks for. */
export function taskGradients(
  experiment: Experiment,
  results: readonly UnitResult[],
): readonly Float64Array[] {
  const { acrossTasks } = estimatorOf(experiment);
  if (acrossTasks === undefined) return results.map(({ gradient }) => gradient);
  return acrossTasks(
    results.map(({ gradient, score, meanReturn }) => ({ pathwise: gradient, score: score!, meanReturn })),
  );
}
