/**
 * Every estimator that claims zero bias and can be enumerated, against the exact gradient, over all data sets that a
 * random problem can produce. No sampling: the difference is rounding or a mistake. The coupled jackknife, which draws
 * again, and the forms through the simulator are tested by sampling.
 */
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { runs } from "../../../../vitest.fuzz.ts";
import { moments } from "../../src/exact/moments.ts";
import { valueAndGradient } from "../../src/exact/objective.ts";
import type { ExactProblem } from "../../src/exact/problem.ts";
import { estimatorTable } from "../../src/meta-gradient/catalogue.ts";
import type { Estimator } from "../../src/meta-gradient/estimator.ts";
import {
  advantageNames,
  kinds,
  maxAbsDifference,
  problems,
  rareProblems,
  termsOf,
} from "../support/exact-problems.ts";

const table = estimatorTable();
const grouped = estimatorTable(2)["jackknife-per-decision"]!;

const always = [
  "sgmrl",
  "sgmrl-leave-one-out",
  "sgmrl-other-tasks",
  "jackknife-next-step",
  "jackknife-whole-path",
  "jackknife-per-decision",
];

/** The estimators whose claim `unbiasedFor` includes this problem. */
function unbiasedOn({ inner }: ExactProblem): Estimator[] {
  const names = [
    ...always,
    ...(inner.trajectories === 1 ? ["emaml"] : []),
    ...(inner.steps === 1 ? ["emaml-sum"] : []),
  ];
  return names.map((name) => table[name]!);
}

/**
 * Largest error of each mean, in units of the estimate's size √E|λ|²: the estimator's own or SG-MRL's, whichever is
 * larger, since a baseline can make an estimate exactly 0 that is a difference of numbers of SG-MRL's size.
 */
function relativeErrors(problem: ExactProblem, estimators: readonly Estimator[]): number[] {
  const { gradient } = valueAndGradient(problem);
  const found = moments(problem, [table.sgmrl!, ...estimators]);
  const sizes = found.map(({ mean, variance }) =>
    Math.sqrt(variance + mean.reduce((sum, x) => sum + x * x, 0)),
  );
  return found.slice(1).map(({ mean }, i) => {
    const error = maxAbsDifference(mean, gradient);
    return error === 0 ? 0 : error / Math.max(sizes[0]!, sizes[i + 1]!);
  });
}

const budget = 400;
const count = { problems: 0, checks: 0, terms: 0, worst: 0 };
const seen = new Set<string>();
const kindCounts = new Map(Object.keys(kinds).map((kind) => [kind, 0]));

function check(problem: ExactProblem): void {
  const estimators = unbiasedOn(problem);
  const errors = relativeErrors(problem, estimators);
  count.problems += 1;
  count.checks += errors.length;
  count.terms += termsOf(problem);
  count.worst = Math.max(count.worst, ...errors);
  const { steps, trajectories, advantage } = problem.inner;
  seen.add(`ζ = ${steps}, N = ${trajectories}`).add(`${advantage}`);
  for (const [kind, is] of Object.entries(kinds))
    if (is(problem)) kindCounts.set(kind, kindCounts.get(kind)! + 1);
  errors.forEach((error, i) => {
    expect(error, estimators[i]!.name).toBeLessThanOrEqual(1e-9);
  });
}

afterAll(() => {
  console.log(
    `unbiased estimators: ${count.checks} means over ${count.problems} random problems, ` +
      `${count.terms} terms; largest relative error ${count.worst.toExponential(1)}`,
  );
});

// Zero bias also rests on [eq:inner-step], [eq:jackknife-whole-path], the weights and the outer estimates.
describe("E λ_0 = ∇V_ζ, to 1e-9 relative", () => {
  it("[eq:recursion] on random problems: every estimator that claims it", {
    timeout: 600 * runs(500),
  }, () => {
    fc.assert(fc.property(problems(budget), check), { numRuns: runs(500) });
    expect(seen.size, "every pair of ζ, N ∈ {1, 2, 3}, every inner rule").toBe(9 + advantageNames.length);
  });

  it("[eq:linear-softmax] on the kinds that those seldom are, at least 100 of each", {
    timeout: 600 * runs(520),
  }, () => {
    fc.assert(fc.property(rareProblems(700), check), { numRuns: runs(520) });
    console.table(Object.fromEntries(kindCounts));
    for (const [kind, found] of kindCounts) expect(found, kind).toBeGreaterThanOrEqual(100);
  });

  it("[eq:multiplier-jackknife] trajectories left out in groups, data sets in every order", () => {
    const several = problems(100).filter(({ inner }) => inner.trajectories === 3);
    fc.assert(
      fc.property(several, (problem) => {
        const [error] = relativeErrors(problem, [grouped]);
        expect(error).toBeLessThanOrEqual(1e-9);
      }),
      { numRuns: runs(100) },
    );
  });
});
