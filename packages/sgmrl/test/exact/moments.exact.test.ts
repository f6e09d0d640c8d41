import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TooLargeError } from "../../src/exact/histories.ts";
import { moments, WeightedMoments } from "../../src/exact/moments.ts";
import { gradient, objective } from "../../src/exact/objective.ts";
import { estimatorTable } from "../../src/meta-gradient/catalogue.ts";
import { returnLessOtherTasks } from "../../src/meta-gradient/combine.ts";
import { maxAbsDifference, needleProblem, twoStateProblem } from "../support/exact-problems.ts";

const table = estimatorTable();

describe("[eq:exact-moments]", () => {
  it("do not depend on whether data sets are told apart by order", () => {
    const problem = twoStateProblem({ horizon: 1, steps: 1, trajectories: 3, outerTrajectories: 2 });
    const names = [
      "sgmrl",
      "jackknife-per-decision",
      "jackknife-whole-path",
      "dice",
      "lsf",
      "sgmrl-other-tasks",
    ];
    const estimators = names.map((name) => table[name]!);
    const ordered = moments(problem, estimators, { ordered: true });
    moments(problem, estimators).forEach(({ mean, variance }, i) => {
      expect(maxAbsDifference(mean, ordered[i]!.mean)).toBeLessThan(1e-14);
      expect(variance).toBeCloseTo(ordered[i]!.variance, 12);
    });
  });

  it("tell data sets apart by order for an estimator that depends on it, without being asked to", () => {
    const problem = twoStateProblem({ horizon: 1, trajectories: 3 });
    const inGroups = estimatorTable(2)["jackknife-per-decision"]!;
    const inBatches = { ...inGroups, taskMultipliers: (J: readonly number[]) => J.map(() => 1) };
    for (const options of [{}, { ordered: false }])
      for (const { mean } of moments(problem, [table.sgmrl!, inGroups, inBatches], options))
        expect(maxAbsDifference(mean, gradient(problem))).toBeLessThan(1e-14);
  });

  // A bandit with two arms, p = π(0), rewards 1 and 0, no adaptation: e = R ∇ln π(a) = (1 − p)(1, −1) if arm 0, else 0.
  it("are what a bandit gives by hand", () => {
    const p = 1 / (1 + Math.exp(-0.4));
    const [found] = moments(
      {
        tasks: [
          {
            weight: 1,
            mdp: { initial: [1], transitions: [[[1], [1]]], rewards: [[1, 0]], horizon: 1, discount: 1 },
          },
        ],
        theta: [[0.4, 0]],
        inner: { stepSize: 0, steps: 0, trajectories: 1 },
        outerTrajectories: 1,
      },
      [table.fomaml!],
    );
    expect(maxAbsDifference(found!.mean, [p * (1 - p), -p * (1 - p)])).toBeLessThan(1e-16);
    expect(found!.variance).toBeCloseTo(2 * p * (1 - p) ** 2 - 2 * (p * (1 - p)) ** 2, 15);
  });

  it("fall as 1/M in their variance, given D, and keep their mean", () => {
    const at = (M: number) =>
      moments(twoStateProblem({ horizon: 1, steps: 0, outerTrajectories: M }), [table.fomaml!])[0]!;
    expect(maxAbsDifference(at(1).mean, at(4).mean)).toBeLessThan(1e-15);
    // Leave-one-out baselines change the constant at M = 1; from M = 2 on the decay is at least as fast.
    expect(at(4).variance).toBeLessThanOrEqual(at(2).variance / 2 + 1e-15);
  });

  it("[eq:multiplier-other-tasks] two values in place of the other task: what both tasks together give", () => {
    const problem = needleProblem(2, 3, [0.5, 0, -0.25, 0.25]);
    const estimator = table["sgmrl-other-tasks"]!;
    // The same multipliers as another function are enumerated outcome by outcome.
    const jointly = { ...estimator, taskMultipliers: (J: readonly number[]) => returnLessOtherTasks(J) };
    const [fast] = moments(problem, [estimator]);
    const [slow] = moments(problem, [jointly], { tasks: 2 });
    expect(maxAbsDifference(fast!.mean, slow!.mean)).toBeLessThan(1e-13);
    expect(fast!.variance).toBeCloseTo(slow!.variance, 11);
    expect(maxAbsDifference(fast!.mean, gradient(problem))).toBeLessThan(1e-13);
  });

  it("[eq:multiplier-other-tasks] of a single task: those of SG-MRL, as there are no others", () => {
    const problem = twoStateProblem({ trajectories: 2 });
    const [alone] = moments(problem, [table["sgmrl-other-tasks"]!], { tasks: 1 });
    const [sgmrl] = moments(problem, [table.sgmrl!]);
    expect(maxAbsDifference(alone!.mean, sgmrl!.mean)).toBeLessThan(1e-15);
    expect(alone!.variance).toBeCloseTo(sgmrl!.variance, 14);
  });

  it.each([0, -1, 1.5, Number.NaN])("are refused for a batch of %s tasks", (tasks) => {
    for (const name of ["sgmrl", "sgmrl-other-tasks", "emaml-published"])
      expect(() => moments(twoStateProblem(), [table[name]!], { tasks })).toThrow(
        `exact: options.tasks must be a whole number, 1 or more; got ${tasks}`,
      );
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])(
    "are refused for the coefficient %s",
    (scoreCoefficient) => {
      expect(() => moments(twoStateProblem(), [table.sgmrl!], { scoreCoefficient })).toThrow(
        `exact: options.scoreCoefficient must be a finite number; got ${scoreCoefficient}`,
      );
    },
  );

  it.each([0, -1, 1.5, Number.NaN])("have no estimator that leaves out %s groups", (groups) => {
    expect(() => estimatorTable(groups)).toThrow(
      `estimator.groups: expected a whole number, 1 or more; got ${groups}.`,
    );
  });

  it("need no data sets of inner steps where there are no steps", () => {
    const problem = twoStateProblem({ horizon: 1, steps: 0, trajectories: 100_000 });
    expect(objective(problem)).toBe(objective(twoStateProblem({ horizon: 1, steps: 0 })));
    const [found] = moments(problem, [table.sgmrl!]);
    expect(maxAbsDifference(found!.mean, gradient(problem))).toBeLessThan(1e-15);
  });

  it("are refused, with the count, when too large", () => {
    const problem = twoStateProblem({ horizon: 2, steps: 2, trajectories: 3 }); // 816² · 16
    expect(() => moments(problem, [table.sgmrl!])).toThrow(TooLargeError);
    expect(() => moments(problem, [table.sgmrl!])).toThrow("10,653,696 terms");
    expect(() => moments(twoStateProblem(), [table.sgmrl!], { limit: 255 })).toThrow("256 terms");
  });
});

it("weighted moments in one pass are those in two", () => {
  const samples = fc.array(
    fc.tuple(
      fc.integer({ min: 0, max: 5 }),
      fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -9, max: 9 })),
    ),
    { minLength: 1, maxLength: 12 },
  );
  fc.assert(
    fc.property(samples, (given) => {
      const total = given.reduce((sum, [w]) => sum + w, 0);
      fc.pre(total > 0);
      const accumulator = new WeightedMoments();
      for (const [w, x] of given) accumulator.add(w, Float64Array.from(x));
      const mean = [0, 1].map((i) => given.reduce((sum, [w, x]) => sum + (w * x[i]!) / total, 0));
      const variance = given.reduce(
        (sum, [w, x]) => sum + (w * ((x[0] - mean[0]!) ** 2 + (x[1] - mean[1]!) ** 2)) / total,
        0,
      );
      const found = accumulator.moments();
      expect(maxAbsDifference(found.mean, mean)).toBeLessThan(1e-12);
      expect(Math.abs(found.variance - variance)).toBeLessThan(1e-10);
    }),
  );
});
