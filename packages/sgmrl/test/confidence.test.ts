// [eq:confidence-interval] [eq:t-interval]
import { describe, expect, it } from "vitest";
import { meanOfFew, meanWithConfidence, tQuantiles } from "../src/confidence.ts";

describe("confidence intervals", () => {
  it("hold for numbers worked by hand", () => {
    // 2, 4, 6: mean 4, s² = (4 + 0 + 4) / 2 = 4, s / √3 = 1.1547
    const many = meanWithConfidence([2, 4, 6]);
    expect(many.mean).toBe(4);
    expect(many.margin).toBeCloseTo(1.959963985 * 1.154700538, 8);
    const few = meanOfFew([2, 4, 6]);
    expect(few.mean).toBe(4);
    expect(few.margin).toBeCloseTo(4.303 * 1.154700538, 8);
    expect(() => meanOfFew([1])).toThrow("at least 2 values");
  });

  it("use quantiles at which Student's distribution function is 0.975", () => {
    // P(|T_ν| < t) for whole ν: Abramowitz & Stegun, 1964, 26.7.3 and 26.7.4, with θ = arctan(t / √ν)
    const central = (t: number, nu: number): number => {
      const theta = Math.atan(t / Math.sqrt(nu));
      const [sin, cos] = [Math.sin(theta), Math.cos(theta)];
      let sum = 0;
      if (nu % 2 === 1) {
        for (let term = cos, j = 1; j <= nu - 2; term *= ((j + 1) / (j + 2)) * cos * cos, j += 2) sum += term;
        return (2 / Math.PI) * (theta + sin * sum);
      }
      for (let term = 1, j = 0; j <= nu - 2; term *= ((j + 1) / (j + 2)) * cos * cos, j += 2) sum += term;
      return sin * sum;
    };
    expect(tQuantiles).toHaveLength(30);
    tQuantiles.forEach((t, i) => {
      expect(central(t, i + 1), `ν = ${i + 1}`).toBeCloseTo(0.95, 4);
    });
  });
});
