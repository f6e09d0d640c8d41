/**
 * The needle, where the bias decides. Expected figures: an independent enumeration, ascent to convergence, three digits
 * (docs/math/estimators.md).
 */
import { describe, expect, it } from "vitest";
import { ascend } from "../../../src/experiments/audit/ascend.ts";
import { auditNeedle } from "../../../src/experiments/audit/default-problems.ts";

describe("[eq:needle] ascent along the mean of an estimator", () => {
  it.each([
    { N: 2, sgmrl: 0.871, maml: 0.569, safeArm: 0.38 },
    { N: 3, sgmrl: 0.924, maml: 0.577, safeArm: 0.39 },
  ])("N = $N: V $sgmrl along ∇V, $maml along MAML's", ({ N, sgmrl, maml, safeArm }) => {
    const unbiased = ascend(auditNeedle(N), "sgmrl", 2, 300);
    expect(Math.abs(unbiased.objective - sgmrl)).toBeLessThan(4e-3);
    expect(unbiased.policy[0]![0]).toBeCloseTo(0.5, 1);

    const biased = ascend(auditNeedle(N), "maml", 10, 150);
    expect(Math.abs(biased.objective - maml)).toBeLessThan(1e-3);
    expect(biased.policy[0]![2]).toBeCloseTo(safeArm, 2);
  });

  it("N = 1: nearly the same", () => {
    expect(Math.abs(ascend(auditNeedle(1), "sgmrl", 2, 300).objective - 0.75)).toBeLessThan(4e-3);
    expect(ascend(auditNeedle(1), "maml", 10, 600).objective).toBeGreaterThan(0.73);
  });

  it.each([
    ["jackknife-linear", 0.9222],
    ["lsf", 0.9218],
    ["dice", 0.9218],
    ["tmaml", 0.9218],
    ["lvc", 0.9218],
    ["loaded-dice", 0.9216],
    ["emaml", 0.9212],
    ["fomaml", 0.9198],
    ["maml", 0.5774],
    ["reference-2021", 0.5774],
  ] as const)("N = 3: along the mean of %s V reaches %d, and only MAML fails", (name, reached) => {
    expect(Math.abs(ascend(auditNeedle(3), name, 10, 60).objective - reached)).toBeLessThan(2e-4);
  });
});
