// Exact second moments of the estimators that training runs, against their bounds.
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { runs } from "../../../../../vitest.fuzz.ts";
import { dot, sub } from "../../../src/arithmetic.ts";
import { gradient, moments, objective } from "../../../src/exact/index.ts";
import type { ExactProblem } from "../../../src/exact/problem.ts";
import { estimatorSecondMoment, linearJackknifeBias } from "../../../src/exact/theory/estimator-bounds.ts";
import { taskBounds } from "../../../src/exact/theory/task-bounds.ts";
import { theory } from "../../../src/exact/theory/theory.ts";
import { findEstimator } from "../../../src/meta-gradient/catalogue.ts";
import * as oracle from "./support/oracle.ts";
import { eighths, logits, mdps, type Size } from "./support/random-task.ts";
import { Tightness } from "./support/tightness.ts";

const tightness = new Tightness();
afterAll(() => console.table(tightness.table()));

const names = ["sgmrl", "maml", "jackknife-linear"] as const;

/** One task, small enough that all its data sets can be summed over thousands of times. */
function problems(
  size: Size,
  most: { readonly trajectories: number; readonly outer: number; readonly steps: number },
): fc.Arbitrary<ExactProblem> {
  return fc
    .record({
      mdp: mdps(size),
      flat: logits(size),
      stepSize: eighths(-2, 2),
      steps: fc.integer({ min: 1, max: most.steps }),
      trajectories: fc.integer({ min: 1, max: most.trajectories }),
      outerTrajectories: fc.integer({ min: 1, max: most.outer }),
    })
    .map(({ mdp, flat, stepSize, steps, trajectories, outerTrajectories }) => ({
      tasks: [{ weight: 1, mdp }],
      theta: mdp.rewards.map((row, s) => flat.slice(s * row.length, (s + 1) * row.length)),
      inner: { stepSize, steps, trajectories },
      outerTrajectories,
    }));
}

function secondMomentsHold(problem: ExactProblem): boolean {
  const bounds = taskBounds(problem.tasks[0]!.mdp);
  const found = moments(
    problem,
    names.map((name) => findEstimator(name)),
  );
  return names
    .map((name, i) => {
      const { mean, variance } = found[i]!;
      const bound = estimatorSecondMoment(bounds, problem.inner, problem.outerTrajectories, name);
      return tightness.holds(
        `(E|λ|²)^½, ${name}, ζ = ${problem.inner.steps}, M = ${problem.outerTrajectories}`,
        Math.sqrt(variance + dot(mean, mean)),
        Math.sqrt(bound),
      );
    })
    .every(Boolean);
}

describe("estimatorSecondMoment [eq:outer-second-moment] [eq:estimator-second-moment]", () => {
  it("bounds SG-MRL and MAML on bandits, ζ = 1 and 2", () => {
    const cases = problems({ states: 1, actions: 3, horizon: 1 }, { trajectories: 2, outer: 3, steps: 2 });
    fc.assert(fc.property(cases, secondMomentsHold), { numRuns: runs(1000) });
  });

  it("bounds them with two states and two steps in time", () => {
    const cases = problems({ states: 2, actions: 2, horizon: 2 }, { trajectories: 1, outer: 2, steps: 1 });
    fc.assert(fc.property(cases, secondMomentsHold), { numRuns: runs(300) });
  });
});

describe("linearJackknifeBias [eq:linear-jackknife-bias]", () => {
  const linear = findEstimator("jackknife-linear");
  const biasHolds = (problem: ExactProblem): boolean => {
    const [found] = moments(problem, [linear]);
    const bias = sub(found!.mean, gradient(problem));
    return tightness.holds(
      `bias of jackknife-linear, ζ = ${problem.inner.steps}`,
      Math.sqrt(dot(bias, bias)),
      linearJackknifeBias(taskBounds(problem.tasks[0]!.mdp), problem.inner),
    );
  };

  it("bounds the exact bias on bandits, ζ = 1 and 2", () => {
    const cases = problems({ states: 1, actions: 3, horizon: 1 }, { trajectories: 3, outer: 1, steps: 2 });
    fc.assert(fc.property(cases, biasHolds), { numRuns: runs(300) });
  });

  it("bounds it with two states and two steps in time", () => {
    const cases = problems({ states: 2, actions: 2, horizon: 2 }, { trajectories: 2, outer: 1, steps: 1 });
    fc.assert(fc.property(cases, biasHolds), { numRuns: runs(100) });
  });
});

describe("the oracle of these tests", () => {
  it("agrees with the exact objective and its gradient", () => {
    const cases = problems({ states: 2, actions: 2, horizon: 2 }, { trajectories: 2, outer: 1, steps: 1 });
    fc.assert(
      fc.property(cases, (problem) => {
        const { mdp } = problem.tasks[0]!;
        const all = oracle.paths(mdp);
        const V = (theta: oracle.Theta): number => oracle.objective(theta, mdp, all, problem.inner);
        const theta = problem.theta.flat();
        const difference = oracle.gradient(V, theta).map((x, i) => x - gradient(problem)[i]!);
        return Math.abs(V(theta) - objective(problem)) < 1e-12 && oracle.norm(difference) < 1e-5;
      }),
      { numRuns: runs(20) },
    );
  });
});

describe("theory", () => {
  it("weighs the tasks, and counts the trajectories of a plan", () => {
    const bandit = (rewards: number[]): ExactProblem["tasks"][number]["mdp"] => ({
      initial: [1],
      transitions: [rewards.map(() => [1])],
      rewards: [rewards],
      horizon: 1,
      discount: 1,
    });
    const problem: ExactProblem = {
      tasks: [
        { weight: 3, mdp: bandit([1, 0]) },
        { weight: 1, mdp: bandit([0, 0]) },
      ],
      theta: [[0, 0]],
      inner: { stepSize: 1, steps: 2, trajectories: 3 },
      outerTrajectories: 4,
    };
    const found = theory(problem, 0.5);
    expect(found.smoothness).toBeCloseTo(0.75 * found.tasks[0]!.smoothness[0]!.hessian, 12);
    expect(found.gap).toBeCloseTo(0.75, 12);
    const [first] = found.tasks;
    expect(first!.linearJackknifeBias).toBe(linearJackknifeBias(first!.bounds, problem.inner));
    expect(found.linearJackknifeBias).toBeCloseTo(0.75 * first!.linearJackknifeBias, 12);
    for (const name of names) {
      expect(first!.secondMoment[name]).toBe(estimatorSecondMoment(first!.bounds, problem.inner, 4, name));
      expect(found.variance[name]).toBeCloseTo(0.75 * first!.secondMoment[name], 12);
    }
    for (const { iterations, tasks, trajectories } of found.plans)
      expect(trajectories).toBe(iterations * tasks * (2 * 3 + 4));
  });

  it("has no step size to offer where nothing can be improved", () => {
    const mdp = { initial: [1], transitions: [[[1], [1]]], rewards: [[2, 2]], horizon: 1, discount: 1 };
    const found = theory(
      {
        tasks: [{ weight: 1, mdp }],
        theta: [[0, 0]],
        inner: { stepSize: 1, steps: 1, trajectories: 1 },
        outerTrajectories: 1,
      },
      0.1,
    );
    expect(found).toMatchObject({ smoothness: 0, plans: [] });
  });
});
