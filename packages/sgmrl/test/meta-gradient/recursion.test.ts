/** What the recursion hands to a rule of multipliers, and what a jackknife makes of a trajectory that moved nothing. */
import { key } from "@sgmrl/autodiff/random";
import { findEnvironment } from "@sgmrl/envs";
import { describe, expect, it } from "vitest";
import { dot } from "../../src/arithmetic.ts";
import { adaptFrom, type InnerUpdate } from "../../src/inner/adapt.ts";
import type { SurrogateWeights } from "../../src/inner/surrogate-weights.ts";
import { findEstimator } from "../../src/meta-gradient/catalogue.ts";
import { type Curvature, surrogateHessian } from "../../src/meta-gradient/curvature.ts";
import type { Estimator, Multipliers, ScoreRuleInput } from "../../src/meta-gradient/estimator.ts";
import { outerEstimate } from "../../src/meta-gradient/outer.ts";
import { metaGradient } from "../../src/meta-gradient/recursion.ts";
import { type StepDerivatives, stepDerivatives } from "../../src/meta-gradient/step-derivatives.ts";
import { createPolicy } from "../../src/policy/create-policy.ts";
import { logLikelihood } from "../../src/policy/log-likelihood.ts";
import { drawNoise } from "../../src/sampling/rollout.ts";
import { taskSampler } from "../../src/sampling/task-sampler.ts";
import { isStep, rewardsToGo, type TrajectoryBatch } from "../../src/trajectory.ts";

const environment = findEnvironment("tabular-sparse");
const policy = createPolicy({ kind: "categorical-mlp", hidden: [] }, environment);
const task = environment.family.sample(key(1));
const model = logLikelihood(policy);
const [steps, N, H] = [3, 2, 4];
const noises = Array.from({ length: steps + 1 }, (_, i) => drawNoise(policy, key(i + 1), N, H));
const sampler = taskSampler({ environment, task, policy, model }, noises);

/** The first trajectory of every batch counts for nothing in the update. */
const idle = (batch: TrajectoryBatch): SurrogateWeights => {
  const rows = (leftOut: readonly number[] = []): Float64Array =>
    rewardsToGo(batch, 0.9).map((value, row) => {
      const j = Math.floor(row / H);
      return j === 0 || leftOut.includes(j) ? 0 : value;
    });
  const pullback = (): never => {
    throw new Error("none of these estimators differentiates the weights");
  };
  return { rows, products: (x, leftOut) => leftOut.map((out) => dot(rows(out), x)), pullback };
};
const update: InnerUpdate = { model, stepSize: 0.5, discount: 0.9, surrogate: idle };
const adaptation = adaptFrom(update, policy.initialize(key(9)), steps, sampler.sample);
const outer = outerEstimate(update, adaptation, sampler.sample(adaptation.adapted, steps + 1));
const run = { update, adaptation, outer, sampler };

describe("[eq:recursion]", () => {
  it("hands λ_t to the rule of step t", () => {
    const seen = new Map<number, Float64Array>();
    const estimator = findEstimator("sgmrl");
    const watched: Estimator = {
      ...estimator,
      score(at) {
        seen.set(at.t, at.lambda);
        return estimator.score!(at);
      },
    };
    const { gradient } = metaGradient(watched, run);
    expect([...seen.keys()]).toEqual([3, 2, 1]);
    expect(seen.get(3)).toEqual(outer.gradient);
    // λ_t is what the same recursion gives for the steps after t.
    for (const t of [2, 1, 0]) {
      const rest = { steps: adaptation.steps.slice(t), adapted: adaptation.adapted };
      const found = metaGradient(estimator, { ...run, adaptation: rest }).gradient;
      expect(t === 0 ? gradient : seen.get(t)).toEqual(found);
    }
  });
});

/** Step t as the recursion hands it over, with λ_t = ĝ. */
function at(t: number): ScoreRuleInput {
  const step = adaptation.steps[t - 1]!;
  const derivatives = stepDerivatives(update, step, surrogateHessian, [outer.gradient]);
  return { ...run, t, step, lambda: outer.gradient, derivatives };
}

describe("[eq:curvature-hessian] the derivatives of a step", () => {
  const step = adaptation.steps[1]!;
  const { theta, batch, weights } = step;
  const v = outer.gradient;
  const w = v.map((x, i) => i - x);
  const m = Float64Array.of(0.5, -2);
  const scoreWeights = batch.rewards.map((_, row) => (isStep(batch, row) ? m[Math.floor(row / H)]! : 0));
  const plain = {
    curvatureProduct: model.hessianProduct(theta, batch, weights, v),
    tangent: model.tangent(theta, batch, v),
    scoreSum: model.gradient(theta, batch, scoreWeights),
  };
  const names = ["curvatureProduct", "tangent", "scoreSum"] as const;
  const ask = (at: StepDerivatives, name: (typeof names)[number]): Float64Array =>
    name === "scoreSum" ? at.scoreSum(m) : at[name](v);
  const orders = names.flatMap((a) => names.flatMap((b) => names.map((c) => [a, b, c] as const)));

  it.each(orders)("are the same whatever is asked for first: %s, %s, %s", (...order) => {
    for (const curvature of [
      surrogateHessian,
      (...args: Parameters<Curvature>) => surrogateHessian(...args),
    ]) {
      for (const along of [[v], [w, v], []]) {
        const derivatives = stepDerivatives(update, step, curvature, along);
        for (const name of order) {
          ask(derivatives, name).forEach((x, i) => {
            expect(x).toBeCloseTo(plain[name][i]!, 12);
          });
        }
      }
    }
  });

  it("take one pass for two of them", () => {
    const calls: string[] = [];
    const counted = <T extends object>(target: T): T =>
      new Proxy(target, {
        get(_, name: string & keyof T) {
          calls.push(name);
          return target[name];
        },
      });
    const watched = { ...step, objective: counted(step.objective) };
    const once = stepDerivatives({ ...update, model: counted(model) }, watched, surrogateHessian, [v]);
    once.tangent(v);
    once.scoreSum(m);
    once.curvatureProduct(v);
    once.curvatureProduct(v);
    expect(calls).toEqual(["hessianProductAndTangent", "gradientWith"]);
  });

  it("are zero where there is no curvature", () => {
    const without = stepDerivatives(update, step, null, [v]);
    expect(without.curvatureProduct(v)).toEqual(new Float64Array(v.length));
    expect(without.tangent(v)).toEqual(plain.tangent);
  });
});

describe("a trajectory that did not move the update", () => {
  // Without τ_0 the update is the same, and so is everything after it.
  it.each([
    { name: "jackknife-coupled", label: "[eq:jackknife-coupled]" },
    { name: "jackknife-whole-path", label: "[eq:jackknife-whole-path]" },
    { name: "jackknife-per-decision", label: "[eq:multiplier-jackknife]" },
  ])("$label has multiplier 0 under $name, at every step", ({ name }) => {
    const { score } = findEstimator(name);
    for (const t of [3, 2, 1]) {
      const { multipliers } = score!(at(t)) as Multipliers; // the jackknife gives multipliers
      expect(Math.abs(multipliers[0]!)).toBeLessThan(1e-12);
      expect(Math.abs(multipliers[1]!)).toBeGreaterThan(1e-6);
    }
  });
});
