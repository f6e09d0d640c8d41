/** The test by differences can fail: every term of the derivative, dropped or with its sign flipped, is seen. */
import { fold, key, normal } from "@sgmrl/autodiff/random";
import { differentiateByDifferences } from "@sgmrl/autodiff/testing";
import { describe, expect, it } from "vitest";
import { addScaled, dot } from "../../../src/arithmetic.ts";
import type { AdaptationStep } from "../../../src/inner/adapt.ts";
import type { DataCotangents } from "../../../src/inner/combination.ts";
import { findEstimator } from "../../../src/meta-gradient/catalogue.ts";
import type { TaskRun } from "../../../src/meta-gradient/estimator.ts";
import { metaGradient } from "../../../src/meta-gradient/recursion.ts";
import type { ActionDerivatives } from "../../../src/policy/action-derivatives.ts";
import type { TangentCotangents } from "../../../src/policy/log-likelihood.ts";
import type { Simulator } from "../../../src/sampling/simulator.ts";
import type { StepAdjoint } from "../../../src/sampling/step-adjoint.ts";
import { smoothEnvironment } from "../../support/smooth-environment.ts";
import { walks } from "../../support/walks.ts";

const k = key(11);
const environment = smoothEnvironment(k, { states: 2, actions: 2, horizon: 4 });
const { theta, update, sampler, adapt } = walks(environment, k, {
  advantage: "standardised-gae",
  convention: "paper",
  gaeLambda: 0.7,
  steps: 2,
  stepSize: 0.1,
  trajectories: 3,
  horizon: 4,
});
const lambda = normal(fold(k, 3), theta.length);
const v = normal(fold(k, 4), theta.length).map((z) => 0.03 * z);
const expected = differentiateByDifferences((t) =>
  Float64Array.of(dot(lambda, adapt(addScaled(theta, t, v)).adapted)),
).derivative[0]!;
const adaptation = adapt(theta);
const run: TaskRun = {
  update,
  adaptation,
  outer: { batch: adaptation.steps[0]!.batch, meanReturn: 0, gradient: lambda },
  sampler,
};
const estimator = findEstimator("reparameterised");
const error = (broken: TaskRun): number =>
  Math.abs(dot(metaGradient(estimator, broken).gradient, v) - expected) / Math.abs(expected);

const simulator = sampler.simulator!;
const withSimulator = (change: Partial<Simulator>): TaskRun => ({
  ...run,
  sampler: { ...sampler, simulator: { ...simulator, ...change } },
});
const withPolicy = (change: Partial<ActionDerivatives>): TaskRun =>
  withSimulator({ policy: { ...simulator.policy, ...change } });
const scaled = (x: Float64Array, factor: number): Float64Array => x.map((value) => factor * value);

const withSteps = (change: (step: AdaptationStep) => Partial<AdaptationStep>): TaskRun => ({
  ...run,
  adaptation: { ...adaptation, steps: adaptation.steps.map((step) => ({ ...step, ...change(step) })) },
});
const direct = (field: keyof TangentCotangents, factor: number): TaskRun =>
  withSteps(({ objective }) => ({
    objective: {
      ...objective,
      tangentCotangents(at) {
        const found = objective.tangentCotangents!(at);
        return { ...found, [field]: scaled(found[field], factor) };
      },
    },
  }));
const throughWeights = (field: keyof DataCotangents, factor: number): TaskRun =>
  withSteps(({ surrogate }) => ({
    surrogate: {
      ...surrogate,
      pullback(wBar) {
        const found = surrogate.pullback(wBar);
        return { ...found, [field]: scaled(found[field]!, factor) };
      },
    },
  }));
const steps = (pull: (inner: StepAdjoint) => StepAdjoint["pull"]): TaskRun =>
  withSimulator({
    adjoint(...args) {
      const inner = simulator.adjoint(...args);
      return { ...inner, pull: pull(inner) };
    },
  });

const broken: Readonly<Record<string, (factor: number) => TaskRun>> = {
  "∂F/∂w through the weights": (factor) => direct("weights", factor),
  "∂F/∂o of the log-likelihoods": (factor) => direct("observations", factor),
  "∂F/∂a of the log-likelihoods": (factor) => direct("actions", factor),
  "rewards through the weights": (factor) => throughWeights("rewards", factor),
  "observations through the weights' fit": (factor) => throughWeights("observations", factor),
  "the policy's feedback": (factor) =>
    withPolicy({
      feedback: (...args) => simulator.policy.feedback(...args).map((row) => scaled(row, factor)),
    }),
  "σ's part of the actions": (factor) =>
    withPolicy({
      pullback: (at, batch, noise, aBar) => simulator.policy.pullback(at, batch, scaled(noise, factor), aBar),
    }),
  "the next state": (factor) =>
    steps((inner) => (h, trajectories, stateBars, ...rest) => {
      stateBars.set(scaled(stateBars, factor));
      inner.pull(h, trajectories, stateBars, ...rest);
    }),
  "the reward of a step": (factor) =>
    steps(
      (inner) =>
        (h, trajectories, stateBars, rewardBars, ...rest) =>
          inner.pull(h, trajectories, stateBars, scaled(rewardBars, factor), ...rest),
    ),
  "the state of a step": (factor) =>
    steps((inner) => (h, trajectories, stateBars, ...rest) => {
      inner.pull(h, trajectories, stateBars, ...rest);
      stateBars.set(scaled(stateBars, factor));
    }),
  "the action of a step": (factor) =>
    steps((inner) => (h, trajectories, stateBars, rewardBars, actionBars) => {
      inner.pull(h, trajectories, stateBars, rewardBars, actionBars);
      actionBars.set(scaled(actionBars, factor));
    }),
  "noise of another step": () => ({ ...run, sampler: { ...sampler, noise: (t) => sampler.noise(3 - t) } }),
};

describe("[eq:reparameterised-score] by differences", () => {
  it("holds to 1e-7 as it stands", () => {
    expect(error(run)).toBeLessThan(1e-7);
  });

  it.each(
    Object.entries(broken).flatMap(([name, change]) => [0, -1].map((factor) => ({ name, factor, change }))),
  )("sees $name times $factor", ({ change, factor }) => {
    expect(error(change(factor))).toBeGreaterThan(1e-5);
  });
});

it("refuses data that were given without what drew them", () => {
  const { sampler: _, ...given } = run;
  expect(() => metaGradient(estimator, given)).toThrow(/needs the simulator that drew the data/);
});
