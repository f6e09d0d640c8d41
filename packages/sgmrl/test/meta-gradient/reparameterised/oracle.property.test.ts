/** A whole rollout and an inner step on it as one program, a loop over time: `grad` of it is the score term. */
import { add, array, grad, jvp, mul, type NdArray, reshape, scan, slice, sum, vmap } from "@sgmrl/autodiff";
import { fold, key, normal } from "@sgmrl/autodiff/random";
import fc from "fast-check";
import { expect, it } from "vitest";
import { power, sub } from "../../../src/arithmetic.ts";
import { findEstimator } from "../../../src/meta-gradient/catalogue.ts";
import { metaGradient } from "../../../src/meta-gradient/recursion.ts";
import { parametersOf } from "../../../src/policy/parameters.ts";
import { smoothEnvironment } from "../../support/smooth-environment.ts";
import { walks } from "../../support/walks.ts";

const cases = fc.record({
  seed: fc.integer({ min: 0, max: 1e6 }),
  states: fc.integer({ min: 1, max: 3 }),
  actions: fc.integer({ min: 1, max: 2 }),
  horizon: fc.integer({ min: 1, max: 5 }),
  trajectories: fc.integer({ min: 1, max: 3 }),
});

it("[eq:reparameterised-score] [eq:adjoint-sweep] is grad through the rollout, to 1e-10, on random polynomial environments", () => {
  const discount = 0.9;
  const stepSize = 0.3;
  fc.assert(
    fc.property(cases, ({ seed, states, actions, horizon: H, trajectories: N }) => {
      const k = key(seed);
      const environment = smoothEnvironment(k, { states, actions, horizon: H });
      const { theta, update, sampler, adapt } = walks(environment, k, {
        advantage: "reward-to-go",
        convention: "paper",
        steps: 1,
        stepSize,
        trajectories: N,
        horizon: H,
        discount,
      });
      const { policy } = sampler;
      const lambda = normal(fold(k, 3), theta.length);
      // [H, N, a]
      const noise = array(
        Array.from({ length: H }, (_, h) =>
          sampler.noise(1).actions.map((each) => [...each.subarray(h * actions, (h + 1) * actions)]),
        ),
      );
      const start = array(Array.from({ length: N }, () => [...environment.reset(key(0), null).values]));
      const { step } = environment.differentiable!;
      const many = vmap((s: NdArray, a: NdArray) => {
        const { state, reward } = step(s, a, array([0]));
        return { state, reward };
      });

      /** ⟨λ, U(θ; D(θ′, ξ))⟩ less ⟨λ, θ⟩, from the definitions: rewards to go are sums over later rows. */
      const F = (moving: NdArray): NdArray => {
        const [, rows] = scan(
          (s: NdArray, z: NdArray): [NdArray, { s: NdArray; a: NdArray; r: NdArray }] => {
            const distribution = policy.distribution(parametersOf(policy.layout, moving), s);
            const a = policy.actions!(distribution, z);
            const { state, reward } = many(s, a);
            return [state, { s, a, r: reward }];
          },
          start,
          noise,
        );
        const flat = (x: NdArray, width: number): NdArray => reshape(x, [H * N, width]);
        const x = jvp((at: NdArray) =>
          policy.logProbability(parametersOf(policy.layout, at), flat(rows.s, states), flat(rows.a, actions)),
        )([array(theta)], [array(lambda)])[1];
        const X = reshape(x, [H, N]);
        let total: NdArray = array(0);
        for (let h = 0; h < H; h++) {
          for (let t = h; t < H; t++) {
            const product = sum(mul(slice(X, [h, h + 1]), slice(rows.r, [t, t + 1])));
            total = add(total, mul((stepSize * power(discount, t)) / N, product));
          }
        }
        return total;
      };
      const expected = grad(F)(array(theta)).data;

      const adaptation = adapt(theta);
      const outer = { batch: adaptation.steps[0]!.batch, meanReturn: 0, gradient: lambda };
      const { gradient, pathwise } = metaGradient(findEstimator("reparameterised"), {
        update,
        adaptation,
        outer,
        sampler,
      });
      const score = sub(gradient, pathwise);
      const scale = Math.max(1, ...[...expected].map(Math.abs), ...gradient.map(Math.abs));
      score.forEach((S, i) => {
        expect(Math.abs(S - expected[i]!)).toBeLessThan(1e-10 * scale);
      });
    }),
    { numRuns: 25 },
  );
});
