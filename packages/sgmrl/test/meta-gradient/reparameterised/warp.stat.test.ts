/**
 * Across the ends of episodes on navigation, where many trajectories end: the warped term against scores on the same draws.
 * What follows the step is ⟨λ, θ_1⟩, so that it is known exactly and only the data are random.
 * (That the plain term misses what crosses a jump is seen without sampling, in warp.exact.test.ts.)
 */
import { fold, key } from "@sgmrl/autodiff/random";
import { wasm } from "@sgmrl/autodiff/wasm";
import { navigation2D } from "@sgmrl/envs";
import { describe, expect, it } from "vitest";
import { addScaled, dot, norm, sub } from "../../../src/arithmetic.ts";
import { findEstimator } from "../../../src/meta-gradient/catalogue.ts";
import { metaGradient } from "../../../src/meta-gradient/recursion.ts";
import { meanWithConfidence } from "../../../src/statistics/confidence.ts";
import type { TrajectoryBatch } from "../../../src/trajectory.ts";
import { walks } from "../../support/walks.ts";

const draws = 20_000;
const confidence = 1 - 1e-4;
const names = ["reparameterised-warped", "jackknife-coupled"];

// A policy that walks towards the goal and past it, if it does not step on it.
const near = { goal: [0.05, 0.04] as const };
const environment = { ...navigation2D(), family: { description: "one goal", sample: () => near } };
const {
  theta: initial,
  update,
  again,
} = walks(environment, key(1), {
  hidden: [],
  advantage: "reward-to-go",
  convention: "paper",
  steps: 1,
  stepSize: 0.1,
  trajectories: 2,
  horizon: 25,
  initialStd: 0.6,
  discount: 0.95,
  backend: wasm,
});
const theta = addScaled(initial, 1, Float64Array.of(0, 0, 0, 0, 1.25, 1, 0, 0));
const lambda = Float64Array.of(0, 0, 0, 0, 1, 0.8, 0, 0);

const gradients = names.map((): Float64Array[] => []);
let [ended, all] = [0, 0];
for (let i = 0; i < draws; i++) {
  const { sampler, adapt } = again(fold(key(2), i));
  const adaptation = adapt(theta);
  const { batch } = adaptation.steps[0]!;
  /** A batch whose mean return is ⟨λ, θ⟩. */
  const paying = (at: Float64Array): TrajectoryBatch => ({
    ...batch,
    rewards: batch.rewards.map((_, row) => (row % batch.horizon === 0 ? dot(lambda, at) : 0)),
  });
  const run = {
    update,
    adaptation,
    outer: { batch, meanReturn: dot(lambda, adaptation.adapted), gradient: lambda },
    sampler: { ...sampler, sampleEach: (thetas: readonly Float64Array[]) => thetas.map(paying) },
  };
  names.forEach((name, e) => {
    gradients[e]!.push(metaGradient(findEstimator(name), run).gradient);
  });
  ended += batch.lengths.filter((length) => length < batch.horizon).length;
  all += batch.trajectories;
}

/** The largest |mean of a difference| in units of its margin. */
function furthest(): number {
  const differences = gradients[0]!.map((x, i) => sub(x, gradients[1]![i]!));
  return Math.max(
    ...theta.map((_, k) => {
      const { mean, margin } = meanWithConfidence(
        differences.map((x) => x[k]!),
        { confidence, together: theta.length },
      );
      return Math.abs(mean) / margin;
    }),
  );
}

describe(`[eq:warp] on navigation, false alarms at ${(1 - confidence).toExponential(0)}`, () => {
  it("many trajectories end", () => {
    expect(ended / all).toBeGreaterThan(0.3);
    expect(ended / all).toBeLessThan(0.8);
  });

  it("the warped term has the mean of the scores", () => {
    expect(furthest()).toBeLessThan(1);
  });

  it("is less noisy than the scores, without a few draws that make up its square", () => {
    const squares = gradients.map((xs) => xs.map((x) => norm(x) ** 2).sort((a, b) => b - a));
    const second = squares.map((x) => x.reduce((total, value) => total + value, 0) / draws);
    const top =
      squares[0]!.slice(0, draws / 100).reduce((total, value) => total + value, 0) / draws / second[0]!;
    expect(second[0]!).toBeLessThan(second[1]!);
    expect(top).toBeLessThan(0.5);
  });
});
