/**
 * Question: how long does one whole meta-iteration take: sampling, adapting, sampling again, the meta-gradient of every
 * task? The sizes of the paper's navigation experiment: 20 tasks, 20 trajectories of up to 100 steps, 2-100-100-2, ζ = 1.
 *
 * The neighbour runs the same recursion on the same tasks and the same noise, with TensorFlow.js for everything that
 * involves the policy. The environment and the random numbers are ours on both sides.
 */

import { fold, type Key, key } from "@sgmrl/autodiff/random";
import { createWasmBackend } from "@sgmrl/autodiff/wasm";
import { findEnvironment } from "@sgmrl/envs";
import * as tf from "@tensorflow/tfjs";
import { type InnerUpdate, outerEstimate, presets } from "sgmrl";
import { surrogateWeights } from "../../../packages/sgmrl/src/inner/surrogate-weights.ts";
import { weighed } from "../../../packages/sgmrl/src/meta-gradient/combine.ts";
import { partsOf } from "../../../packages/sgmrl/src/meta-gradient/parts.ts";
import { createUnit } from "../../../packages/sgmrl/src/meta-gradient/unit.ts";
import { createPolicy } from "../../../packages/sgmrl/src/policy/create-policy.ts";
import type { LogLikelihood } from "../../../packages/sgmrl/src/policy/log-likelihood.ts";
import { drawNoise, rollout } from "../../../packages/sgmrl/src/sampling/rollout.ts";
import type { Experiment } from "../../../packages/sgmrl/src/settings.ts";
import { isStep, type TrajectoryBatch } from "../../../packages/sgmrl/src/trajectory.ts";
import { tfjsLogLikelihood, tidied } from "../meta-iteration/tfjs-log-likelihood.ts";
import { assertAgrees } from "../support/agree.ts";
import { measure } from "../support/measure.ts";
import { type Comparison, round } from "../support/report.ts";

const { experiment, tasks } = presets["paper-navigation"]!;

/** How many times slower than ours the neighbour has to be. */
const bars = { "tfjs-wasm": 10 };

/**
 * Of float32 against our float64, relative to the largest number. Rounding moves the states, and the estimates with them;
 * MAML's are without the sum of 2,000 scores, each times the mean return.
 */
const tolerances = { sgmrl: 5e-3, maml: 1e-5 };

export type MetaGradient = (theta: Float64Array) => Float64Array;

export async function metaIterations(quick: boolean): Promise<Comparison[]> {
  await tf.setBackend("wasm");
  const count = quick ? 2 : tasks;
  return (["sgmrl", "maml"] as const).map((name) => {
    const settings: Experiment = { ...experiment, estimator: { name } };
    const theta = createUnit(partsOf(settings)).initialize(fold(key(0), 1));
    const contenders: Readonly<Record<string, MetaGradient>> = {
      "sgmrl wasm float32": ours({ ...settings, precision: "float32" }, count),
      "sgmrl wasm float64": ours({ ...settings, precision: "float64" }, count),
      "tfjs-wasm, tuned": inTfjs(settings, count, "tuned"),
      "tfjs-wasm": inTfjs(settings, count, "as it comes"),
    };
    const expected = contenders["sgmrl wasm float64"]!(theta);
    const errors = Object.entries(contenders).map(([who, run]): [string, number] => [
      `error of ${who}`,
      round(assertAgrees(`${who}, ${name}`, [run(theta)], [expected], tolerances[name])),
    ]);
    const timed = Object.entries(contenders).map(([who, run]) => ({ name: who, run: () => run(theta) }));
    // The calls above warmed up; one more of the neighbour takes seconds.
    const budget = { rounds: 3, turn: quick ? 100 : 500, warmUp: 0, warmUpCalls: 0 };
    return {
      title: `meta-iteration, ${name}: ${count} tasks x 20 trajectories x 100 steps, 2-100-100-2`,
      timings: measure(timed, budget),
      bars,
      notes: Object.fromEntries(errors),
    };
  });
}

/** The mean over the tasks of what `contribute` estimates for each. */
function meanOverTasks(
  count: number,
  contribute: (theta: Float64Array, task: Key, noise: Key) => Float64Array,
): MetaGradient {
  return (theta) => {
    const total = new Float64Array(theta.length);
    for (let i = 0; i < count; i++) {
      contribute(theta, fold(key(1), i), fold(key(2), i)).forEach((g, k) => {
        total[k]! += g / count;
      });
    }
    return total;
  };
}

/** A whole meta-iteration by a unit of this engine. */
export function ours(settings: Experiment, count: number): MetaGradient {
  const parts = partsOf(settings);
  const { arithmetic = "strict" } = settings;
  const unit = createUnit(parts, { backend: createWasmBackend({ arithmetic }) });
  return meanOverTasks(
    count,
    (theta, task, noise) => weighed(parts, task, unit.contribute(theta, task, noise)).pathwise,
  );
}

export function inTfjs(
  { inner, outer, estimator, policy: settings, ...rest }: Experiment,
  count: number,
  written: "as it comes" | "tuned",
): MetaGradient {
  const environment = findEnvironment(rest.environment);
  const { discount, horizon } = environment;
  const policy = createPolicy(settings, environment);
  const model = tfjsLogLikelihood(policy, written);
  const used = model as unknown as LogLikelihood; // sampling and the outer gradient ask for nothing else
  const surrogate = (batch: TrajectoryBatch) => surrogateWeights(inner, batch, discount);
  const update: InnerUpdate = { model: used, stepSize: inner.stepSize, discount, surrogate };
  const contribute = (theta: Float64Array, taskKey: Key, noiseKey: Key): Float64Array => {
    const task = environment.family.sample(taskKey);
    const sample = (at: Float64Array, t: number, trajectories: number): TrajectoryBatch => {
      const noise = drawNoise(policy, fold(noiseKey, t), trajectories, horizon);
      return rollout(environment, task, policy, used, at, noise);
    };
    const batch = sample(theta, 1, inner.trajectories);
    const weights = surrogate(batch).rows();
    const after = (adapted: Float64Array) => {
      const outerBatch = sample(adapted, 2, outer.trajectories);
      const { gradient, meanReturn } = outerEstimate(update, { steps: [], adapted }, outerBatch);
      if (estimator.name === "maml") return { lambda: gradient };
      return {
        lambda: gradient,
        multipliers: weights.map((_, row) => (isStep(batch, row) ? meanReturn : 0)),
      };
    };
    return model.backThroughStep({ theta, batch, weights, stepSize: inner.stepSize }, after);
  };
  return meanOverTasks(count, (...args) => tidied(() => contribute(...args)));
}
