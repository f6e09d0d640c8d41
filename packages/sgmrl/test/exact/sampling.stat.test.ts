/** Sampling agrees with enumeration: rollouts draw from q(τ; θ), and the training pipeline has the exact mean. */
import { key } from "@sgmrl/autodiff/random";
import { describe, expect, it } from "vitest";
import { moments } from "../../src/exact/moments.ts";
import { objective, valueAndGradient } from "../../src/exact/objective.ts";
import type { ExactProblem } from "../../src/exact/problem.ts";
import { samples } from "../../src/exact/sampling.ts";
import { monteCarloAudit } from "../../src/experiments/audit/monte-carlo.ts";
import { estimatorTable } from "../../src/meta-gradient/catalogue.ts";
import { type Estimate, meanWithConfidence } from "../../src/statistics/confidence.ts";
import { needleProblem, twoStateProblem } from "../support/exact-problems.ts";

// Each interval misses with probability 1e-6, under the normal approximation to means of thousands.
const confidence = 1 - 1e-6;
const table = estimatorTable();
/** Action 1 of state 0 ends the trajectory with probability 1/2; states 0 and 1 share both parameters. */
const sharedAndEnding: ExactProblem = {
  tasks: [
    {
      weight: 1,
      mdp: {
        initial: [0.5, 0.5, 0],
        transitions: [
          [
            [0, 1, 0],
            [0.5, 0, 0.5],
          ],
          [
            [1, 0, 0],
            [0, 1, 0],
          ],
          [
            [0, 0, 1],
            [0, 0, 1],
          ],
        ],
        rewards: [
          [1, -0.5],
          [0.2, 2],
          [9, 9],
        ],
        terminal: [false, false, true],
        horizon: 2,
        discount: 0.9,
      },
    },
  ],
  features: [[1], [-0.5], [0]],
  theta: [[0.3, -0.2]],
  inner: { stepSize: 0.7, steps: 1, trajectories: 2 },
  outerTrajectories: 1,
};

const cases = [
  {
    name: "two states, ζ = 2",
    problem: twoStateProblem({ steps: 2, trajectories: 2, stepSize: 0.9 }),
    n: 4000,
  },
  { name: "shared parameters and early ends", problem: sharedAndEnding, n: 4000 },
  { name: "needle, N = 3", problem: needleProblem(3, 4, [0.5, 0, -0.5, 0]), n: 4000 },
];

function entries(gradients: readonly Float64Array[], together: number): Estimate[] {
  return Array.from(gradients[0]!.keys(), (i) =>
    meanWithConfidence(
      gradients.map((g) => g[i]!),
      { confidence, together: together },
    ),
  );
}

describe.each(cases)("$name", ({ problem, n }) => {
  const names = ["sgmrl", "jackknife-per-decision", "jackknife-coupled", "maml"];
  const drawn = [
    ...samples(
      problem,
      names.map((name) => table[name]!),
      key(11),
      n,
    ),
  ];

  it("[eq:objective] the mean of J(θ_ζ) is V", () => {
    const { mean, margin } = meanWithConfidence(
      drawn.map((sample) => sample.objective),
      { confidence, together: 1 },
    );
    expect(Math.abs(mean - objective(problem))).toBeLessThan(margin);
  });

  it.each(["sgmrl", "jackknife-per-decision", "jackknife-coupled"])("%s: the mean is ∇V", (name) => {
    const { gradient } = valueAndGradient(problem);
    const found = entries(
      drawn.map(({ gradients }) => gradients[names.indexOf(name)]!),
      gradient.length,
    );
    found.forEach(({ mean, margin }, i) => {
      expect(Math.abs(mean - gradient[i]!)).toBeLessThan(margin);
    });
  });

  // A test of means could pass for want of power: here the margins are far below the bias they must see.
  it("maml: the mean is not ∇V", () => {
    const { gradient } = valueAndGradient(problem);
    const found = entries(
      drawn.map(({ gradients }) => gradients[names.indexOf("maml")]!),
      gradient.length,
    );
    expect(found.some(({ mean, margin }, i) => Math.abs(mean - gradient[i]!) > margin)).toBe(true);
  });

  it("[eq:jackknife-coupled] less variance than SG-MRL as published", () => {
    const trace = (name: string): number =>
      entries(
        drawn.map(({ gradients }) => gradients[names.indexOf(name)]!),
        1,
      ).reduce((sum, { margin }) => sum + margin ** 2, 0);
    expect(trace("jackknife-coupled")).toBeLessThan(0.6 * trace("sgmrl"));
  });
});

