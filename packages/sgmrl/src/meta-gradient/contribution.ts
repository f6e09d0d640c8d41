import type { Key } from "@sgmrl/autodiff/random";
import { sampleTask, type TaskKey } from "@sgmrl/envs";
import { mean, norm, sub } from "../arithmetic.ts";
import { adaptFrom } from "../inner/adapt.ts";
import { returns, timesteps } from "../trajectory.ts";
import { computesScore, type Terms } from "./combine.ts";
import { outerEstimate } from "./outer.ts";
import { PartError } from "./parts.ts";
import { metaGradient } from "./recursion.ts";
import type { TaskSetting } from "./task-setting.ts";

/** What one task contributes to one meta-iteration: the two terms of its meta-gradient, before weighting. */
export interface UnitResult extends Terms {
  /** Deterministic figures, to be averaged over tasks. */
  readonly statistics: Readonly<Record<string, number>>;
  /** Wall-clock seconds by phase, to be summed. */
  readonly seconds: Readonly<Record<Phase, number>>;
}

export type Phase = "rollout" | "adapt" | "metaGradient";

/** Samples a task, adapts to it, and estimates its meta-gradient at θ. */
export function contribution(
  setting: TaskSetting,
  clock: () => number,
  theta: Float64Array,
  taskKey: TaskKey,
  noiseKey: Key,
): UnitResult {
  const { update, inner, environment } = setting;
  const seconds = { rollout: 0, adapt: 0, metaGradient: 0 };
  const timed = <T>(phase: Phase, work: () => T): T => {
    const start = clock();
    const result = work();
    seconds[phase] += clock() - start;
    return result;
  };
  const sampler = setting.sampler(sampleTask(environment.family, taskKey), noiseKey, inner.steps);
  const sample = (at: Float64Array, t: number) => timed("rollout", () => sampler.sample(at, t));

  const adaptation = timed("adapt", () => adaptFrom(update, theta, inner.steps, sample));
  seconds.adapt -= seconds.rollout;
  const outerBatch = sample(adaptation.adapted, inner.steps + 1);
  const estimator = computesScore(setting, taskKey)
    ? setting.estimator
    : { ...setting.estimator, score: null };
  const { pathwise, score, statistics, outer } = timed("metaGradient", () => {
    const outer = outerEstimate(update, adaptation, outerBatch, setting.outer);
    return { ...metaGradient(estimator, { update, adaptation, outer, sampler }), outer };
  });

  const batches = [...adaptation.steps.map(({ batch }) => batch), outerBatch];
  const figures = {
    preReturn: mean(returns(batches[0]!, 1)),
    postReturn: mean(returns(outerBatch, 1)),
    postDiscountedReturn: outer.meanReturn,
    timesteps: batches.reduce((total, batch) => total + timesteps(batch), 0),
    updateNorm: norm(sub(adaptation.adapted, theta)),
    ...statistics,
  };
  const own = setting.estimator.taskFigures?.(outer) ?? {};
  const taken = Object.keys(own).find((name) => name in figures);
  if (taken !== undefined)
    throw new PartError(
      `${setting.estimator.name}: taskFigures: "${taken}" is a statistic of every task; choose another name.`,
    );
  return { pathwise, score, meanReturn: outer.meanReturn, statistics: { ...figures, ...own }, seconds };
}
