/** Draws many independent tasks with their data, and the estimate of each estimator on them, timed. */
import { fold, type Key } from "@sgmrl/autodiff/random";
import { wasm } from "@sgmrl/autodiff/wasm";
import { type Environment, findEnvironment, sampleTask, type TaskKey } from "@sgmrl/envs";
import { adaptFrom, innerUpdate } from "../../../inner/adapt.ts";
import type { Estimator } from "../../../meta-gradient/estimator.ts";
import { outerEstimate } from "../../../meta-gradient/outer.ts";
import { metaGradient } from "../../../meta-gradient/recursion.ts";
import { createPolicy } from "../../../policy/create-policy.ts";
import { logLikelihood } from "../../../policy/log-likelihood.ts";
import { drawNoise, type RolloutNoise } from "../../../sampling/rollout.ts";
import { createSimulator } from "../../../sampling/simulator.ts";
import { taskSampler } from "../../../sampling/task-sampler.ts";
import type { Experiment } from "../../../settings.ts";

export interface Draws {
  /** The estimates of each estimator, one row per draw: [n][d]. */
  readonly estimates: ReadonlyMap<string, readonly Float64Array[]>;
  /** Processor time of one task's estimate, its data included, in milliseconds. */
  readonly milliseconds: ReadonlyMap<string, number>;
}

/** Distinct from the words that @sgmrl/envs reserves for tasks. */
const purpose = { noise: 2, change: 3 } as const;

/** Processor time of the whole process, in milliseconds. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/**
 * One draw for each task, from the same data for all estimators, so that differences are due to the
 * estimators alone. Deterministic for given keys, except for the times. `changed` replaces the noise of step t of a task,
 * to study other laws of it; t = ζ is that of the outer data. `environment` may be a variant of the experiment's.
 */
export function drawEstimates(
  experiment: Experiment,
  theta: Float64Array,
  estimators: readonly Estimator[],
  tasks: readonly TaskKey[],
  key: Key,
  changed: (noise: RolloutNoise, t: number, own: Key) => RolloutNoise = (noise) => noise,
  environment: Environment = findEnvironment(experiment.environment),
): Draws {
  const policy = createPolicy(experiment.policy, environment);
  const model = logLikelihood(policy, { backend: wasm, dtype: experiment.precision });
  const simulated = estimators.some(({ differentiates }) => differentiates)
    ? { simulator: createSimulator(environment, policy, { backend: wasm, dtype: experiment.precision }) }
    : {};
  const { inner, outer: outerSettings } = experiment;
  const { discount = environment.discount, horizon = environment.horizon } = experiment;
  const estimates = new Map(estimators.map(({ name }): [string, Float64Array[]] => [name, []]));
  const spent = new Map(estimators.map(({ name }): [string, number] => [name, 0]));
  let dataTime = 0;

  for (const [i, taskKey] of tasks.entries()) {
    const start = processorTime();
    const task = sampleTask(environment.family, taskKey);
    const noises = Array.from({ length: inner.steps + 1 }, (_, t) => {
      const trajectories = t < inner.steps ? inner.trajectories : outerSettings.trajectories;
      const noise = drawNoise(policy, fold(key, purpose.noise, i, t), trajectories, horizon);
      return changed(noise, t, fold(key, purpose.change, i, t));
    });
    const update = innerUpdate(model, inner, discount);
    const sampler = taskSampler({ environment, task, policy, model, ...simulated }, noises);
    const adaptation = adaptFrom(update, theta, inner.steps, sampler.sample);
    const outer = outerEstimate(
      update,
      adaptation,
      sampler.sample(adaptation.adapted, inner.steps + 1),
      outerSettings,
    );
    const run = { update, adaptation, outer, sampler };
    dataTime += processorTime() - start;
    for (const estimator of estimators) {
      const before = processorTime();
      estimates.get(estimator.name)!.push(metaGradient(estimator, run).gradient);
      spent.set(estimator.name, spent.get(estimator.name)! + processorTime() - before);
    }
  }
  const milliseconds = new Map([...spent].map(([name, time]) => [name, (dataTime + time) / tasks.length]));
  return { estimates, milliseconds };
}
