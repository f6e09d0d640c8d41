import { describe, expect, it } from "vitest";
import { InputError } from "../../../src/errors.ts";
import type { ExactProblem } from "../../../src/exact/problem.ts";
import { atlas, drawAtlas } from "../../../src/experiments/audit/atlas.ts";
import { rounding } from "../../../src/experiments/audit/atlas-cells.ts";
import { audit } from "../../../src/experiments/audit/audit.ts";
import { twoState } from "../../../src/experiments/audit/default-problems.ts";
import { estimatorTable } from "../../../src/meta-gradient/catalogue.ts";
import { needleProblem, twoStateProblem } from "../../support/exact-problems.ts";

describe("audit", () => {
  it("measures every estimator that can be enumerated, and names the rest", () => {
    const { estimators, skipped } = audit({ problem: twoState(0.7, 1, 2) });
    const names = [...estimators, ...skipped].map(({ name }) => name);
    expect(names.toSorted()).toEqual(Object.keys(estimatorTable()).toSorted());
    for (const { name, bias, unbiasedFor } of estimators) {
      const claimed = unbiasedFor === "∇V" || name === "emaml-sum";
      expect(bias < rounding, `${name}: bias ${bias}`).toBe(claimed);
    }
  });

  it("gives tables in the shape of θ, and the objective with exact gradients beside V", () => {
    const problem = needleProblem(1);
    const { gradient, exactMaml, estimators, objective } = audit({ problem, estimators: ["fomaml"] });
    expect([gradient, exactMaml.gradient, estimators[0]!.mean].map((t) => [t.length, t[0]!.length])).toEqual([
      [1, 4],
      [1, 4],
      [1, 4],
    ]);
    expect(estimators.map(({ name }) => name)).toEqual(["fomaml"]);
    expect(exactMaml.objective).toBeGreaterThan(objective); // an exact gradient adapts better than one trajectory does
  });

  it("finds the same variance where a step moves the logits as far, whatever α: ζ = 2, N = 1", () => {
    const [alpha, b] = [0.7, Math.sqrt(4 / 0.7)];
    const problem = twoState(alpha, 2, 1);
    const wide = {
      ...problem,
      theta: problem.theta.map((row) => row.map((logit) => logit / b)), // the same policy
      features: [
        [b, 0],
        [0, b],
      ],
    };
    const estimators = ["sgmrl", "jackknife-next-step", "jackknife-whole-path", "jackknife-per-decision"];
    const far = audit({ problem: twoState(alpha * b * b, 2, 1), estimators }).estimators;
    const found = audit({ problem: wide, estimators }).estimators;
    for (const [i, { variance }] of found.entries())
      expect(variance / (b * b * far[i]!.variance)).toBeCloseTo(1, 9);
    expect(found[3]!.variance).toBeGreaterThan(100 * found[0]!.variance);
    expect(found[2]!.variance).toBeGreaterThan(100 * found[0]!.variance);
  });

  it("leaves out groups as asked", () => {
    const problem = twoStateProblem({ horizon: 1, trajectories: 3 });
    const [apart] = audit({ problem, estimators: ["jackknife-per-decision"] }).estimators;
    const [grouped] = audit({ problem, estimators: ["jackknife-per-decision"], groups: 2 }).estimators;
    expect(grouped!.bias).toBeLessThan(rounding);
    expect(grouped!.variance).not.toBeCloseTo(apart!.variance, 5);
  });

  it("does not say that an estimator is unbiased with an outer step that is not", () => {
    const problem: ExactProblem = {
      ...twoStateProblem({ outerTrajectories: 2 }),
      outer: { advantage: "standardised-gae" },
    };
    const { estimators } = audit({ problem, estimators: ["sgmrl", "jackknife-per-decision", "emaml"] });
    for (const { name, bias, unbiasedFor } of estimators) {
      expect(bias, name).toBeGreaterThan(0.01);
      expect(unbiasedFor, name).not.toContain("∇V");
    }
  });

  it("refuses by name what cannot be enumerated", () => {
    expect(() => audit({ problem: twoStateProblem(), estimators: ["jackknife-coupled"] })).toThrow(
      InputError,
    );
  });
});

describe("the atlas", () => {
  const { cells, svg } = atlas();

  it("has a cell for each of the estimators and each of 12 settings", () => {
    const estimators = new Set(cells.map(({ estimator }) => estimator));
    expect(estimators.size).toBeGreaterThanOrEqual(16);
    expect(cells).toHaveLength(12 * estimators.size);
    for (const name of ["sgmrl", "jackknife-per-decision", "maml", "dice", "lvc", "tmaml", "reference-2021"])
      expect(estimators).toContain(name);
  });

  it("draws bias and variance, each number written in its cell", () => {
    expect(svg.match(/<rect [^>]*fill-opacity/g)!.length).toBe(2 * cells.length);
    for (const text of ["Bias", "Variance", "jackknife-whole-path", "ζ 3", "α 0.3", "N 5"])
      expect(svg).toContain(text);
    const one = drawAtlas([{ estimator: "maml", setting: "N 1", bias: 0.0456, variance: 12.34 }]);
    expect(one).toContain(">5e-2<");
    expect(one).toContain(">12.3<");
  });
});
