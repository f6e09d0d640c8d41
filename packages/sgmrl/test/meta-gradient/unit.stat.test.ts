/**
 * The unit of work end to end: sampled tasks, compiled policies, rollouts, adaptation, estimator. Its mean over keys is
 * the exact gradient; and rollouts draw from q(τ; θ).
 */
import { fold, key } from "@sgmrl/autodiff/random";
import { finiteEnvironment, finiteFamily, type Mdp } from "@sgmrl/envs";
import { describe, expect, it } from "vitest";
import { dataSets, trajectories } from "../../src/exact/enumerate.ts";
import { dataProbabilities } from "../../src/exact/histories.ts";
import { objective, valueAndGradient } from "../../src/exact/objective.ts";
import { type Combination, compared, weighed } from "../../src/meta-gradient/combine.ts";
import type { UnitResult } from "../../src/meta-gradient/contribution.ts";
import { partsOf } from "../../src/meta-gradient/parts.ts";
import { createUnit } from "../../src/meta-gradient/unit.ts";
import { categoricalMlp } from "../../src/policy/categorical-mlp.ts";
import { logLikelihood } from "../../src/policy/log-likelihood.ts";
import { drawNoise, rollout } from "../../src/sampling/rollout.ts";
import type { Experiment } from "../../src/settings.ts";
import { meanWithConfidence } from "../../src/statistics/confidence.ts";
import { needleProblem, twoState } from "../support/exact-problems.ts";

// Every check raises a false alarm with probability 1e-6, under the normal approximation to means of thousands.
const confidence = 1 - 1e-6;
const theta = Float64Array.of(0.5, 0, -0.5, 0.25);
const n = 1500;

function experiment(estimator: Experiment["estimator"]): Experiment {
  return {
    environment: "needle-bandit",
    policy: { kind: "categorical-mlp", hidden: [] },
    inner: { steps: 1, stepSize: 4, trajectories: 3, advantage: "reward-to-go", convention: "paper" },
    outer: { trajectories: 2 },
    estimator,
    backend: "reference",
    precision: "float64",
  };
}

const problem = { ...needleProblem(3, 4, [...theta]), outerTrajectories: 2 };
const exact = valueAndGradient(problem);

function contributions(name: string, count: number): UnitResult[] {
  const parts = partsOf(experiment({ name }));
  const unit = createUnit(parts);
  const root = key(21);
  return Array.from({ length: count }, (_, k) => {
    const task = fold(root, 0, k);
    return weighed(parts, task, unit.contribute(theta, task, fold(root, 1, k)));
  });
}

function expectMean(gradients: readonly Float64Array[]): void {
  exact.gradient.forEach((expected, i) => {
    const { mean, margin } = meanWithConfidence(
      gradients.map((g) => g[i]!),
      { confidence, together: exact.gradient.length },
    );
    expect(Math.abs(mean - expected)).toBeLessThan(margin);
  });
}

describe("[eq:recursion] contributions of the unit, on the needle", () => {
  it.each(["sgmrl", "sgmrl-leave-one-out", "jackknife-per-decision", "jackknife-coupled"])(
    "%s: the mean is the exact gradient",
    (name) => {
      expectMean(contributions(name, n).map(({ pathwise }) => pathwise));
    },
  );

  it("[eq:multiplier-other-tasks] sgmrl-other-tasks: in batches of three tasks too", () => {
    const parts: Combination = partsOf(experiment({ name: "sgmrl-other-tasks" }));
    const results = contributions("sgmrl-other-tasks", n);
    const batches = Array.from({ length: n / 3 }, (_, b) => results.slice(3 * b, 3 * b + 3));
    // Tasks of a batch depend on one another; means over batches do not.
    const means = batches.map((batch) => {
      const gradients = compared(parts, batch).map(({ pathwise }) => pathwise);
      return gradients[0]!.map((_, i) => gradients.reduce((sum, g) => sum + g[i]! / 3, 0));
    });
    expectMean(means);
  });

  it("maml: the mean is not", () => {
    const gradients = contributions("maml", n).map(({ pathwise }) => pathwise);
    const misses = exact.gradient.map((expected, i) => {
      const { mean, margin } = meanWithConfidence(
        gradients.map((g) => g[i]!),
        { confidence, together: 4 },
      );
      return Math.abs(mean - expected) / margin;
    });
    expect(Math.max(...misses)).toBeGreaterThan(1);
  });

  it("[eq:objective] the mean return after adaptation is V", () => {
    const returns = contributions("maml", n).map(({ statistics }) => statistics.postReturn!);
    const { mean, margin } = meanWithConfidence(returns, { confidence, together: 1 });
    expect(Math.abs(mean - objective(problem))).toBeLessThan(margin);
  });

  it("is a function of its keys", () => {
    expect(contributions("jackknife-coupled", 3)).toEqual(contributions("jackknife-coupled", 3));
  });
});

it("[eq:rollout] trajectories of a tabular MDP come as often as q(τ; θ) says: χ² at 1e-6", () => {
  const mdp = twoState(2);
  const sizes = { states: 2, actions: 2 };
  const environment = finiteEnvironment<Mdp>({
    name: "two-state",
    summary: "",
    ...sizes,
    horizon: 2,
    discount: 0.9,
    family: finiteFamily("one task", [{ weight: 1, task: mdp }]),
    mdp: (task) => task,
    rewardNoise: "none",
    endsAtOnce: false,
  });
  const policy = categoricalMlp(2, 2, []);
  const N = 20_000;
  const batch = rollout(
    environment,
    mdp,
    policy,
    logLikelihood(policy),
    theta,
    drawNoise(policy, key(8), N, 2),
  );
  const all = trajectories(mdp);
  const q = dataProbabilities(mdp, sizes, dataSets(all, mdp, sizes, 1))(theta);
  const names = all.map(({ states, actions }) => `${states}|${actions}`);
  const counts = new Map(names.map((name) => [name, 0]));
  for (let j = 0; j < N; j++) {
    const states = [0, 1].map((h) => batch.observations[(2 * j + h) * 2 + 1]!);
    const name = `${states}|${batch.actions.slice(2 * j, 2 * j + 2)}`;
    counts.set(name, counts.get(name)! + 1);
  }
  const chiSquare = names.reduce(
    (sum, name, i) => sum + (counts.get(name)! - N * q[i]!) ** 2 / (N * q[i]!),
    0,
  );
  expect(chiSquare).toBeLessThan(57.4); // the 1 − 1e-6 quantile at 15 degrees of freedom
});
