/** On problems that can be enumerated: the coefficient that a run estimates, and the exact error it leads to. */
import { fold, type Key } from "@sgmrl/autodiff/random";
import { addScaled, dot, sub } from "../../../arithmetic.ts";
import { type Moments, moments } from "../../../exact/moments.ts";
import { gradient } from "../../../exact/objective.ts";
import { type ExactProblem, normalizedTasks, sizesOf } from "../../../exact/problem.ts";
import { samples } from "../../../exact/sampling.ts";
import { unflatten } from "../../../exact/table.ts";
import { findEstimator } from "../../../meta-gradient/catalogue.ts";
import { remember, type ScoreMemory, scoreCoefficient } from "../../../meta-gradient/score-coefficient.ts";
import { createOptimizer } from "../../../training/optimizer.ts";
import { adamSteps, startOf } from "../../ascent.ts";
import type { ErrorTerms } from "./errors.ts";

/** How the tasks of a batch are drawn; stratified: each as often as it is probable. */
export type TaskDraw = "independent" | "stratified";

/** θ_k of a run, and the coefficient that its batches up to k chose for batch k. */
export interface Reached {
  readonly iteration: number;
  readonly theta: Float64Array;
  readonly coefficient: number;
}

const [maml, linear] = ["maml", "jackknife-linear"].map((name) => findEstimator(name));

/**
 * Trains with jackknife-linear and the coefficient "auto" [eq:score-memory], for ζ = 1, where the terms are
 * P = MAML's estimate and S = the difference of the two.
 */
export function tabularRun(
  problem: ExactProblem,
  draw: TaskDraw,
  batch: number,
  iterations: readonly number[],
  key: Key,
): Reached[] {
  const optimizer = createOptimizer(adamSteps);
  const sizes = sizesOf(problem);
  let theta = startOf(problem);
  let state = optimizer.initialState(theta.length);
  let memory: ScoreMemory | undefined;
  const found: Reached[] = [];
  for (let k = 0; k <= Math.max(...iterations); k++) {
    const coefficient = scoreCoefficient(memory, optimizer.averaging);
    if (iterations.includes(k)) found.push({ iteration: k, theta, coefficient });
    let [P, S]: Float64Array[] = [new Float64Array(theta.length), new Float64Array(theta.length)];
    const here = { ...problem, theta: unflatten(theta, sizes) };
    for (const [i, part] of drawn(here, draw, batch).entries())
      for (const { gradients } of samples(part.problem, [maml!, linear!], fold(key, k, i), part.count)) {
        P = addScaled(P!, 1 / batch, gradients[0]!);
        S = addScaled(S!, 1 / batch, sub(gradients[1]!, gradients[0]!));
      }
    memory = remember(memory, P!, S!);
    ({ theta, state } = optimizer.ascend(theta, addScaled(P!, coefficient, S!), state));
  }
  return found;
}

function drawn(
  problem: ExactProblem,
  draw: TaskDraw,
  batch: number,
): readonly { readonly problem: ExactProblem; readonly count: number }[] {
  if (draw === "independent") return [{ problem, count: batch }];
  return normalizedTasks(problem).map((task) => {
    const count = Math.round(batch * task.weight);
    if (Math.abs(count - batch * task.weight) > 1e-9)
      throw new RangeError(
        `stratified tasks: ${batch} tasks of weight ${task.weight} are not a whole number`,
      );
    return { problem: { ...problem, tasks: [{ weight: 1, mdp: task.mdp }] }, count };
  });
}

/**
 * The exact error of P̄ + c S̄ over a batch of B tasks, as bias and variance.              [eq:batch-error]
 *
 *   |bias|²   = |Σ_i w_i m_i(c) − ∇V|²
 *   variance  = (1/B) Σ_i w_i v_i(c)                                        stratified
 *             = (1/B) Σ_i w_i (v_i(c) + |m_i(c) − Σ_k w_k m_k(c)|²)         independent
 *
 * m_i, v_i: mean and variance of P + c S in task i, over all of its data.
 */
export function batchError(problem: ExactProblem, draw: TaskDraw, batch: number, c: number): ErrorTerms {
  const tasks = normalizedTasks(problem).map(({ weight, mdp }) => {
    const alone = { ...problem, tasks: [{ weight: 1, mdp }] };
    const [found] = moments(alone, [linear!], { scoreCoefficient: c }) as [Moments];
    return { weight, ...found };
  });
  const truth = gradient(problem);
  const mean = tasks.reduce<Float64Array>(
    (sum, task) => addScaled(sum, task.weight, task.mean),
    new Float64Array(truth.length),
  );
  const bias = sub(mean, truth);
  const perTask = tasks.reduce((sum, task) => {
    const between = sub(task.mean, mean);
    return sum + task.weight * (task.variance + (draw === "independent" ? dot(between, between) : 0));
  }, 0);
  return { squaredBias: dot(bias, bias), variance: perTask / batch };
}
