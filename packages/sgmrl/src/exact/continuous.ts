import { type Backend, reference } from "@sgmrl/autodiff";
import { fold, type Key, key } from "@sgmrl/autodiff/random";
import type { Environment } from "@sgmrl/envs";
import { type Adaptation, adaptFrom, type InnerUpdate, innerUpdate } from "../inner/adapt.ts";
import type { Estimator, TaskRun } from "../meta-gradient/estimator.ts";
import { outerEstimate } from "../meta-gradient/outer.ts";
import { metaGradient } from "../meta-gradient/recursion.ts";
import { type LogLikelihood, logLikelihood } from "../policy/log-likelihood.ts";
import type { Policy } from "../policy/policy.ts";
import { drawNoise, type RolloutNoise, rollout } from "../sampling/rollout.ts";
import { createSimulator } from "../sampling/simulator.ts";
import { type TaskSampler, taskSampler } from "../sampling/task-sampler.ts";
import type { InnerSettings } from "../settings.ts";
import { returns } from "../trajectory.ts";
import { gaussHermite, type Quadrature } from "./gauss-hermite.ts";
import { batchOf, otherTasks, shareAmong } from "./joint.ts";

/**
 * One task in which only the Gaussian actions are random: the start is fixed and the dynamics have no noise. All
 * randomness is then ε ~ N(0, I), and every expectation is a sum over the nodes of a product rule.
 */
export interface ContinuousProblem {
  readonly environment: Environment;
  readonly task: unknown;
  readonly policy: Policy;
  readonly theta: Float64Array;
  readonly inner: InnerSettings;
  readonly outerTrajectories: number;
  readonly horizon: number;
  readonly discount: number;
}

export interface ContinuousMoments {
  readonly name: string;
  readonly mean: Float64Array;
  /** Trace of the covariance. */
  readonly variance: number;
}

/** The quadrature results for one problem, with `points` nodes for each dimension of ε. */
export interface ContinuousAnswers {
  /** V_ζ(θ). */
  objective(theta?: Float64Array): number;
  /** ∇V_ζ(θ), by finite differences of V: it shares no code with any estimator. */
  gradient(): Float64Array;
  /** Means and variances over all data, D_o included. */
  moments(estimators: readonly Estimator[]): ContinuousMoments[];
}

/**
 * [eq:quadrature-moments] Exact up to the error of the rule, which falls exponentially with the number of points if the
 * integrands are smooth.
 */
export function continuousAnswers(
  problem: ContinuousProblem,
  points: number,
  backend: Backend = reference,
): ContinuousAnswers {
  const { policy, inner, horizon } = problem;
  const { model, update, sampler: samplerOf } = machinery(problem, backend);
  const rule = gaussHermite(points);
  const width = horizon * policy.actionWidth;

  /** Every combination of nodes for D_1, …, D_ζ and the outer trajectories, with its weight. */
  const samplers = function* (outer: number): Generator<{ weight: number; sampler: TaskSampler }> {
    const N = inner.trajectories;
    for (const { weight, values } of productRule(rule, (inner.steps * N + outer) * width)) {
      const noises = Array.from({ length: inner.steps + 1 }, (_, t) =>
        noiseOf(values, t * N * width, t < inner.steps ? N : outer, width, horizon),
      );
      yield { weight, sampler: samplerOf(noises) };
    }
  };
  const adapted = (theta: Float64Array, { sample }: TaskSampler): Adaptation =>
    adaptFrom(update, theta, inner.steps, sample);
  const J = expectedReturn(problem, model, rule);

  const objective = (theta: Float64Array = problem.theta): number => {
    let total = 0;
    for (const { weight, sampler } of samplers(0)) total += weight * J(adapted(theta, sampler).adapted);
    return total;
  };
  return {
    objective,
    gradient: () =>
      problem.theta.map((_, i) =>
        derivative((t) => objective(problem.theta.map((x, k) => (k === i ? x + t : x)))),
      ),
    moments(estimators) {
      const sums = estimators.map(() => new Float64Array(problem.theta.length));
      const squares = new Float64Array(estimators.length);
      for (const { weight, sampler } of samplers(problem.outerTrajectories)) {
        const adaptation = adapted(problem.theta, sampler);
        const batch = sampler.sample(adaptation.adapted, inner.steps + 1);
        const run = { update, adaptation, outer: outerEstimate(update, adaptation, batch), sampler };
        estimators.forEach((estimator, e) => {
          metaGradient(estimator, run).gradient.forEach((x, i) => {
            sums[e]![i]! += weight * x;
            squares[e]! += weight * x * x;
          });
        });
      }
      return estimators.map(({ name }, e) => ({
        name,
        mean: sums[e]!,
        variance: squares[e]! - sums[e]!.reduce((total, x) => total + x * x, 0),
      }));
    },
  };
}

