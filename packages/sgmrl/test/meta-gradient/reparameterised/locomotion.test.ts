/** Robots: with all noise fixed, the recursion is the derivative of adaptation through their physics. */
import { fold, key, normal } from "@sgmrl/autodiff/random";
import { differentiateByDifferences } from "@sgmrl/autodiff/testing";
import {
  halfCheetahDirection,
  halfCheetahVelocity,
  hopperParameters,
  swimmerVelocity,
  walker2dDirection,
  walker2dVelocity,
} from "@sgmrl/envs";
import { expect, it } from "vitest";
import { addScaled, dot } from "../../../src/arithmetic.ts";
import { findEstimator } from "../../../src/meta-gradient/catalogue.ts";
import { metaGradient } from "../../../src/meta-gradient/recursion.ts";
import { walks } from "../../support/walks.ts";

// Few steps each, so that no contact begins or ends within the step of the differences: their own error says whether.
const cases = [
  { environment: halfCheetahDirection(), steps: 1, horizon: 4, initialStd: 0.8 },
  { environment: halfCheetahDirection(), steps: 2, horizon: 4, initialStd: 0.8 },
  // A third of the actions are clipped.
  { environment: halfCheetahDirection(), steps: 1, horizon: 2, initialStd: 10 },
  { environment: halfCheetahVelocity(), steps: 1, horizon: 4, initialStd: 0.8 },
  { environment: swimmerVelocity(), steps: 2, horizon: 6, initialStd: 0.8 },
  { environment: hopperParameters(), steps: 1, horizon: 4, initialStd: 0.8 },
  { environment: walker2dDirection(), steps: 1, horizon: 4, initialStd: 0.8 },
  { environment: walker2dVelocity(), steps: 1, horizon: 4, initialStd: 0.8 },
].flatMap((one) =>
  [0, 1].map((seed) => ({ ...one, seed, name: `${one.environment.name}, ζ = ${one.steps}, seed ${seed}` })),
);

it.each(cases)(
  "[eq:reparameterised-score] [eq:locomotion-adjoint] λ_0 is the derivative of ⟨λ_ζ, θ_ζ(θ, ξ)⟩, $name",
  ({ environment, seed, ...setting }) => {
    const k = key(seed);
    const { theta, update, sampler, adapt } = walks(environment, k, {
      ...setting,
      advantage: "standardised-gae",
      convention: "timestep-mean",
      gaeLambda: 0.9,
      stepSize: 0.1,
      trajectories: 2,
    });
    const lambda = normal(fold(k, 3), theta.length);
    const v = normal(fold(k, 4), theta.length).map((z) => 0.01 * z);
    const { derivative, error } = differentiateByDifferences((t) =>
      Float64Array.of(dot(lambda, adapt(addScaled(theta, t, v)).adapted)),
    );
    const adaptation = adapt(theta);
    const outer = { batch: adaptation.steps[0]!.batch, meanReturn: 0, gradient: lambda };
    const run = { update, adaptation, outer, sampler };
    const { gradient, pathwise } = metaGradient(findEstimator("reparameterised"), run);
    const expected = derivative[0]!;
    expect(error[0]).toBeLessThan(1e-6 * Math.abs(expected));
    expect(Math.abs(dot(gradient, v) - expected)).toBeLessThan(1e-6 * Math.abs(expected));
    // Without the score terms it is not.
    expect(Math.abs(dot(pathwise, v) - expected)).toBeGreaterThan(1e-3 * Math.abs(expected));
  },
);
