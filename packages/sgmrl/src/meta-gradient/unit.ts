/** The unit of work: one task, as pure functions of θ and keys. Made once per thread. */
import type { Backend } from "@sgmrl/autodiff";
import type { Key } from "@sgmrl/autodiff/random";
import type { TaskKey } from "@sgmrl/envs";
import type { ParameterBlock } from "../policy/layout.ts";
import { contribution, type UnitResult } from "./contribution.ts";
import { type Evaluation, evaluation } from "./evaluation.ts";
import { taskSetting, type UnitParts } from "./task-setting.ts";

/** One task's share of the work, made by `createUnit`: pure functions of θ and keys. */
export interface Unit {
  /** d. */
  readonly parameterCount: number;
  /** How θ is laid out. */
  readonly parameters: readonly ParameterBlock[];
  /** An initial θ: [d]. */
  initialize(key: Key): Float64Array;
  /**
   * Samples a task, adapts to it and estimates its meta-gradient. The task is drawn from `taskKey`, everything else
   * from `noiseKey`.
   */
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

/** The backend and precision that a unit computes with. */
export interface UnitOptions {
  /** By default the reference backend. */
  readonly backend?: Backend;
  /** The clock, in seconds. By default there is none and no phase is timed. */
  readonly clock?: () => number;
}

/**
 * The unit of an environment, a policy and an estimator. Its results are a function of θ and the keys alone, for a given
 * backend and precision.
 *
 * Errors   NotDifferentiableError if the estimator differentiates data and the environment or policy cannot be
 * Example  docs/examples/unit.ts
 */
export function createUnit(parts: UnitParts, { backend, clock = () => 0 }: UnitOptions = {}): Unit {
  const setting = taskSetting(parts, backend);
  const { policy } = parts;
  return {
    parameterCount: policy.layout.size,
    parameters: policy.layout.blocks.map(({ name, shape }) => ({ name, shape })),
    initialize: (key) => policy.initialize(key),
    contribute: (...args) => contribution(setting, clock, ...args),
    evaluate: (...args) => evaluation(setting, ...args),
  };
}
