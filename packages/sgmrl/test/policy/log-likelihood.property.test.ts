import { reference } from "@sgmrl/autodiff";
import { differentiateByDifferences } from "@sgmrl/autodiff/testing";
import { wasm } from "@sgmrl/autodiff/wasm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addScaled, dot } from "../../src/arithmetic.ts";
import { categoricalMlp } from "../../src/policy/categorical-mlp.ts";
import { gaussianMlp } from "../../src/policy/gaussian-mlp.ts";
import { logLikelihood } from "../../src/policy/log-likelihood.ts";
import type { Policy } from "../../src/policy/policy.ts";
import type { TrajectoryBatch } from "../../src/trajectory.ts";
import { eighths } from "../support/batch.ts";

const rows = 3;

function vectors(length: number): fc.Arbitrary<Float64Array> {
  return fc
    .array(eighths, { minLength: length, maxLength: length })
    .map((values) => Float64Array.from(values));
}

/** One trajectory of three steps. */
function batches(
  { observationWidth }: Policy,
  actions: fc.Arbitrary<Float64Array>,
): fc.Arbitrary<TrajectoryBatch> {
  return fc.tuple(vectors(rows * observationWidth), actions).map(([observations, drawn]) => ({
    trajectories: 1,
    horizon: rows,
    lengths: Int32Array.of(rows),
    observations,
    actions: drawn,
    rewards: new Float64Array(rows),
  }));
}

function expectClose(got: Float64Array, expected: Float64Array, tolerance: number): void {
  got.forEach((value, i) => {
    expect(Math.abs(value - expected[i]!)).toBeLessThanOrEqual(tolerance * (1 + Math.abs(expected[i]!)));
  });
}

const choices = fc
  .array(fc.integer({ min: 0, max: 2 }), { minLength: rows, maxLength: rows })
  .map((drawn) => Float64Array.from(drawn));

const policies = [
  { name: "Gaussian", policy: gaussianMlp(2, 2, [3]), actions: vectors(rows * 2) },
  { name: "linear Gaussian", policy: gaussianMlp(3, 1, []), actions: vectors(rows) },
  {
    name: "categorical",
    policy: categoricalMlp(2, 3, [3]),
    actions: choices,
  },
  { name: "tabular", policy: categoricalMlp(4, 3, []), actions: choices },
];
const cases = policies.flatMap((policy) => [reference, wasm].map((backend) => ({ ...policy, backend })));

// Each operation against differences of the one before it. [eq:log-likelihood]
describe.each(cases)(
  "the log-likelihood of a $name policy, $backend.name",
  ({ policy, actions, backend }) => {
    const model = logLikelihood(policy, { backend });
    const d = policy.layout.size;

    it("has the tangents and the gradient that differences of its values give", () => {
      fc.assert(
        fc.property(vectors(d), vectors(d), batches(policy, actions), vectors(rows), (theta, v, batch, w) => {
          const { derivative } = differentiateByDifferences((t) =>
            model.logProbability(addScaled(theta, t, v), batch),
          );
          expectClose(model.tangent(theta, batch, v), derivative, 1e-7);
          const weighted = dot(model.gradient(theta, batch, w), v);
          expectClose(Float64Array.of(weighted), Float64Array.of(dot(w, derivative)), 1e-6);
        }),
      );
    });

    it("has the Hessian products that differences of its gradient give", () => {
      fc.assert(
        fc.property(vectors(d), vectors(d), batches(policy, actions), vectors(rows), (theta, v, batch, w) => {
          const { derivative } = differentiateByDifferences((t) =>
            model.gradient(addScaled(theta, t, v), batch, w),
          );
          expectClose(model.hessianProduct(theta, batch, w, v), derivative, 1e-6);
        }),
      );
    });

    it("has Hessian product and gradient of one pass as it has each alone", () => {
      fc.assert(
        fc.property(
          vectors(d),
          vectors(d),
          batches(policy, actions),
          vectors(rows),
          vectors(rows),
          (theta, v, batch, w, m) => {
            const weighted = model.weighted(theta, batch, w);
            const [product, gradient] = weighted.hessianProductAndGradient(v, m);
            expectClose(product, model.hessianProduct(theta, batch, w, v), 1e-12);
            expectClose(gradient, model.gradient(theta, batch, m), 1e-12);
            expectClose(weighted.hessianProduct(v), product, 1e-12);
            expectClose(weighted.gradientWith(m), gradient, 1e-12);
            expectClose(weighted.gradient, model.gradient(theta, batch, w), 1e-12);
          },
        ),
      );
    });

    it("has Hessian product and tangents of one pass as it has each alone", () => {
      fc.assert(
        fc.property(vectors(d), vectors(d), batches(policy, actions), vectors(rows), (theta, v, batch, w) => {
          const weighted = model.weighted(theta, batch, w);
          const [product, tangent] = weighted.hessianProductAndTangent(v);
          expectClose(weighted.tangent(v), tangent, 1e-12);
          expectClose(product, model.hessianProduct(theta, batch, w, v), 1e-12);
          expectClose(tangent, model.tangent(theta, batch, v), 1e-12);
        }),
      );
    });

    it("[eq:row-gradients] has the gradients of several rows of weights at once", () => {
      const weights = fc.array(vectors(rows), { minLength: 1, maxLength: 4 });
      fc.assert(
        fc.property(vectors(d), batches(policy, actions), weights, (theta, batch, W) => {
          const gradients = model.gradients(theta, batch, W);
          expect(gradients.length).toBe(W.length);
          gradients.forEach((gradient, k) => {
            const alone = model.gradient(theta, batch, W[k]!);
            expect(gradient.length).toBe(alone.length);
            // Sums of a few terms of size 10 in another order.
            expectClose(gradient, alone, 1e-12);
          });
        }),
      );
    });

    it("counts a row of weight 0 for nothing", () => {
      fc.assert(
        fc.property(vectors(d), batches(policy, actions), (theta, batch) => {
          expect(model.gradient(theta, batch, new Float64Array(rows)).every((x) => x === 0)).toBe(true);
        }),
      );
    });
  },
);
