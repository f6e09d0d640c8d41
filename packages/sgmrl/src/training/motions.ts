import { fold, type Key } from "@sgmrl/autodiff/random";
import { type Drawing, drawTrajectory } from "@sgmrl/envs";
import { adaptOnly } from "../inner/adapt.ts";
import { surrogateWeights } from "../inner/surrogate-weights.ts";
import { environmentOf, policyOf } from "../meta-gradient/parts.ts";
import { logLikelihood } from "../policy/log-likelihood.ts";
import { drawNoise, rollout } from "../sampling/rollout.ts";
import type { Experiment } from "../settings.ts";
import type { TrajectoryBatch } from "../trajectory.ts";

/** One trajectory of a task before adaptation and one after `steps` steps of it, to be drawn. */
export function adaptationDrawings(
  experiment: Experiment,
  theta: Float64Array,
  keys: { readonly task: Key; readonly noise: Key },
  steps: number,
): Drawing[] {
  const environment = environmentOf(experiment);
  const { inner } = experiment;
  const discount = experiment.discount ?? environment.discount;
  const horizon = experiment.horizon ?? environment.horizon;
  const policy = policyOf(experiment, environment);
  const model = logLikelihood(policy);
  const task = environment.family.sample(keys.task);
  const size = environment.stateSize;
  const drawings: Drawing[] = [];
  /** Samples stage t; its first trajectory is drawn if it has a title. */
  const sample = (at: Float64Array, stage: number, trajectories: number, title?: string): TrajectoryBatch => {
    const states: Float64Array[] = [];
    const noise = drawNoise(policy, fold(keys.noise, stage), trajectories, horizon);
    const batch = rollout(environment, task, policy, model, at, noise, {
      visit: (_time, all) => {
        states.push(all.slice(0, size));
      },
    });
    if (title !== undefined) {
      const length = batch.lengths[0]!;
      const a = policy.actionWidth;
      const actions = Array.from({ length }, (_, h) => batch.actions.slice(h * a, (h + 1) * a));
      drawings.push(
        drawTrajectory(environment, { title, task, states: states.slice(0, length + 1), actions }),
      );
    }
    return batch;
  };
  const problem = {
    model,
    stepSize: inner.stepSize,
    discount,
    surrogate: (batch: TrajectoryBatch) => surrogateWeights(inner, batch, discount),
  };
  const { adapted } = adaptOnly(problem, theta, steps, (at, t) =>
    sample(at, t, inner.trajectories, t === 1 ? "before adaptation" : undefined),
  );
  const label = steps === 1 ? "after 1 step" : `after ${steps} steps`;
  sample(adapted, steps + 1, 1, steps === 0 ? "without adaptation" : label);
  return drawings;
}
