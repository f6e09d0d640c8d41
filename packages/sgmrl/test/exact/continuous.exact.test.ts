/** Gaussian policies, exactly: every expectation by Gauss–Hermite quadrature, ∇V by differences of V. */

import { key } from "@sgmrl/autodiff/random";
import { wasm } from "@sgmrl/autodiff/wasm";
import { describe, expect, it } from "vitest";
import { addScaled, norm, sub } from "../../src/arithmetic.ts";
import { type ContinuousProblem, continuousAnswers } from "../../src/exact/continuous.ts";
import { gaussHermite } from "../../src/exact/gauss-hermite.ts";
import { findEstimator } from "../../src/meta-gradient/catalogue.ts";
import { gaussianMlp } from "../../src/policy/gaussian-mlp.ts";
import { maxAbsDifference } from "../support/exact-problems.ts";
import { smoothEnvironment } from "../support/smooth-environment.ts";

it("[eq:gauss-hermite] integrates polynomials up to degree 2n − 1", () => {
  for (const n of [1, 2, 5, 20]) {
    const { nodes, weights } = gaussHermite(n);
    for (let degree = 0; degree < Math.min(2 * n, 12); degree++) {
      const sum = nodes.reduce((total, x, i) => total + weights[i]! * x ** degree, 0);
      // E ε^k = (k − 1)!! for even k.
      let moment = degree % 2 === 0 ? 1 : 0;
      for (let k = degree - 1; k > 0 && moment > 0; k -= 2) moment *= k;
      expect(Math.abs(sum - moment)).toBeLessThan(1e-12 * Math.max(1, moment));
    }
  }
});

interface Case {
  readonly steps: number;
  readonly trajectories: number;
  readonly horizon: number;
  readonly advantage: "reward-to-go" | "centred" | "leave-one-out" | "gae";
  readonly points: number;
  readonly stepSize: number;
}

function problemOf({ steps, trajectories, horizon, advantage, stepSize }: Case): ContinuousProblem {
  const policy = gaussianMlp(1, 1, []);
  return {
    environment: smoothEnvironment(key(3), { states: 1, actions: 1, horizon, start: [0.7] }),
    task: null,
    policy,
    theta: Float64Array.of(0.4, -0.2, Math.log(0.4)),
    inner: { steps, stepSize, trajectories, advantage, convention: "paper", gaeLambda: 0.7 },
    outerTrajectories: 1,
    horizon,
    discount: 0.9,
  };
}

// Small steps, so that few points are enough: ∇V is taken with two points more.
const cases: readonly Case[] = [
  { steps: 1, trajectories: 1, horizon: 1, advantage: "reward-to-go", points: 16, stepSize: 0.07 },
  { steps: 1, trajectories: 2, horizon: 1, advantage: "centred", points: 10, stepSize: 0.05 },
  { steps: 1, trajectories: 2, horizon: 1, advantage: "leave-one-out", points: 10, stepSize: 0.05 },
  { steps: 1, trajectories: 1, horizon: 2, advantage: "reward-to-go", points: 7, stepSize: 0.005 },
  { steps: 2, trajectories: 1, horizon: 1, advantage: "reward-to-go", points: 10, stepSize: 0.015 },
  { steps: 2, trajectories: 2, horizon: 1, advantage: "centred", points: 5, stepSize: 0.003 },
];

describe.each(cases)("ζ = $steps, N = $trajectories, H = $horizon, $advantage", (each) => {
  const problem = problemOf(each);
  const gradient = continuousAnswers(problem, each.points + 2, wasm).gradient();
  const { moments } = continuousAnswers(problem, each.points, wasm);
  const bias = (name: string): number =>
    Math.max(...moments([findEstimator(name)]).map(({ mean }) => maxAbsDifference(mean, gradient)));

  it("[eq:reparameterised-score] [eq:quadrature-moments] the mean of λ_0 is ∇V", () => {
    expect(bias("reparameterised")).toBeLessThan(1e-9);
  });

  it("without the score term it is not", () => {
    expect(bias("maml")).toBeGreaterThan(1e-3);
  });

  // The scores take more points than the data do: their product with a return is a polynomial of higher degree.
  it("[eq:recursion] with scores in place of derivatives it is ∇V too", () => {
    expect(bias("sgmrl")).toBeLessThan(1e-6);
  });
});

describe("[eq:damped-sweep] the bias of damping, exactly: H = 2, one value is carried over one step", () => {
  const each = cases.find(({ horizon }) => horizon === 2)!;
  const problem = problemOf(each);
  const gradient = continuousAnswers(problem, each.points + 2, wasm).gradient();
  const { moments } = continuousAnswers(problem, each.points, wasm);
  const bias = (damping: number, clip: number): Float64Array =>
    sub(
      moments([findEstimator("reparameterised-damped", undefined, { damping, clip, clipBy: "norm" })])[0]!
        .mean,
      gradient,
    );

  it("is (1 − ρ) times that of carrying nothing", () => {
    const [none, most] = [bias(0, Number.POSITIVE_INFINITY), bias(0.9, Number.POSITIVE_INFINITY)];
    expect(norm(none)).toBeGreaterThan(1e-4);
    expect(norm(addScaled(most, -0.1, none))).toBeLessThan(1e-9);
    expect(norm(bias(1, Number.POSITIVE_INFINITY))).toBeLessThan(1e-9);
  });

  it("as it stands it is biased, by less than MAML", () => {
    const [maml] = moments([findEstimator("maml")]);
    const found = norm(bias(0.9, 10));
    expect(found).toBeGreaterThan(1e-6);
    expect(found).toBeLessThan(0.1 * norm(sub(maml!.mean, gradient)));
  });
});
