import { categorical, fold, type Key } from "@sgmrl/autodiff/random";
import { finiteEnvironment, finiteFamily, type Mdp } from "@sgmrl/envs";
import { adaptFrom } from "../inner/adapt.ts";
import type { Estimator, TaskRun } from "../meta-gradient/estimator.ts";
import { outerEstimate } from "../meta-gradient/outer.ts";
import { categoricalMlp } from "../policy/categorical-mlp.ts";
import { drawNoise } from "../sampling/rollout.ts";
import { taskSampler } from "../sampling/task-sampler.ts";
import { expectedReturn } from "./expected-return.ts";
import { batchOf, otherTasks, shareAmong } from "./joint.ts";
import { type ExactProblem, normalizedTasks, sizesOf, trainingUpdate } from "./problem.ts";
import { flatten } from "./table.ts";
import { logSoftmaxRows, tabularSoftmax } from "./tabular-softmax.ts";

/** One sampled task: adaptation and estimate, as in training. */
export interface Sample {
  /** J(θ_ζ), exact: its mean over samples estimates V. */
  readonly objective: number;
  /** λ_0 of each estimator. */
  readonly gradients: readonly Float64Array[];
}

/**
 * For problems too large to enumerate: the estimates of all estimators from the same sampled data. Estimators that
 * compare tasks give the first task's share.
 */
export function* samples(
  problem: ExactProblem,
  estimators: readonly Estimator[],
  key: Key,
  count: number,
): Generator<Sample> {
  const tasks = Math.max(...estimators.map(batchOf));
  for (const { objective, run, others } of sampledTasks(problem, tasks, key, count))
    yield { objective, gradients: estimators.map((estimator) => shareAmong(estimator, run, others)) };
}

/** The data of one sample, before anything is estimated from them. */
export interface SampledTask {
  /** J(θ_ζ), exact. */
  readonly objective: number;
  readonly run: TaskRun;
  /** The other tasks of the batch, for estimators that compare tasks. */
  readonly others: readonly TaskRun[];
}

/** Batches of so many tasks, all drawn alike. Sample k draws from fold(key, k). */
export function* sampledTasks(
  problem: ExactProblem,
  batch: number,
  key: Key,
  count: number,
): Generator<SampledTask> {
  const sizes = sizesOf(problem);
  const { steps, trajectories: N } = problem.inner;
  const model = tabularSoftmax(sizes);
  const policy = categoricalMlp(sizes.states, sizes.actions, []);
  const tasks = normalizedTasks(problem).map(({ weight, mdp }) => ({
    weight,
    mdp,
    environment: environmentOf(mdp),
    update: trainingUpdate(problem, mdp, model),
  }));
  const weights = tasks.map(({ weight }) => weight);
  const theta = flatten(problem.theta);
  const draw = (taskKey: Key): { readonly mdp: Mdp; readonly run: TaskRun } => {
    const { mdp, environment, update } = tasks[categorical(taskKey, weights)]!;
    const sampler = taskSampler(
      { environment, task: mdp, policy, model },
      Array.from({ length: steps + 1 }, (_, i) =>
        drawNoise(policy, fold(taskKey, i + 1), i < steps ? N : problem.outerTrajectories, mdp.horizon),
      ),
    );
    const adaptation = adaptFrom(update, theta, steps, sampler.sample);
    const after = sampler.sample(adaptation.adapted, steps + 1);
    const outer = outerEstimate(update, adaptation, after, problem.outer);
    return { mdp, run: { update, adaptation, outer, sampler } };
  };
  for (let k = 0; k < count; k++) {
    const sampleKey = fold(key, k);
    const { mdp, run } = draw(sampleKey);
    const others = Array.from({ length: batch - 1 }, (_, i) => draw(fold(sampleKey, otherTasks, i)).run);
    yield {
      objective: expectedReturn(logSoftmaxRows(run.adaptation.adapted, sizes), mdp, sizes),
      run,
      others,
    };
  }
}

function environmentOf(mdp: Mdp) {
  return finiteEnvironment<Mdp>({
    name: "exact",
    summary: "a tabular MDP",
    states: mdp.initial.length,
    actions: mdp.rewards[0]!.length,
    horizon: mdp.horizon,
    discount: mdp.discount,
    family: finiteFamily("one task", [{ weight: 1, task: mdp }]),
    mdp: (task) => task,
    rewardNoise: "none",
    endsAtOnce: false,
  });
}
