/** The derivative of an update in the policy that its data were drawn from, the noise held fixed, against differences. */
import { fold, key, normal } from "@sgmrl/autodiff/random";
import { differentiateByDifferences } from "@sgmrl/autodiff/testing";
import { corner2D, momentum2D, navigation2D, toy1D } from "@sgmrl/envs";
import { describe, expect, it } from "vitest";
import { advantages } from "../../../src/inner/advantage.ts";
import type { AdvantageName } from "../../../src/meta-gradient/experiment.ts";
import { reparameterisedScore } from "../../../src/meta-gradient/reparameterised/score.ts";
import { addScaled, dot } from "../../../src/vector.ts";
import { walks } from "../../support/walks.ts";

const environments = [navigation2D({ terminates: false }), corner2D("dense"), momentum2D("dense"), toy1D()];
const rules = Object.keys(advantages) as AdvantageName[];

describe.each(environments)("[eq:reparameterised-score] [eq:adjoint-sweep] on $name", (environment) => {
  it.each(rules)("%s: S_t is the derivative of ⟨λ, U(θ; D(θ′, ξ))⟩ in θ′", (advantage) => {
    const stepSize = 0.3;
    for (let seed = 0; seed < 4; seed++) {
      const k = key(seed);
      const { theta, draw, stepOn, update, simulation } = walks(environment, k, {
        trajectories: 1 + seed,
        horizon: 6,
      });
      const rule = { advantage, convention: seed % 2 === 0 ? "paper" : "timestep-mean" } as const;
      const lambda = normal(fold(k, 3), theta.length);
      const v = normal(fold(k, 4), theta.length).map((z) => 0.05 * z);
      const { derivative, error } = differentiateByDifferences((t) => {
        const batch = draw(addScaled(theta, t, v), 1);
        return Float64Array.of(dot(lambda, update(stepSize, stepOn(rule, theta, batch))));
      });
      const { score } = reparameterisedScore(
        stepOn(rule, theta, draw(theta, 1)),
        stepSize,
        lambda,
        simulation(1),
      );
      expect(error[0]).toBeLessThan(1e-7 * Math.abs(derivative[0]!));
      expect(Math.abs(dot(score, v) - derivative[0]!)).toBeLessThan(1e-7 * Math.abs(derivative[0]!));
    }
  });
});
