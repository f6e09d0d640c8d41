/** Meta-training as in docs/examples/meta-training.ts, one iteration at a time, with what a reader watches. */
import { fold } from "@sgmrl/autodiff/random";
import { wasm } from "@sgmrl/autodiff/wasm";
import { environments, sampleTask } from "@sgmrl/envs";
// File by file: the package itself also holds what only Node can do.
import { adaptFrom, type InnerUpdate } from "../../../../packages/sgmrl/src/inner/adapt.ts";
import { surrogateWeights } from "../../../../packages/sgmrl/src/inner/surrogate-weights.ts";
import { findEstimator } from "../../../../packages/sgmrl/src/meta-gradient/catalogue.ts";
import { outerEstimate } from "../../../../packages/sgmrl/src/meta-gradient/outer.ts";
import { metaGradient } from "../../../../packages/sgmrl/src/meta-gradient/recursion.ts";
import { createPolicy } from "../../../../packages/sgmrl/src/policy/create-policy.ts";
import { logLikelihood } from "../../../../packages/sgmrl/src/policy/log-likelihood.ts";
import { drawNoise } from "../../../../packages/sgmrl/src/sampling/rollout.ts";
import { taskSampler } from "../../../../packages/sgmrl/src/sampling/task-sampler.ts";
import { initializationKey, trainingKeys } from "../../../../packages/sgmrl/src/training/keys.ts";
import { createOptimizer } from "../../../../packages/sgmrl/src/training/optimizer.ts";
import { returns, type TrajectoryBatch } from "../../../../packages/sgmrl/src/trajectory.ts";
import { treeSum } from "../../../../packages/sgmrl/src/tree-sum.ts";
import { fixed, type Setting } from "./setting.ts";

export interface Iteration {
  readonly iteration: number;
  /** Mean return of the tasks' data before and after the step. */
  readonly before: number;
  readonly after: number;
  /** Means over tasks of |P_0| and |S_0|, and the smallest effective sample size. */
  readonly pathwise: number;
  readonly score: number;
  readonly effectiveSampleSize: number;
}
/**
 * A few trajectories of one task, before and after adaptation: places in the plane or, of a robot, its distance [m] by
 * time [s].
 */
export interface Paths {
  readonly goal: readonly [number, number] | undefined;
  readonly before: readonly (readonly [number, number])[][];
  readonly after: readonly (readonly [number, number])[][];
}
export interface Watched {
  readonly record: Iteration;
  readonly theta: Float64Array;
  readonly paths: Paths;
}

export function* watch(setting: Setting, estimatorName: string): Generator<Watched> {
  const environment = environments[setting.environment]!;
  const { inner, discount, horizon, tasks: B, outerTrajectories: M } = fixed;
  const policy = createPolicy({ kind: "gaussian-mlp", hidden: fixed.hidden }, environment);
  const model = logLikelihood(policy, { backend: wasm });
  const estimator = findEstimator(estimatorName);
  const optimizer = createOptimizer(fixed.optimizer);
  const update: InnerUpdate = {
    model,
    stepSize: inner.stepSize,
    discount,
    surrogate: (batch) => surrogateWeights(inner, batch, discount),
  };
  let theta = policy.initialize(initializationKey(setting.seed));
  let memory = optimizer.initialState(theta.length);
  for (let iteration = 0; iteration < setting.iterations; iteration++) {
    const runs = trainingKeys({ seed: setting.seed, tasks: B }, iteration).map(
      ({ task: taskKey, noise: noiseKey }) => {
        const task = sampleTask(environment.family, taskKey);
        const noises = [inner.trajectories, M].map((N, i) =>
          drawNoise(policy, fold(noiseKey, i + 1), N, horizon),
        );
        const sampler = taskSampler({ environment, task, policy, model }, noises);
        const adaptation = adaptFrom(update, theta, inner.steps, sampler.sample);
        const data = sampler.sample(adaptation.adapted, inner.steps + 1);
        const outer = outerEstimate(update, adaptation, data);
        return {
          task,
          adaptation,
          data,
          outer,
          found: metaGradient(estimator, { update, adaptation, outer, sampler }),
        };
      },
    );
    const gradient = treeSum(runs.map(({ found }) => found.gradient)).map((total) => total / B);
    ({ theta, state: memory } = optimizer.ascend(theta, gradient, memory));
    const mean = (of: (run: (typeof runs)[number]) => number): number =>
      runs.reduce((sum, run) => sum + of(run), 0) / B;
    const [shown] = runs;
    yield {
      record: {
        iteration,
        before: mean(({ adaptation }) => average(returns(adaptation.steps[0]!.batch, 1))),
        after: mean(({ data }) => average(returns(data, 1))),
        pathwise: mean(({ found }) => found.statistics.pathwiseNorm),
        score: mean(({ found }) => found.statistics.scoreNorm),
        effectiveSampleSize: Math.min(...runs.map(({ found }) => found.statistics.effectiveSampleSize)),
      },
      theta,
      paths: {
        goal: goalOf(shown!.task),
        before: pathsOf(setting.environment, shown!.adaptation.steps[0]!.batch),
        after: pathsOf(setting.environment, shown!.data),
      },
    };
  }
}

/** [s], between two observations of the half-cheetah; and where they hold its speed [m/s]. */
const cheetah = { dt: 0.05, speed: 8 };

function pathsOf(environment: Setting["environment"], batch: TrajectoryBatch): [number, number][][] {
  const { lengths, observations, horizon, trajectories } = batch;
  const width = observations.length / (trajectories * horizon);
  return Array.from({ length: Math.min(5, trajectories) }, (_, j) => {
    let distance = 0;
    return Array.from({ length: lengths[j]! }, (_, h): [number, number] => {
      const at = (j * horizon + h) * width;
      // Of the families in the plane, the first two observations are the place.
      if (environment !== "half-cheetah-direction") return [observations[at]!, observations[at + 1]!];
      distance += cheetah.dt * observations[at + cheetah.speed]!;
      return [cheetah.dt * h, distance];
    });
  });
}

function goalOf(task: unknown): readonly [number, number] | undefined {
  const goal = typeof task === "object" && task !== null && "goal" in task ? task.goal : task;
  if (!(goal instanceof Float64Array || Array.isArray(goal)) || goal.length !== 2) return undefined;
  return [Number(goal[0]), Number(goal[1])];
}

function average(xs: Float64Array): number {
  return xs.reduce((sum, x) => sum + x, 0) / xs.length;
}
