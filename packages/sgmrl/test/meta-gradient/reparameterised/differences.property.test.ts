/** Adaptation on data whose noise is fixed is a function of θ: the recursion is its derivative. */
import { fold, key, normal } from "@sgmrl/autodiff/random";
import { differentiateByDifferences } from "@sgmrl/autodiff/testing";
import { corner2D, type Environment, momentum2D, navigation2D, toy1D } from "@sgmrl/envs";
import { describe, expect, it } from "vitest";
import { addScaled, dot } from "../../../src/arithmetic.ts";
import { advantages } from "../../../src/inner/advantage.ts";
import { findEstimator } from "../../../src/meta-gradient/catalogue.ts";
import { metaGradient } from "../../../src/meta-gradient/recursion.ts";
import type { AdvantageName } from "../../../src/settings.ts";
import { type WalkSettings, walks } from "../../support/walks.ts";

const environments = [navigation2D({ terminates: false }), corner2D("dense"), momentum2D("dense"), toy1D()];
const rules = Object.keys(advantages) as AdvantageName[];
const estimator = findEstimator("reparameterised");

// Every rule with every ζ on navigation, and every rule with one ζ elsewhere.
const cases = environments.flatMap((environment, e) =>
  rules.flatMap((advantage, i) =>
    (e === 0 ? [1, 2, 3] : [1 + ((e + i) % 3)]).map((steps) => ({
      name: `${environment.name}, ${advantage}, ζ = ${steps}`,
      environment,
      advantage,
      steps,
    })),
  ),
);

/** With any fixed λ_ζ, λ_0 = (dθ_ζ/dθ_0)ᵀ λ_ζ: the recursion of reparameterised scores is linear in it. */
function agrees(environment: Environment, seed: number, settings: WalkSettings): void {
  const k = key(seed);
  const { theta, update, sampler, adapt } = walks(environment, k, settings);
  const lambda = normal(fold(k, 3), theta.length);
  const v = normal(fold(k, 4), theta.length).map((z) => 0.03 * z);
  const { derivative, error } = differentiateByDifferences((t) =>
    Float64Array.of(dot(lambda, adapt(addScaled(theta, t, v)).adapted)),
  );
  const adaptation = adapt(theta);
  const outer = { batch: adaptation.steps[0]!.batch, meanReturn: 0, gradient: lambda };
  const { gradient, pathwise } = metaGradient(estimator, { update, adaptation, outer, sampler });
  const expected = derivative[0]!;
  expect(error[0]).toBeLessThan(1e-7 * Math.abs(expected));
  expect(Math.abs(dot(gradient, v) - expected)).toBeLessThan(1e-7 * Math.abs(expected));
  // Without the score terms it is not.
  expect(Math.abs(dot(pathwise, v) - expected)).toBeGreaterThan(1e-5 * Math.abs(expected));
}

describe("[eq:reparameterised-score] [eq:adjoint-sweep] λ_0 is the derivative of ⟨λ_ζ, θ_ζ(θ, ξ)⟩", () => {
  it.each(cases)("$name", ({ environment, advantage, steps }) => {
    for (let seed = 0; seed < 2; seed++) {
      agrees(environment, seed, {
        advantage,
        convention: seed === 0 ? "paper" : "timestep-mean",
        gaeLambda: 0.7,
        steps,
        stepSize: 0.3,
        trajectories: 2 + seed,
        horizon: 5,
      });
    }
  });

  // Not where an advantage is 0 up to rounding, which standardising makes the whole of it: one step, or a fit to few.
  const edges = [
    { trajectories: 1, horizon: 4, discount: 1 },
    { trajectories: 2, horizon: 1, discount: 0.9 },
    { trajectories: 2, horizon: 4, discount: 0 },
    { trajectories: 1, horizon: 1, discount: 0 },
  ].flatMap((edge) =>
    rules
      .filter((advantage) => edge.trajectories > 1 || advantage !== "standardised-gae")
      .filter(
        (advantage) =>
          edge.horizon > 1 || edge.trajectories > 1 || !/centred|standardised|gae/.test(advantage),
      )
      .map((advantage) => ({
        ...edge,
        advantage,
        name: `${advantage}, N = ${edge.trajectories}, H = ${edge.horizon}, γ = ${edge.discount}`,
      })),
  );
  it.each(edges)("$name", ({ name: _, ...edge }) => {
    agrees(environments[0]!, 7, { ...edge, convention: "paper", gaeLambda: 0, steps: 2, stepSize: 0.2 });
  });
});
