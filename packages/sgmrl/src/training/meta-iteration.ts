import { norm } from "../arithmetic.ts";
import { DivergenceError } from "../errors.ts";
import type { Block, Engine } from "../execution/engine.ts";
import { compared, meanGradient } from "../meta-gradient/combine.ts";
import type { UnitResult } from "../meta-gradient/contribution.ts";
import { combinationOf } from "../meta-gradient/parts.ts";
import type { RunConfig } from "../settings.ts";
import { treeSum } from "../tree-sum.ts";
import { trainingKeys } from "./keys.ts";
import type { Optimizer } from "./optimizer.ts";
import type { RunState } from "./store/checkpoint.ts";

/** Means over the tasks of an iteration, by name, and the norm of the gradient of its step. */
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
 * The sum follows the tree of tree-sum.ts.
 */
export async function metaIteration(
  engine: Engine,
  optimizer: Optimizer,
  config: Pick<RunConfig, "experiment" | "seed" | "tasks" | "taskSampling">,
  state: RunState,
): Promise<IterationResult> {
  const { experiment, tasks } = config;
  const { iteration, theta } = state;
  const combination = combinationOf(experiment);
  const blocks = await engine.contribute(theta, trainingKeys(config, iteration));
  const sums = compared(
    combination,
    blocks.map(({ sum }) => sum),
  );
  let first = 0;
  sums.forEach(({ pathwise, score }, b) => {
    const end = first + blocks[b]!.tasks;
    const which = end - first === 1 ? `task ${first}` : `tasks ${first} to ${end - 1}`;
    for (const term of score === null ? [pathwise] : [pathwise, score])
      assertFinite(term, `iteration ${iteration}, ${which}: the gradient`);
    first = end;
  });
  const { gradient, chosen } = meanGradient(combination, sums, tasks, state.scoreMemory, optimizer.averaging);
  const next = optimizer.ascend(theta, gradient, state.optimizer);
  assertFinite(next.theta, `iteration ${iteration}: the parameter vector after the step`);
  return {
    state: {
      ...state,
      iteration: iteration + 1,
      theta: next.theta,
      optimizer: next.state,
      ...(chosen === undefined ? {} : { scoreMemory: chosen.scoreMemory }),
    },
    metrics: {
      iteration,
      ...meanStatistics(sums, tasks),
      ...(chosen === undefined ? {} : { scoreCoefficient: chosen.scoreCoefficient }),
      gradientNorm: norm(gradient),
    },
    seconds: totalSeconds(blocks),
  };
}

function meanStatistics(sums: readonly UnitResult[], tasks: number): Metrics {
  const mean = (name: string): number =>
    treeSum(sums.map(({ statistics }) => Float64Array.of(statistics[name]!)))[0]! / tasks;
  return Object.fromEntries(Object.keys(sums[0]!.statistics).map((name) => [name, mean(name)]));
}

function totalSeconds(blocks: readonly Block[]): Record<string, number> {
  const totals: Record<string, number> = {};
  for (const {
    sum: { seconds },
  } of blocks)
    for (const [phase, value] of Object.entries(seconds)) totals[phase] = (totals[phase] ?? 0) + value;
  return totals;
}

function assertFinite(vector: Float64Array, what: string): void {
  const index = vector.findIndex((value) => !Number.isFinite(value));
  if (index === -1) return;
  throw new DivergenceError(`${what} is not finite: element ${index} is ${vector[index]}`);
}
