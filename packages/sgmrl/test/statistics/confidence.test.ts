// [eq:t-interval] [eq:simultaneous-interval] [eq:student-quantile] [eq:student-distribution]
import { readFileSync } from "node:fs";
import { fold, key, normal } from "@sgmrl/autodiff/random";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { meanWithConfidence, studentDistribution, studentQuantile } from "../../src/statistics/confidence.ts";

describe("meanWithConfidence", () => {
  it("holds for numbers worked by hand", () => {
    // 2, 4, 6: mean 4, s² = (4 + 0 + 4) / 2 = 4, s / √3 = 1.1547, t₂ = 4.303
    const { mean, margin } = meanWithConfidence([2, 4, 6]);
    expect(mean).toBe(4);
    expect(margin).toBeCloseTo(4.30265273 * 1.154700538, 7);
    // two at once: each at 97.5%; for ν = 2, t = c √(2 / (1 − c²)) with c the central probability
    const two = meanWithConfidence([2, 4, 6], { together: 2 });
    expect(two.margin).toBeCloseTo(0.975 * Math.sqrt(2 / (1 - 0.975 * 0.975)) * (2 / Math.sqrt(3)), 9);
    expect(() => meanWithConfidence([1])).toThrow("at least 2 values");
  });

  // 4,000 experiments: a true coverage of 95% comes out outside [93.6%, 96.4%] with probability 5e-5.
  it.each([2, 3, 10, 40])("covers the mean of %d normal values in 95 of 100 cases", (n) => {
    const experiments = 4000;
    const values = normal(fold(key(7), n), experiments * n);
    let covered = 0;
    for (let i = 0; i < experiments; i++) {
      const { mean, margin } = meanWithConfidence([...values.subarray(i * n, (i + 1) * n)]);
      if (Math.abs(mean) <= margin) covered++;
    }
    expect(covered / experiments).toBeGreaterThan(0.936);
    expect(covered / experiments).toBeLessThan(0.964);
  });
});

describe("Student's distribution", () => {
  // t₀.₉₇₅ and t₀.₉₉₅ to the digits of the usual tables.
  it.each([
    [1, 12.706, 63.657],
    [2, 4.303, 9.925],
    [3, 3.182, 5.841],
    [10, 2.228, 3.169],
    [30, 2.042, 2.75],
    [60, 2, 2.66],
    [120, 1.98, 2.617],
    [1e7, 1.96, 2.576],
  ])("ν = %d has the quantiles of the tables", (nu, at975, at995) => {
    expect(Math.abs(studentQuantile(0.975, nu) - at975)).toBeLessThan(6e-4);
    expect(Math.abs(studentQuantile(0.995, nu) - at995)).toBeLessThan(6e-4);
  });

  it("its quantile inverts it, on both sides of the change of method", () => {
    const levels = fc.double({ min: 0.5, max: 1 - 1e-6, noNaN: true });
    fc.assert(
      fc.property(levels, fc.integer({ min: 1, max: 400 }), (p, nu) => {
        expect(Math.abs(studentDistribution(studentQuantile(p, nu), nu) - p)).toBeLessThan(1e-10);
      }),
    );
  });

  it("its quantile is as exact beyond the change of method as the docstring says", () => {
    for (const nu of [201, 202, 250, 1000])
      for (const p of [0.6, 0.975, 0.9999, 1 - 1e-6]) {
        let [low, high] = [0, 20];
        for (let i = 0; i < 60; i++) {
          const middle = (low + high) / 2;
          if (studentDistribution(middle, nu) < p) low = middle;
          else high = middle;
        }
        expect(Math.abs(studentQuantile(p, nu) / high - 1), `ν = ${nu}, p = ${p}`).toBeLessThan(3e-9);
      }
  });

  it("with 1.96 in place of t covers the mean as rarely as the documents say", () => {
    const [two, three, ten] = [2, 3, 10].map((n) =>
      Math.round(100 * (2 * studentDistribution(1.96, n - 1) - 1)),
    );
    for (const path of ["packages/sgmrl/src/statistics/confidence.ts", "docs/math/training.md"])
      expect(readFileSync(path, "utf8")).toContain(`in ${two}, ${three} or ${ten}% of cases`);
  });

  it("its slope is its density, by differences", () => {
    // f(t) ∝ (1 + t²/ν)^{−(ν+1)/2}, normalised by f(0) from the same differences at 0
    const slope = (t: number, nu: number): number =>
      (studentDistribution(t + 1e-4, nu) - studentDistribution(t - 1e-4, nu)) / 2e-4;
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 5, noNaN: true }), fc.integer({ min: 1, max: 60 }), (t, nu) => {
        const atZero = (studentDistribution(1e-4, nu) - 0.5) / 1e-4;
        const density = atZero * Math.exp((-(nu + 1) / 2) * Math.log1p((t * t) / nu));
        expect(Math.abs(slope(t, nu) - density)).toBeLessThan(1e-6);
      }),
    );
  });
});
