import fc from "fast-check";
import { expect, it } from "vitest";
import { dot } from "../../../src/arithmetic.ts";
import { tabularSoftmax } from "../../../src/exact/tabular-softmax.ts";
import { softmaxConstants } from "../../../src/exact/theory/policy-constants.ts";
import type { TrajectoryBatch } from "../../../src/trajectory.ts";
import { eighths } from "../../support/batch.ts";
import { mdps } from "../../support/exact-problems.ts";
import { expectation } from "../../support/expectation.ts";

const [S, A, H] = [2, 3, 3];
const model = tabularSoftmax({ states: S, actions: A });
const vectors = fc.array(eighths, { minLength: S * A, maxLength: S * A }).map((x) => Float64Array.from(x));
const directions = vectors.filter((v) => dot(v, v) > 0);

// Over every trajectory of random MDPs: the score s_t of the first k = t + 1 actions, and its derivative along a unit v.
it("[eq:score-moments] E⟨s, v⟩² ≤ kL, E‖s‖² ≤ kḠ², E[⟨s, v⟩² + vᵀ∇s v] = 0, E|…| ≤ 2kL", () => {
  const { hessian: L, scoreRms } = softmaxConstants(A);
  fc.assert(
    fc.property(mdps(S, A, H, 1), vectors, directions, (mdp, theta, direction) => {
      const length = Math.sqrt(dot(direction, direction));
      const v = direction.map((x) => x / length);
      for (let k = 1; k <= H; k++) {
        const weights = Float64Array.from({ length: H }, (_, h) => (h < k ? 1 : 0));
        const [squared, norm, bartlett, absolute] = expectation(mdp, theta, 1, (tau: TrajectoryBatch) => {
          const s = model.gradient(theta, tau, weights);
          const sum = dot(s, v) ** 2 + dot(model.hessianProduct(theta, tau, weights, v), v);
          return Float64Array.of(dot(s, v) ** 2, dot(s, s), sum, Math.abs(sum));
        });
        expect(squared).toBeLessThanOrEqual(k * L + 1e-12);
        expect(norm).toBeLessThanOrEqual(k * scoreRms ** 2 + 1e-12);
        expect(Math.abs(bartlett!)).toBeLessThan(1e-12);
        expect(absolute).toBeLessThanOrEqual(2 * k * L + 1e-12);
      }
    }),
  );
});
