// [eq:recursion] [eq:policy-gradient-theorem] The fast form of the exact directions against the exact engine.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "../../../../../vitest.fuzz.ts";
import { gradient, moments, objective } from "../../../src/exact/index.ts";
import type { ExactProblem } from "../../../src/exact/problem.ts";
import { exactField } from "../../../src/experiments/studies/exact-field.ts";
import { findEstimator } from "../../../src/meta-gradient/catalogue.ts";
import { eighths, logits, mdps, type Size } from "../../exact/theory/support/random-task.ts";

const size: Size = { states: 2, actions: 2, horizon: 2 };
const problems: fc.Arbitrary<ExactProblem> = fc
  .record({
    first: mdps(size),
    second: mdps(size),
    flat: logits(size),
    stepSize: eighths(-2, 2),
    steps: fc.integer({ min: 0, max: 2 }),
  })
  .map(({ first, second, flat, stepSize, steps }) => ({
    tasks: [
      { weight: 1, mdp: { ...first, discount: 0.9 } },
      { weight: 3, mdp: { ...second, discount: 0.9 } },
    ],
    theta: [flat.slice(0, 2), flat.slice(2)],
    inner: { stepSize, steps, trajectories: steps === 1 ? 2 : 1 },
    outerTrajectories: 1,
  }));

const largest = (x: Float64Array, y: Float64Array): number =>
  Math.max(...x.map((value, i) => Math.abs(value - y[i]!)));

describe("exactField", () => {
  it("is V, ∇V by reverse mode, and the exact mean of the MAML estimator", () => {
    fc.assert(
      fc.property(problems, (problem) => {
        const { value, sgmrl, maml } = exactField(problem)(Float64Array.from(problem.theta.flat()));
        const [mean] = moments(problem, [findEstimator("maml")]);
        expect(Math.abs(value - objective(problem))).toBeLessThan(1e-12);
        expect(largest(sgmrl, gradient(problem))).toBeLessThan(1e-11);
        expect(largest(maml, mean!.mean)).toBeLessThan(1e-11);
      }),
      { numRuns: runs(40) },
    );
  });
});
