import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ascentBound, ascentPlan } from "../../../src/exact/theory/ascent.ts";

const positive = fc.double({ min: 0.01, max: 100, noNaN: true });
const problems = fc.record({ smoothness: positive, variance: positive, gap: positive });

describe("ascentPlan [eq:iterations]", () => {
  it("is admissible and reaches ε² by the bound, with or without a given batch", () => {
    fc.assert(
      fc.property(
        problems,
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        fc.option(fc.integer({ min: 1, max: 100 }), { nil: undefined }),
        (problem, epsilon, tasks) => {
          const plan = ascentPlan(problem, epsilon, tasks);
          const bound = ascentBound(problem, plan);
          // Whole numbers of iterations and tasks are rounded up, so the bound may be met early, but not by far.
          return (
            plan.stepSize <= 1 / problem.smoothness &&
            bound <= epsilon ** 2 * (1 + 1e-9) &&
            (plan.iterations === 1 || bound >= epsilon ** 2 / 8)
          );
        },
      ),
    );
  });
});

describe("ascentBound [eq:ascent] [eq:biased-ascent]", () => {
  // V(x) = −|x|²/2 on the line: L_V = 1, ∇V = −x, and with noise of variance σ² E x² follows its own recursion.
  it("holds for noisy ascent on a parabola, whose moments are known", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        fc.double({ min: -3, max: 3, noNaN: true }),
        fc.double({ min: 0, max: 2, noNaN: true }),
        fc.double({ min: -1, max: 1, noNaN: true }),
        fc.integer({ min: 1, max: 200 }),
        (beta, start, variance, bias, iterations) => {
          let [mean, square, total] = [start, start ** 2, 0];
          for (let k = 0; k < iterations; k++) {
            total += square;
            // x ← x + β(−x + bias + noise)
            square =
              (1 - beta) ** 2 * square +
              2 * (1 - beta) * beta * bias * mean +
              beta ** 2 * (bias ** 2 + variance);
            mean = (1 - beta) * mean + beta * bias;
          }
          const problem = { smoothness: 1, variance, gap: start ** 2 / 2 };
          const bound = ascentBound(problem, { stepSize: beta, tasks: 1, iterations }, bias);
          return total / iterations <= bound * (1 + 1e-9);
        },
      ),
    );
  });

  it("does not go below the bias, whatever the step", () => {
    const problem = { smoothness: 1, variance: 1, gap: 1 };
    expect(ascentBound(problem, { stepSize: 1e-6, tasks: 1e9, iterations: 1e15 }, 0.1)).toBeCloseTo(0.01, 6);
  });

  it("refuses a step beyond 1/L_V", () => {
    const problem = { smoothness: 2, variance: 1, gap: 1 };
    expect(() => ascentBound(problem, { stepSize: 0.6, tasks: 1, iterations: 1 })).toThrow(
      "at most 1/L_V = 0.5",
    );
  });
});
