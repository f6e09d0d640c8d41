import { fold, key } from "@sgmrl/autodiff/random";
import { describe, expect, it } from "vitest";
import { ascent, plainSteps, sampledDirection, startOf } from "../../../src/experiments/ascent.ts";
import { rivals } from "../../../src/experiments/problems.ts";
import { logLogSlope, mamlBias } from "../../../src/experiments/studies/convergence.ts";
import { exactField } from "../../../src/experiments/studies/exact-field.ts";

describe("logLogSlope", () => {
  it("is the exponent of a power law", () => {
    const xs = [1, 2, 4, 16];
    expect(
      logLogSlope(
        xs,
        xs.map((x) => 3 * x ** -0.5),
      ),
    ).toBeCloseTo(-0.5, 12);
  });
});

describe("the rivals", () => {
  const problem = rivals();
  const field = exactField(problem);

  it("have stationary points of both directions in the interior, apart: MAML's is not one of V", () => {
    const end = [...ascent(startOf(problem), plainSteps(2), 1000, (at) => field(at).sgmrl)].at(-1)!;
    expect(Math.hypot(...field(end).sgmrl)).toBeLessThan(1e-9);
    expect(Math.abs(end[0]! - end[1]!)).toBeLessThan(1);
    expect(Math.sqrt(mamlBias(problem))).toBeGreaterThan(0.1);
  });

  // The mean of sampled directions is ∇V: 4 standard errors for each of two equal entries, a false
  // alarm in 1 of 16,000 keys.
  it("are climbed along ∇V by samples of SG-MRL", () => {
    const theta = startOf(problem);
    const means = Array.from(
      { length: 200 },
      (_, k) => sampledDirection(problem, "sgmrl", 20, fold(key(3), k))(theta, 0)[0]!,
    );
    const mean = means.reduce((sum, x) => sum + x, 0) / means.length;
    const variance = means.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (means.length - 1);
    expect(Math.abs(mean - field(theta).sgmrl[0]!)).toBeLessThan(4 * Math.sqrt(variance / means.length));
  });
});
