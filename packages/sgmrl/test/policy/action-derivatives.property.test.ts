/** What differentiating data asks of a policy, each part against differences or against the log-likelihood's own. */
import { array, reference } from "@sgmrl/autodiff";
import { fold, key, normal } from "@sgmrl/autodiff/random";
import { differentiateByDifferences } from "@sgmrl/autodiff/testing";
import { wasm } from "@sgmrl/autodiff/wasm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addScaled, dot } from "../../src/arithmetic.ts";
import { actionDerivatives } from "../../src/policy/action-derivatives.ts";
import { categoricalMlp } from "../../src/policy/categorical-mlp.ts";
import { gaussianMlp } from "../../src/policy/gaussian-mlp.ts";
import { logLikelihood } from "../../src/policy/log-likelihood.ts";
import { parametersOf } from "../../src/policy/parameters.ts";
import type { TrajectoryBatch } from "../../src/trajectory.ts";

/** Two trajectories of two steps. */
const [trajectories, horizon] = [2, 2];
const rows = trajectories * horizon;
const policies = [gaussianMlp(2, 2, [3]), gaussianMlp(3, 1, [])];
const cases = policies.flatMap((policy) =>
  [reference, wasm].map((backend) => ({ policy, backend, on: backend.name })),
);

/** Everything that a case needs, normal, from one seed. */
const seeds = fc.integer({ min: 0, max: 1e6 });
function draws(seed: number, ...sizes: readonly number[]): Float64Array[] {
  return sizes.map((size, i) => normal(fold(key(seed), i), size));
}

function expectClose(got: number, expected: number): void {
  expect(Math.abs(got - expected)).toBeLessThanOrEqual(1e-7 * (1 + Math.abs(expected)));
}

describe.each(cases)("a Gaussian policy on $on", ({ policy, backend }) => {
  const model = logLikelihood(policy, { backend });
  const derivatives = actionDerivatives(policy, { backend })!;
  const [d, o, a] = [policy.layout.size, rows * policy.observationWidth, rows * policy.actionWidth];
  const batchOf = (observations: Float64Array, actions: Float64Array): TrajectoryBatch => ({
    trajectories,
    horizon,
    lengths: Int32Array.of(horizon, horizon),
    observations,
    actions,
    rewards: new Float64Array(rows),
  });
  /** a(θ, o, ε), by the function that rollouts use. */
  const acted = (theta: Float64Array, observations: Float64Array, noise: Float64Array): Float64Array => {
    const distribution = model.at(theta)(observations);
    const actions = new Float64Array(a);
    for (let row = 0; row < rows; row++) {
      policy.sample(distribution, row, noise, row, actions.subarray(row * policy.actionWidth));
    }
    return actions;
  };

  it("[eq:tangent-cotangents] moves its tangents with θ, weights, observations and actions", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const [theta, v, w, obs, act] = draws(seed, d, d, rows, o, a) as [
          Float64Array,
          Float64Array,
          Float64Array,
          Float64Array,
          Float64Array,
        ];
        const [theta1, w1, obs1, act1] = draws(seed + 1, d, rows, o, a).map((x) => x.map((z) => z / 10)) as [
          Float64Array,
          Float64Array,
          Float64Array,
          Float64Array,
        ];
        const bars = model.weighted(theta, batchOf(obs, act), w).tangentCotangents!(v);
        const { derivative } = differentiateByDifferences((t) => {
          const batch = batchOf(addScaled(obs, t, obs1), addScaled(act, t, act1));
          const tangent = model.tangent(addScaled(theta, t, theta1), batch, v);
          return Float64Array.of(dot(addScaled(w, t, w1), tangent));
        });
        const total =
          dot(bars.theta, theta1) +
          dot(bars.weights, w1) +
          dot(bars.observations, obs1) +
          dot(bars.actions, act1);
        expectClose(total, derivative[0]!);
        model.hessianProduct(theta, batchOf(obs, act), w, v).forEach((x, i) => {
          expectClose(bars.theta[i]!, x);
        });
      }),
      { numRuns: 20 },
    );
  });

  it("[eq:reparameterised-action] moves its actions with θ and the observations", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const [theta, obs, noise, aBar, theta1, obs1] = draws(seed, d, o, a, a, d, o) as [
          Float64Array,
          Float64Array,
          Float64Array,
          Float64Array,
          Float64Array,
          Float64Array,
        ];
        const batch = batchOf(obs, acted(theta, obs, noise));
        const inTheta = differentiateByDifferences((t) =>
          Float64Array.of(dot(aBar, acted(addScaled(theta, t / 10, theta1), obs, noise))),
        );
        expectClose(
          dot(derivatives.pullback(theta, batch, noise, aBar), theta1) / 10,
          inTheta.derivative[0]!,
        );
        const inObservations = differentiateByDifferences((t) =>
          acted(theta, addScaled(obs, t / 10, obs1), noise),
        );
        const feedback = derivatives.feedback(theta, batch, noise);
        inObservations.derivative.forEach((expected, at) => {
          const [row, i] = [Math.floor(at / policy.actionWidth), at % policy.actionWidth];
          const width = policy.observationWidth;
          const byTime = (row % horizon) * trajectories + Math.floor(row / horizon);
          const along = dot(
            feedback[i]!.subarray(byTime * width, (byTime + 1) * width),
            obs1.subarray(row * width, (row + 1) * width),
          );
          expectClose(along / 10, expected);
        });
      }),
      { numRuns: 20 },
    );
  });
});

it("acts in arrays as it samples, bit for bit", () => {
  const policy = gaussianMlp(2, 2, [3]);
  const [theta, obs, noise] = draws(4, policy.layout.size, 2 * rows, 2 * rows) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const distribution = policy.distribution(parametersOf(policy.layout, array(theta)), array(obs, [rows, 2]));
  const actions = policy.actions!(distribution, array(noise, [rows, 2]));
  const sampled = new Float64Array(2);
  for (let row = 0; row < rows; row++) {
    policy.sample(distribution.data, row, noise, row, sampled);
    expect([...actions.data.slice(2 * row, 2 * row + 2)]).toEqual([...sampled]);
  }
});

it("has none for discrete actions", () => {
  expect(actionDerivatives(categoricalMlp(2, 3, []))).toBeNull();
});
