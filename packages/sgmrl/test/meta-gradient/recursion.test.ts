/** What the recursion hands to a rule of multipliers, and what a jackknife makes of a trajectory that moved nothing. */
import { key } from "@sgmrl/autodiff/random";
import { findEnvironment } from "@sgmrl/envs";
import { describe, expect, it } from "vitest";
import { adaptFrom, type Problem } from "../../src/inner/adapt.ts";
import type { SurrogateWeights } from "../../src/inner/advantage.ts";
import { findEstimator } from "../../src/meta-gradient/catalogue.ts";
import { outerEstimate } from "../../src/meta-gradient/outer.ts";
import { metaGradient } from "../../src/meta-gradient/recursion.ts";
import { createPolicy } from "../../src/policy/create-policy.ts";
import { logLikelihood } from "../../src/policy/log-likelihood.ts";
import { drawNoise, rollout, rolloutEach } from "../../src/sampling/rollout.ts";
import { rewardsToGo, type TrajectoryBatch } from "../../src/trajectory.ts";
import { dot } from "../../src/vector.ts";

const environment = findEnvironment("tabular-sparse");
const policy = createPolicy({ kind: "categorical-mlp", hidden: [] }, environment);
const task = environment.family.sample(key(1));
const model = logLikelihood(policy);
const [steps, N, H] = [3, 2, 4];
const noise = Array.from({ length: steps + 2 }, (_, t) => drawNoise(policy, key(t), N, H));
const draw = (theta: Float64Array, t: number): TrajectoryBatch =>
  rollout(environment, task, policy, model, theta, noise[t]!);
const redraw = (thetas: readonly Float64Array[], t: number): TrajectoryBatch[] =>
  rolloutEach(environment, task, policy, model, thetas, noise[t]!);

/** The first trajectory of every batch counts for nothing in the update. */
const idle = (batch: TrajectoryBatch): SurrogateWeights => {
  const rows = (leftOut: readonly number[] = []): Float64Array =>
    rewardsToGo(batch, 0.9).map((value, row) => {
      const j = Math.floor(row / H);
      return j === 0 || leftOut.includes(j) ? 0 : value;
    });
  return { rows, product: (x) => (leftOut) => dot(rows(leftOut), x) };
};
const problem: Problem = { model, stepSize: 0.5, discount: 0.9, weights: idle, redraw };
const adaptation = adaptFrom(problem, policy.initialize(key(9)), steps, draw);
const outer = outerEstimate(problem, adaptation, draw(adaptation.adapted, steps + 1));

describe("[eq:recursion]", () => {
  it("hands λ_t to the rule of step t", () => {
    const seen = new Map<number, Float64Array>();
    const estimator = findEstimator("sgmrl");
    const { gradient } = metaGradient(
      {
        ...estimator,
        multipliers: (p, a, t, o, lambda, tangent) => {
          seen.set(t, lambda);
          return estimator.multipliers!(p, a, t, o, lambda, tangent);
        },
      },
      problem,
      adaptation,
      outer,
    );
    expect([...seen.keys()]).toEqual([3, 2, 1]);
    expect(seen.get(3)).toEqual(outer.gradient);
    // λ_t is what the same recursion gives for the steps after t.
    for (const t of [2, 1, 0]) {
      const rest = { steps: adaptation.steps.slice(t), adapted: adaptation.adapted };
      const found = metaGradient(estimator, problem, rest, outer).gradient;
      expect(t === 0 ? gradient : seen.get(t)).toEqual(found);
    }
  });
});

it("[eq:recursion] hands over the tangents along λ_t, in one pass with the curvature or by themselves", () => {
  const seen = new Map<number, readonly [Float64Array, Float64Array]>();
  const estimator = findEstimator("jackknife-linear");
  const { gradient } = metaGradient(
    {
      ...estimator,
      multipliers: (p, a, t, o, lambda, tangent) => {
        seen.set(t, [lambda, tangent()]);
        return estimator.multipliers!(p, a, t, o, lambda, tangent);
      },
    },
    problem,
    adaptation,
    outer,
  );
  for (const [t, [lambda, tangent]] of seen) {
    const { theta, batch } = adaptation.steps[t - 1]!;
    const expected = model.tangent(theta, batch, lambda);
    tangent.forEach((x, row) => {
      expect(x).toBeCloseTo(expected[row]!, 12);
    });
  }
  expect(seen.size).toBe(3);
  // The same without the shared pass: multipliers that were known before.
  const values = [...seen].map(
    ([t, [lambda, tangent]]) =>
      [t, estimator.multipliers!(problem, adaptation, t, outer, lambda, () => tangent)] as const,
  );
  const known = {
    ...estimator,
    multipliers: (_p: unknown, _a: unknown, t: number) => new Map(values).get(t)!,
  };
  metaGradient(known, problem, adaptation, outer).gradient.forEach((x, i) => {
    expect(x).toBeCloseTo(gradient[i]!, 12);
  });
});

describe("a trajectory that did not move the update", () => {
  // Without τ_0 the update is the same, and so is everything after it.
  it.each([
    { name: "jackknife-coupled", label: "[eq:jackknife-coupled]" },
    { name: "jackknife-whole-path", label: "[eq:jackknife-whole-path]" },
    { name: "jackknife-per-decision", label: "[eq:multiplier-jackknife]" },
  ])("$label has multiplier 0 under $name, at every step", ({ name }) => {
    const { multipliers } = findEstimator(name);
    for (const t of [3, 2, 1]) {
      const unused = (): Float64Array => {
        throw new Error("these rules take no tangents");
      };
      const { values } = multipliers!(problem, adaptation, t, outer, outer.gradient, unused);
      expect(Math.abs(values[0]!)).toBeLessThan(1e-12);
      expect(Math.abs(values[1]!)).toBeGreaterThan(1e-6);
    }
  });
});
