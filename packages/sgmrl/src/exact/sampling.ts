import { categorical, fold, type Key } from "@sgmrl/autodiff/random";
import { finiteEnvironment, finiteFamily, type Mdp } from "@sgmrl/envs";
import { adaptFrom } from "../inner/adapt.ts";
import type { Estimator } from "../meta-gradient/estimator.ts";
import { outerEstimate } from "../meta-gradient/outer.ts";
import { metaGradient } from "../meta-gradient/recursion.ts";
import { categoricalMlp } from "../policy/categorical-mlp.ts";
import { drawNoise } from "../sampling/rollout.ts";
import { taskSampler } from "../sampling/task-sampler.ts";
import { expectedReturn } from "./expected-return.ts";
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
 * For problems too large to enumerate: the estimates of all estimators from the same sampled data. Sample k draws from
 * fold(key, k).
 */
export function* samples(
  problem: ExactProblem,
  estimators: readonly Estimator[],
  key: Key,
  count: number,
): Generator<Sample> {
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
  for (let k = 0; k < count; k++) {
    const sampleKey = fold(key, k);
    const { mdp, environment, update } = tasks[categorical(sampleKey, weights)]!;
    const sampler = taskSampler(
      { environment, task: mdp, policy, model },
      Array.from({ length: steps + 1 }, (_, i) =>
        drawNoise(policy, fold(sampleKey, i + 1), i < steps ? N : problem.outerTrajectories, mdp.horizon),
      ),
    );
    const adaptation = adaptFrom(update, theta, steps, sampler.sample);
    const outer = outerEstimate(
      update,
      adaptation,
      sampler.sample(adaptation.adapted, steps + 1),
      problem.outer,
    );
    const run = { update, adaptation, outer, sampler };
    yield {
      objective: expectedReturn(logSoftmaxRows(adaptation.adapted, sizes), mdp, sizes),
      gradients: estimators.map((estimator) => metaGradient(estimator, run).gradient),
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
