import type { RunConfig } from "../config/run-config.ts";
import type { Engine } from "../engine/engine.ts";
import { treeMean, treeSum } from "../engine/tree-sum.ts";
import type { Optimizer } from "../optimizer/optimizer.ts";
import { taskGradients, type UnitResult } from "../unit.ts";
import { norm } from "../vector.ts";
import type { RunState } from "./checkpoint.ts";
import { RunError } from "./errors.ts";
import { trainingKeys } from "./keys.ts";

/** Means over the tasks of an iteration, by name, and the norm of the gradient that θ was moved along. */
export type Metrics = Readonly<Record<string, number>>;

export interface IterationResult {
  readonly state: RunState;
  readonly metrics: Metrics;
  /** Seconds by phase, summed over tasks. */
  readonly seconds: Readonly<Record<string, number>>;
}

/**
 * One step of meta-training, from θ_i to θ_{i+1}:
 *
 *   ĝ = 1/B Σ_{b < B} (estimate of ∇V_ζ(θ_i) from task b),   θ_{i+1} = ascend(θ_i, ĝ)
 *
 * The sum is taken by the tree of tree-sum.ts.
 */
export async function metaIteration(
  engine: Engine,
  optimizer: Optimizer,
  { experiment, seed, tasks }: Pick<RunConfig, "experiment" | "seed" | "tasks">,
  state: RunState,
): Promise<IterationResult> {
  const { iteration, theta } = state;
  const results = await engine.contribute(theta, trainingKeys(seed, iteration, tasks));
  const gradients = taskGradients(experiment, results);
  gradients.forEach((gradient, task) => {
    assertFinite(gradient, `iteration ${iteration}, task ${task}: the gradient`);
  });
  const gradient = treeSum(gradients).map((total) => total / tasks);
  const next = optimizer.ascend(theta, gradient, state.optimizer);
  assertFinite(next.theta, `iteration ${iteration}: the parameter vector after the step`);
  return {
    state: { ...state, iteration: iteration + 1, theta: next.theta, optimizer: next.state },
    metrics: { iteration, ...meanStatistics(results), gradientNorm: norm(gradient) },
    seconds: totalSeconds(results),
  };
}

function meanStatistics(results: readonly UnitResult[]): Metrics {
  const names = Object.keys(results[0]!.statistics);
  return Object.fromEntries(
    names.map((name) => [name, treeMean(results.map(({ statistics }) => statistics[name]!))]),
  );
}

function totalSeconds(results: readonly UnitResult[]): Record<string, number> {
  const totals: Record<string, number> = {};
  for (const { seconds } of results)
    for (const [phase, value] of Object.entries(seconds)) totals[phase] = (totals[phase] ?? 0) + value;
  return totals;
}

function assertFinite(vector: Float64Array, what: string): void {
  const index = vector.findIndex((value) => !Number.isFinite(value));
  if (index === -1) return;
  throw new RunError(
    `${what} is not finite: element ${index} is ${vector[index]}. ` +
      "Smaller steps usually mend this: --learning-rate, --step-size.",
  );
}