/**
 * λ_0 of every estimator from the same sampled data, for problems of too many dimensions for a product rule. Sample k
 * draws from fold(key, k); estimators that compare tasks also see other tasks, drawn alike.
 */
export function* continuousSamples(
  problem: ContinuousProblem,
  estimators: readonly Estimator[],
  key: Key,
  count: number,
  backend: Backend = reference,
): Generator<readonly Float64Array[]> {
  const { policy, inner, horizon, outerTrajectories } = problem;
  const { update, sampler: samplerOf } = machinery(problem, backend);
  const draw = (taskKey: Key): TaskRun => {
    const sampler = samplerOf(
      Array.from({ length: inner.steps + 1 }, (_, t) =>
        drawNoise(
          policy,
          fold(taskKey, t),
          t < inner.steps ? inner.trajectories : outerTrajectories,
          horizon,
        ),
      ),
    );
    const adaptation = adaptFrom(update, problem.theta, inner.steps, sampler.sample);
    const batch = sampler.sample(adaptation.adapted, inner.steps + 1);
    return { update, adaptation, outer: outerEstimate(update, adaptation, batch), sampler };
  };
  const most = Math.max(...estimators.map(batchOf));
  for (let k = 0; k < count; k++) {
    const run = draw(fold(key, k));
    const others = Array.from({ length: most - 1 }, (_, i) => draw(fold(key, k, otherTasks, i)));
    yield estimators.map((estimator) => shareAmong(estimator, run, others));
  }
}

/** The update of training, and what draws data from given noise. */
function machinery(
  { environment, task, policy, inner, discount }: ContinuousProblem,
  backend: Backend,
): {
  readonly model: LogLikelihood;
  readonly update: InnerUpdate;
  readonly sampler: (noises: readonly RolloutNoise[]) => TaskSampler;
} {
  const model = logLikelihood(policy, { backend });
  const simulator = createSimulator(environment, policy, { backend });
  return {
    model,
    update: innerUpdate(model, inner, discount),
    sampler: (noises) => taskSampler({ environment, task, policy, model, simulator }, noises),
  };
}

/** J(θ): one batch holds a trajectory for every node. */
function expectedReturn(
  { environment, task, policy, horizon, discount }: ContinuousProblem,
  model: LogLikelihood,
  rule: Quadrature,
): (theta: Float64Array) => number {
  const width = horizon * policy.actionWidth;
  const all = [...productRule(rule, width)];
  const noise = noiseOf(
    all.flatMap(({ values }) => values),
    0,
    all.length,
    width,
    horizon,
  );
  return (theta) =>
    returns(rollout(environment, task, policy, model, theta, noise), discount).reduce(
      (total, R, k) => total + all[k]!.weight * R,
      0,
    );
}

function noiseOf(
  values: readonly number[],
  start: number,
  trajectories: number,
  width: number,
  horizon: number,
): RolloutNoise {
  return {
    world: Array.from({ length: trajectories }, () => key(0)), // it draws nothing
    actions: Array.from({ length: trajectories }, (_, j) =>
      Float64Array.from(values.slice(start + j * width, start + (j + 1) * width)),
    ),
    horizon,
  };
}

/** All combinations of nodes in the given number of dimensions. */
function* productRule(
  rule: Quadrature,
  dimensions: number,
): Generator<{ readonly weight: number; readonly values: readonly number[] }> {
  const points = rule.nodes.length;
  const total = Array.from({ length: dimensions }, () => points).reduce((product, n) => product * n, 1);
  for (let index = 0; index < total; index++) {
    const values: number[] = [];
    let [weight, rest] = [1, index];
    for (let k = 0; k < dimensions; k++) {
      const i = rest % points;
      rest = Math.floor(rest / points);
      values.push(rule.nodes[i]!);
      weight *= rule.weights[i]!;
    }
    yield { weight, values };
  }
}

/** f'(0) by central differences of sixth order, with errors of order h⁶ = 10⁻¹² and (rounding error)/h. */
function derivative(f: (t: number) => number): number {
  const h = 0.01;
  const odd = (k: number): number => f(k * h) - f(-k * h);
  return (45 * odd(1) - 9 * odd(2) + odd(3)) / (60 * h);
}
