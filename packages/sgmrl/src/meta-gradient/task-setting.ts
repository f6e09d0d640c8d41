/** What all tasks of a unit share: the experiment's parts, the inner update, and the sampling of a task's data. */
import { array, type Backend, compile, matmul, reference } from "@sgmrl/autodiff";
import { fold, type Key } from "@sgmrl/autodiff/random";
import type { Environment } from "@sgmrl/envs";
import { type InnerUpdate, innerUpdate } from "../inner/adapt.ts";
import type { MatrixProduct } from "../inner/combination.ts";
import { logLikelihood } from "../policy/log-likelihood.ts";
import type { Policy } from "../policy/policy.ts";
import { drawNoise } from "../sampling/rollout.ts";
import { createSimulator } from "../sampling/simulator.ts";
import { type TaskSampler, taskSampler } from "../sampling/task-sampler.ts";
import type { Experiment } from "../settings.ts";
import type { Combination } from "./combine.ts";

/** What is learnt, on what, and how: an experiment with objects instead of names. */
export interface UnitParts extends Combination, Pick<Experiment, "inner" | "outer"> {
  readonly environment: Environment;
  readonly policy: Policy;
  /** H and γ; by default those of the environment. */
  readonly horizon?: number;
  readonly discount?: number;
  /** Default "float64". */
  readonly precision?: Experiment["precision"];
}

export interface TaskSetting extends UnitParts {
  readonly update: InnerUpdate;
  /** Draws D_1, …, D_ζ and D_o of a task, ζ = `steps`. */
  sampler(task: unknown, noiseKey: Key, steps: number): TaskSampler;
}

/** Errors  NotDifferentiableError if the estimator differentiates data and the environment or policy cannot be */
export function taskSetting(parts: UnitParts, backend: Backend = reference): TaskSetting {
  const { environment, policy, inner, outer, precision = "float64" } = parts;
  const { discount = environment.discount, horizon = environment.horizon } = parts;
  const model = logLikelihood(policy, { backend, dtype: precision });
  const multiply = backend === reference ? undefined : productOn(backend);
  const simulator = parts.estimator.differentiates
    ? createSimulator(environment, policy, { backend, dtype: precision })
    : undefined;
  return {
    ...parts,
    update: innerUpdate(model, inner, discount, multiply),
    sampler(task, noiseKey, steps) {
      const noises = Array.from({ length: steps + 1 }, (_, i) => {
        const { trajectories } = i < steps ? inner : outer;
        return drawNoise(policy, fold(noiseKey, i + 1), trajectories, horizon);
      });
      const differentiable = simulator === undefined ? {} : { simulator };
      return taskSampler({ environment, task, policy, model, ...differentiable }, noises);
    },
  };
}

/** Products of float64 matrices, compiled once per size. */
function productOn(backend: Backend): MatrixProduct {
  const product = compile(matmul, { backend, dtype: "float64" });
  return (C, X, Q) => {
    const { data } = product(array(C, [C.length / Q, Q]), array(X, [Q, X.length / Q]));
    return data as Float64Array; // of its dtype
  };
}
