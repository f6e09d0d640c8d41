/** The variances of the study: sampled ones agree with exact ones where both can be had. */
import { key } from "@sgmrl/autodiff/random";
import { wasm } from "@sgmrl/autodiff/wasm";
import { describe, expect, it } from "vitest";
import { continuousAnswers, continuousSamples } from "../../../src/exact/continuous.ts";
import { continuousAudit, gaussianStep } from "../../../src/experiments/audit/continuous-audit.ts";
import { sampledVariance } from "../../../src/experiments/audit/monte-carlo.ts";
import { type VarianceRow, varianceCell, varianceFigure } from "../../../src/experiments/studies/variance.ts";
import { estimatorTable, findEstimator } from "../../../src/meta-gradient/catalogue.ts";
import { renderFigure } from "../../../src/report/figure.ts";

describe("continuousSamples [eq:quadrature-moments]", () => {
  it.each([
    [1, 2, 10],
    [2, 1, 10],
  ])("ζ = %i, N = %i: means and variances are those of the quadrature", (steps, trajectories, points) => {
    const problem = gaussianStep(steps, trajectories);
    const estimators = ["maml", "reparameterised", "jackknife-linear"].map((name) => findEstimator(name));
    const drawn = [...continuousSamples(problem, estimators, key(2), 3000, wasm)];
    const exact = continuousAnswers(problem, points, wasm).moments(estimators);
    exact.forEach(({ mean, variance }, e) => {
      const rows = drawn.map((gradients) => gradients[e]!);
      const found = sampledVariance(rows);
      // The margin is 1.96 standard errors: 5 of them, on six checks, fail once in 300,000 seeds.
      expect(Math.abs(found.mean - variance)).toBeLessThan((5 / 1.96) * found.margin);
      expect(found.margin / found.mean).toBeLessThan(0.5);
      mean.forEach((x, i) => {
        const sampled = rows.reduce((sum, row) => sum + row[i]! / rows.length, 0);
        expect(Math.abs(sampled - x)).toBeLessThan(5 * Math.sqrt(variance / rows.length));
      });
    });
  });
});

it("Gaussian variance at two steps is integrated, and unbounded weights are said to be", () => {
  const { title, estimators } = continuousAudit(10, 2, 1);
  expect(title).toContain("ζ = 2, N = 1");
  const of = (name: string) => estimators.find((row) => row.name === name)!;
  for (const name of ["sgmrl", "sgmrl-leave-one-out", "reparameterised"])
    expect(of(name).bias, name).toBeLessThan(1e-6);
  expect(of("maml").bias).toBeGreaterThan(1e-4);
  expect(of("maml").variance).toBeGreaterThan(0);
});

it("cells name what was sampled, and are drawn", () => {
  const rows: readonly VarianceRow[] = [
    ...varianceCell({ problem: "two arms", steps: 2, trajectories: 2, samples: 0 }),
    ...varianceCell({ problem: "two arms", steps: 2, trajectories: 2, samples: 400 }),
  ];
  const [exact, sampled] = [0, 400].map((n) => rows.filter(({ samples }) => samples === n));
  for (const { estimator, variance } of exact!) {
    expect(variance!.margin).toBe(0);
    const other = sampled!.find((row) => row.estimator === estimator)!.variance!;
    expect(Math.abs(other.mean - variance!.mean), estimator).toBeLessThan(3 * other.margin);
  }
  // The baseline from the other tasks removes most of SG-MRL's variance here: 0.42 of it is left at N = 10.
  const many = varianceCell({ problem: "two arms", steps: 1, trajectories: 10, samples: 400 });
  const [plain, compared] = ["sgmrl", "sgmrl-other-tasks"].map(
    (name) => many.find(({ estimator }) => estimator === name)!.variance!.mean,
  );
  expect(compared).toBeLessThan(0.7 * plain!);
  const all = Object.values(estimatorTable());
  const applicable = all.filter(({ differentiates }) => !differentiates).map(({ name }) => name); // actions are discrete
  expect(sampled!.map(({ estimator }) => estimator)).toEqual(applicable);
  const enumerable = all.filter(({ redraws }) => !redraws).map(({ name }) => name);
  expect(exact!.map(({ estimator }) => estimator)).toEqual(enumerable);
  const drawn = varianceCell({ problem: "one Gaussian step", steps: 2, trajectories: 3, samples: 4 });
  expect(drawn.map(({ estimator }) => estimator)).toEqual(all.map(({ name }) => name));
  expect(renderFigure(varianceFigure(rows), true)).toContain("ζ = 2");
});