describe("[eq:simultaneous-interval] the Monte-Carlo audit", () => {
  const problem = twoStateProblem({ trajectories: 2 });
  const result = monteCarloAudit({ problem, estimators: ["sgmrl", "maml"] }, 4000, 5);
  const features = (phi: number[][], theta: number[][]): ExactProblem => ({
    ...twoStateProblem(),
    features: phi,
    theta,
  });
  const audits: readonly { name: string; problem: ExactProblem; estimators: string[] }[] = [
    { name: "two states", problem, estimators: ["sgmrl", "maml", "sgmrl-other-tasks", "emaml-published"] },
    {
      name: "the outer step of public code, which is biased [eq:outer-gradient-reference]",
      problem: {
        ...twoStateProblem({ trajectories: 2, outerTrajectories: 2 }),
        outer: { advantage: "standardised-gae", gaeLambda: 0.9 },
      },
      estimators: ["maml", "sgmrl", "jackknife-per-decision"],
    },
    {
      name: "fewer features than states",
      problem: features([[1], [2]], [[0.3, -0.2]]),
      estimators: ["sgmrl", "maml"],
    },
    {
      name: "more features than states",
      problem: features(
        [
          [1, 0, 1],
          [0, 1, 5],
        ],
        [
          [0.3, -0.2],
          [0.1, 0.5],
          [0.2, -0.1],
        ],
      ),
      estimators: ["sgmrl", "maml"],
    },
  ];

  it.each(audits)(
    "finds the exact bias and variance within its margins, widened to a false alarm of 1e-6: $name",
    ({ problem, estimators }) => {
      const wider = 4.9 / 1.96;
      const sampled = monteCarloAudit({ problem, estimators }, 4000, 5);
      const exact = moments(
        problem,
        estimators.map((name) => table[name]!),
      );
      const { gradient } = valueAndGradient(problem);
      expect(sampled.gradient.map((row) => row.length)).toEqual(problem.theta.map((row) => row.length));
      expect(Math.abs(sampled.objective.mean - objective(problem))).toBeLessThan(
        wider * sampled.objective.margin,
      );
      exact.forEach(({ mean, variance }, i) => {
        const found = sampled.estimators[i]!;
        const bias = Math.max(...mean.map((x, entry) => Math.abs(x - gradient[entry]!)));
        expect(Math.abs(found.bias.mean - bias), found.name).toBeLessThan(wider * found.bias.margin);
        expect(Math.abs(found.variance.mean - variance), found.name).toBeLessThan(
          wider * found.variance.margin,
        );
      });
    },
  );

  it("is sure that MAML is biased, and not that SG-MRL is", () => {
    const [sgmrl, maml] = result.estimators;
    expect(maml!.bias.mean).toBeGreaterThan(3 * maml!.bias.margin);
    expect(sgmrl!.bias.mean).toBeLessThan(2.5 * sgmrl!.bias.margin);
  });

  it("repeats itself under the same seed only", () => {
    expect(monteCarloAudit({ problem, estimators: ["sgmrl", "maml"] }, 100, 5)).toEqual(
      monteCarloAudit({ problem, estimators: ["sgmrl", "maml"] }, 100, 5),
    );
    expect(monteCarloAudit({ problem, estimators: ["maml"] }, 100, 6).objective).not.toEqual(
      monteCarloAudit({ problem, estimators: ["maml"] }, 100, 5).objective,
    );
  });
});
