import type { RunConfig } from "../config/run-config.ts";
import { DivergenceError } from "../errors.ts";
import type { Block } from "../execution/block.ts";
import type { Engine } from "../execution/engine.ts";
import { remember, scoreCoefficient } from "../meta-gradient/score-coefficient.ts";
import { taskGradients, type UnitResult } from "../meta-gradient/unit.ts";
import { treeSum } from "../tree-sum.ts";
import { addScaled, norm } from "../vector.ts";
import { trainingKeys } from "./keys.ts";
import type { Optimizer } from "./optimizer/optimizer.ts";
import type { RunState } from "./store/checkpoint.ts";

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
  config: Pick<RunConfig, "experiment" | "seed" | "tasks" | "taskSampling">,
  state: RunState,
): Promise<IterationResult> {
  const { experiment, tasks } = config;
  const { iteration, theta } = state;
  const blocks = await engine.contribute(theta, trainingKeys(config, iteration));
  const sums = blocks.map(({ sum }) => sum);
  const gradients = taskGradients(experiment, sums);
  let first = 0;
  gradients.forEach((gradient, b) => {
    const end = first + blocks[b]!.tasks;
    const which = end - first === 1 ? `task ${first}` : `tasks ${first} to ${end - 1}`;
    assertFinite(gradient, `iteration ${iteration}, ${which}: the gradient`);
    first = end;
  });
  const combined = withScore(config, treeMean(gradients, tasks), sums, state, optimizer.averaging);
  const { gradient } = combined;
  const next = optimizer.ascend(theta, gradient, state.optimizer);
  assertFinite(next.theta, `iteration ${iteration}: the parameter vector after the step`);
  return {
    state: {
      ...state,
      iteration: iteration + 1,
      theta: next.theta,
      optimizer: next.state,
      ...combined.memory,
    },
    metrics: {
      iteration,
      ...meanStatistics(blocks, tasks),
      ...combined.figures,
      gradientNorm: norm(gradient),
    },
    seconds: totalSeconds(blocks),
  };
}

function treeMean(vectors: readonly Float64Array[], tasks: number): Float64Array {
  return treeSum(vectors).map((total) => total / tasks);
}

interface Combined {
  readonly gradient: Float64Array;
  readonly memory?: Pick<RunState, "scoreMemory">;
  readonly figures?: Metrics;
}

/** P̄ + c S̄ where c is chosen while training, from the batches before this one [eq:score-coefficient]; else as given. */
function withScore(
  { experiment, tasks }: Pick<RunConfig, "experiment" | "tasks">,
  pathwise: Float64Array,
  sums: readonly UnitResult[],
  { scoreMemory }: RunState,
  averaging: number,
): Combined {
  if (experiment.estimator.scoreCoefficient !== "auto") return { gradient: pathwise };
  const scores = sums.map(({ score }) => score!); // units give it apart where c is chosen
  const score = treeMean(scores, tasks);
  const c = scoreCoefficient(scoreMemory, averaging);
  return {
    gradient: addScaled(pathwise, c, score),
    memory: { scoreMemory: remember(scoreMemory, pathwise, score) },
    figures: { scoreCoefficient: c },
  };
}

function meanStatistics(blocks: readonly Block[], tasks: number): Metrics {
  const mean = (name: string): number =>
    treeSum(blocks.map(({ sum }) => Float64Array.of(sum.statistics[name]!)))[0]! / tasks;
  return Object.fromEntries(Object.keys(blocks[0]!.sum.statistics).map((name) => [name, mean(name)]));
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
