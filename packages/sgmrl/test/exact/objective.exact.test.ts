/** The oracle itself: V two ways, and its gradient against differences of the one that uses no automatic derivative. */
import { array, logSoftmax, reshape } from "@sgmrl/autodiff";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "../../../../vitest.fuzz.ts";
import { expectedReturn, expectedReturns } from "../../src/exact/expected-return.ts";
import { TooLargeError } from "../../src/exact/histories.ts";
import { exactMaml, gradient, objective, valueAndGradient } from "../../src/exact/objective.ts";
import { type ExactProblem, sizesOf } from "../../src/exact/problem.ts";
import { flatten, unflatten } from "../../src/exact/table.ts";
import { logSoftmaxRows } from "../../src/exact/tabular-softmax.ts";
import {
  maxAbsDifference,
  mdps,
  needleProblem,
  problems,
  twoStateProblem,
} from "../support/exact-problems.ts";

/** (f(θ + h e_i) − f(θ − h e_i)) / 2h; error of order h² plus rounding/h. */
function centralDifferences(f: (problem: ExactProblem) => number, problem: ExactProblem): number[] {
  const h = 1e-5;
  const theta = flatten(problem.theta);
  const at = (i: number, by: number): number => {
    const moved = theta.slice();
    moved[i]! += by;
    return f({ ...problem, theta: unflatten(moved, sizesOf(problem)) });
  };
  return Array.from(theta.keys(), (i) => (at(i, h) - at(i, -h)) / (2 * h));
}

/** The size of what a problem's returns can be, to compare errors with. */
function scaleOf({ tasks }: ExactProblem): number {
  return Math.max(
    1e-3,
    ...tasks.map(({ mdp }) => mdp.horizon * Math.max(...mdp.rewards.flat().map(Math.abs))),
  );
}

describe("[eq:objective] V_ζ", () => {
  it("is the same by training's update and by the differentiable program", () => {
    fc.assert(
      fc.property(problems(400), (problem) => {
        const { value } = valueAndGradient(problem);
        expect(Math.abs(objective(problem) - value)).toBeLessThan(1e-11 * scaleOf(problem));
      }),
      { numRuns: runs(300) },
    );
  });

  it("has the gradient that differences find", () => {
    const mild = problems(200).filter(({ inner }) => Math.abs(inner.stepSize) <= 1);
    fc.assert(
      fc.property(mild, (problem) => {
        const differences = centralDifferences(objective, problem);
        expect(maxAbsDifference(gradient(problem), differences)).toBeLessThan(1e-5 * scaleOf(problem));
      }),
      { numRuns: runs(100) },
    );
  });

  it.each([
    { steps: 1, trajectories: 3, horizon: 1 },
    { steps: 2, trajectories: 1, horizon: 2 },
    { steps: 1, trajectories: 2, horizon: 2 },
  ])("has it to 1e-9 on the two-state MDP, %o", (setting) => {
    const problem = twoStateProblem(setting);
    expect(maxAbsDifference(gradient(problem), centralDifferences(objective, problem))).toBeLessThan(1e-9);
  });

  it("without steps is J itself", () => {
    const problem = twoStateProblem({ steps: 0 });
    const sizes = sizesOf(problem);
    const J = expectedReturn(logSoftmaxRows(flatten(problem.theta), sizes), problem.tasks[0]!.mdp, sizes);
    expect(objective(problem)).toBeCloseTo(J, 14);
    expect(valueAndGradient(problem).value).toBeCloseTo(J, 14);
  });

  // One arm of two pays 1. One trajectory: D is arm 0 with probability p, then θ_0 moves by ± α(1 − p).
  it("is what a bandit gives by hand", () => {
    const p = 1 / (1 + Math.exp(-0.4)); // sigmoid of the difference of logits
    const alpha = 1.5;
    const moved = 1 / (1 + Math.exp(-(0.4 + 2 * alpha * (1 - p)))); // both logits move, apart
    const problem: ExactProblem = {
      tasks: [
        {
          weight: 1,
          mdp: { initial: [1], transitions: [[[1], [1]]], rewards: [[1, 0]], horizon: 1, discount: 1 },
        },
      ],
      theta: [[0.4, 0]],
      inner: { stepSize: alpha, steps: 1, trajectories: 1 },
      outerTrajectories: 1,
    };
    expect(objective(problem)).toBeCloseTo(p * moved + (1 - p) * p, 14); // arm 1 pays 0 and moves nothing
  });

  it("weighs tasks", () => {
    const both = needleProblem(2, 10, [0.5, 0, 0, -0.5]);
    const alone = both.tasks.map((task) => objective({ ...both, tasks: [task] }));
    const weighted = both.tasks.map((task, i) => ({ ...task, weight: [3, 1][i]! }));
    expect(objective({ ...both, tasks: weighted })).toBeCloseTo(0.75 * alone[0]! + 0.25 * alone[1]!, 14);
  });

  it("is refused, with the count, when too large", () => {
    const large = twoStateProblem({ horizon: 4, trajectories: 4 }); // 256 trajectories, C(259, 4) data sets
    for (const f of [objective, gradient]) {
      expect(() => f(large)).toThrow(TooLargeError);
      expect(() => f(large)).toThrow("183,181,376 terms to enumerate; the limit is 1,000,000");
    }
  });
});

describe("[eq:exact-maml] the objective with exact gradients inside", () => {
  it.each([{ steps: 1 }, { steps: 2, horizon: 3 }])(
    "has the gradient that differences find, %o",
    (setting) => {
      const problem = twoStateProblem(setting);
      const differences = centralDifferences((p) => exactMaml(p).value, problem);
      expect(maxAbsDifference(exactMaml(problem).gradient, differences)).toBeLessThan(1e-9);
    },
  );

  it("is J after steps along differences of J", () => {
    const problem = twoStateProblem({ stepSize: 2, horizon: 3 });
    const J = (p: ExactProblem): number => objective({ ...p, inner: { ...p.inner, steps: 0 } });
    const moved = flatten(problem.theta).map((x, i) => x + 2 * centralDifferences(J, problem)[i]!);
    const adapted = { ...problem, theta: unflatten(moved, sizesOf(problem)) };
    expect(Math.abs(exactMaml(problem).value - J(adapted))).toBeLessThan(1e-9);
  });

  it("is what V tends to as N grows", () => {
    const gap = (N: number): number => {
      const problem = twoStateProblem({ horizon: 1, trajectories: N, stepSize: 2 });
      return Math.abs(objective(problem) - exactMaml(problem).value);
    };
    expect(gap(16) / gap(8)).toBeGreaterThan(0.4); // as 1/N: one half
    expect(gap(16) / gap(8)).toBeLessThan(0.6);
  });
});

it("[eq:backward-induction] the differentiable form of J, for several policies at once, is the plain one", () => {
  const tables = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 12, maxLength: 12 });
  fc.assert(
    fc.property(mdps(2, 3, 3, 1), tables, (mdp, values) => {
      const sizes = { states: 2, actions: 3 };
      const J = expectedReturns(logSoftmax(reshape(array(values), [2, 2, 3])), mdp, sizes).data;
      const plain = [0, 6].map((start) =>
        expectedReturn(logSoftmaxRows(Float64Array.from(values.slice(start, start + 6)), sizes), mdp, sizes),
      );
      expect(maxAbsDifference(J, plain)).toBeLessThan(1e-13);
    }),
  );
});
