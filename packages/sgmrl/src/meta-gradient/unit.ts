/** The unit of work: one task, as pure functions of θ and keys. Made once per thread. */
import { type Backend, reference } from "@sgmrl/autodiff";
import { fold, type Key } from "@sgmrl/autodiff/random";
import type { Environment, TaskKey } from "@sgmrl/envs";
import type { InnerUpdate } from "../inner/adapt.ts";
import { surrogateWeights } from "../inner/advantage.ts";
import type { ParameterBlock } from "../policy/layout.ts";
import { logLikelihood } from "../policy/log-likelihood.ts";
import type { Policy } from "../policy/policy.ts";
import { drawNoise } from "../sampling/rollout.ts";
import { createSimulator } from "../sampling/simulator.ts";
import { type TaskSampler, taskSampler } from "../sampling/task-sampler.ts";
import type { Experiment } from "../settings.ts";
import type { Combination } from "./combine.ts";
import { contribution, type UnitResult } from "./contribution.ts";
import { type Evaluation, evaluation } from "./evaluation.ts";

/** One task's share of the work, made by `createUnit`: pure functions of θ and keys. */
export interface Unit {
  /** d. */
  readonly parameterCount: number;
  /** How θ is laid out. */
  readonly parameters: readonly ParameterBlock[];
  /** An initial θ: [d]. */
  initialize(key: Key): Float64Array;
  /** Samples a task, adapts to it and estimates its meta-gradient. The task follows from `taskKey`, all else from `noiseKey`. */
  contribute(theta: Float64Array, taskKey: TaskKey, noiseKey: Key): UnitResult;
  /** Adapts to a task for `steps` steps and measures the return before, between and after. */
  evaluate(
    theta: Float64Array,
    taskKey: Key,
    noiseKey: Key,
    steps: number,
    options?: { readonly paths?: boolean },
  ): Evaluation;
}

/** What is learnt, on what, and how: an experiment with objects in place of names. */
export interface UnitParts extends Combination, Pick<Experiment, "inner" | "outer"> {
  readonly environment: Environment;
  readonly policy: Policy;
  /** H and γ; by default those of the environment. */
  readonly horizon?: number;
  readonly discount?: number;
  /** Default "float64". */
  readonly precision?: Experiment["precision"];
}

/** On what a unit computes: by default the reference backend. */
export interface UnitOptions {
  readonly backend?: Backend;
  /** Seconds; by default time stands still and no phase is timed. */
  readonly clock?: () => number;
}

/** What all tasks of a unit share. */
export interface TaskSetting extends UnitParts {
  readonly update: InnerUpdate;
  /** Draws D_1, …, D_ζ and D_o of a task, ζ = `steps`. */
  sampler(task: unknown, noiseKey: Key, steps: number): TaskSampler;
}

/**
 * The unit of an environment, a policy and an estimator. Its results are a function of θ and the keys alone, for a given
 * backend and precision.
 *
 * Errors   NotDifferentiableError if the estimator differentiates data and the environment or policy cannot be
 * Example  docs/examples/unit.ts
 */
export function createUnit(
  parts: UnitParts,
  { backend = reference, clock = () => 0 }: UnitOptions = {},
): Unit {
  const { environment, policy, inner, outer, precision = "float64" } = parts;
  const { discount = environment.discount, horizon = environment.horizon } = parts;
  const model = logLikelihood(policy, { backend, dtype: precision });
  const simulator = parts.estimator.differentiates
    ? createSimulator(environment, policy, { backend, dtype: precision })
    : undefined;
  const setting: TaskSetting = {
    ...parts,
    update: {
      model,
      stepSize: inner.stepSize,
      discount,
      surrogate: (batch) => surrogateWeights(inner, batch, discount),
    },
    sampler(task, noiseKey, steps) {
      const noises = Array.from({ length: steps + 1 }, (_, i) => {
        const { trajectories } = i < steps ? inner : outer;
        return drawNoise(policy, fold(noiseKey, i + 1), trajectories, horizon);
      });
      const differentiable = simulator === undefined ? {} : { simulator };
      return taskSampler({ environment, task, policy, model, ...differentiable }, noises);
    },
  };
  return {
    parameterCount: policy.layout.size,
    parameters: policy.layout.blocks.map(({ name, shape }) => ({ name, shape })),
    initialize: (key) => policy.initialize(key),
    contribute: (...args) => contribution(setting, clock, ...args),
    evaluate: (...args) => evaluation(setting, ...args),
  };
}
