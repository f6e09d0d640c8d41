import { categorical, fold, type Key } from "@sgmrl/autodiff/random";
import { finiteEnvironment, finiteFamily, type Mdp } from "@sgmrl/envs";
import { adaptFrom, type Problem } from "../inner/adapt.ts";
import { outerEstimate } from "../meta-gradient/outer.ts";
import { type Estimator, metaGradient } from "../meta-gradient/recursion.ts";
import { categoricalMlp } from "../policy/categorical-mlp.ts";
import { drawNoise, type RolloutNoise, rollout, rolloutEach } from "../sampling/rollout.ts";
import type { TrajectoryBatch } from "../trajectory.ts";
import { expectedReturn } from "./expected-return.ts";
import { type ExactProblem, normalizedTasks, sizesOf, trainingProblem } from "./problem.ts";
import { flatten } from "./table.ts";
import { logSoftmaxRows, tabularSoftmax } from "./tabular-softmax.ts";

/** One task drawn, adapted to and estimated from, as in training. */
export interface Sample {
  /** J(θ_ζ), exact: its mean over samples estimates V. */
  readonly objective: number;
  /** λ_0 of each estimator. */
  readonly gradients: readonly Float64Array[];
}

/** Where enumeration is out of reach: what each estimator says on the same sampled data. Sample k draws from fold(key, k). */
export function* samples(
  problem: ExactProblem,
  estimators: readonly Estimator[],
  key: Key,
  count: number,
): Generator<Sample> {
  const sizes = sizesOf(problem);
  const { steps, trajectories: N } = problem.adaptation;
  const model = tabularSoftmax(sizes);
  const policy = categoricalMlp(sizes.states, sizes.actions, []);
  const tasks = normalizedTasks(problem).map(({ weight, mdp }) => ({
    weight,
    mdp,
    environment: environmentOf(mdp),
    training: trainingProblem(problem, mdp, model),
  }));
  const weights = tasks.map(({ weight }) => weight);
  const theta = flatten(problem.theta);
  for (let k = 0; k < count; k++) {
    const sampleKey = fold(key, k);
    const { mdp, environment, training } = tasks[categorical(sampleKey, weights)]!;
    const noiseOf = (t: number): RolloutNoise =>
      drawNoise(policy, fold(sampleKey, t), t > steps ? problem.outerTrajectories : N, mdp.horizon);
    const draw = (at: Float64Array, t: number): TrajectoryBatch =>
      rollout(environment, mdp, policy, model, at, noiseOf(t));
    const adaptation = adaptFrom(training, theta, steps, draw);
    const outer = outerEstimate(training, adaptation, draw(adaptation.adapted, steps + 1));
    const drawn: Problem = {
      ...training,
      redraw: (thetas, t) => rolloutEach(environment, mdp, policy, model, thetas, noiseOf(t)),
    };
    yield {
      objective: expectedReturn(logSoftmaxRows(adaptation.adapted, sizes), mdp, sizes),
      gradients: estimators.map((estimator) => metaGradient(estimator, drawn, adaptation, outer).gradient),
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
