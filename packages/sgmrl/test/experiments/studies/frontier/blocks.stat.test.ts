import { fold, key, normal } from "@sgmrl/autodiff/random";
import { describe, expect, it } from "vitest";
import { dot, mean } from "../../../../src/arithmetic.ts";
import { Blocks, overBlocks } from "../../../../src/experiments/studies/frontier/blocks.ts";

describe("Blocks [eq:squared-mean]", () => {
  it("is the mean of x_i·x_k over pairs i ≠ k, and the spread around the mean", () => {
    const rows = [
      [1, 2],
      [3, -1],
      [0, 4],
      [-2, 0.5],
    ].map((x) => Float64Array.from(x));
    const pairs = rows.flatMap((x, i) => rows.flatMap((y, k) => (i === k ? [] : [dot(x, y)])));
    const centre = Float64Array.of(0.5, 1.375);
    const spread = rows.reduce((sum, [x, y]) => sum + (x! - centre[0]!) ** 2 + (y! - centre[1]!) ** 2, 0);
    const found = new Blocks(rows, 2).moments();
    expect(found.squaredMean).toBeCloseTo(mean(pairs), 14);
    expect(found.variance).toBeCloseTo(spread / 3, 14);
    // Without the second block: the first two rows alone.
    expect(new Blocks(rows, 2).moments(1).squaredMean).toBeCloseTo(dot(rows[0]!, rows[1]!), 14);
  });

  it("refuses fewer draws than blocks", () => {
    expect(() => new Blocks([Float64Array.of(1)], 2)).toThrow("1 draws do not fill 2 blocks");
  });
});

describe("overBlocks [eq:block-jackknife]", () => {
  it("is Student's interval where f is a mean", () => {
    const values = [1, 4, 2, 7];
    const f = (without?: number): number => mean(values.filter((_, i) => i !== without));
    const { mean: centre, margin } = overBlocks(4, f);
    const s = Math.sqrt(values.reduce((sum, x) => sum + (x - 3.5) ** 2, 0) / 3);
    expect(centre).toBe(3.5);
    expect(margin).toBeCloseTo((3.182446305284 * s) / 2, 10);
  });

  // 300 experiments on x ~ N(μ, I) in 8 dimensions, |μ|² = ½; each interval should hold with 95%. Fewer than 270 would
  // come up with probability 0.0002 if they did; intervals half as wide would hold 200 times.
  it("holds |E x|² as often as it says", () => {
    const mu = 0.25;
    const held = Array.from({ length: 300 }, (_, experiment) => {
      const rows = Array.from({ length: 100 }, (_, i) =>
        normal(fold(key(5), experiment, i), 8).map((z) => z + mu),
      );
      const blocks = new Blocks(rows, 20);
      const found = overBlocks(20, (without) => blocks.moments(without).squaredMean);
      return Math.abs(found.mean - 8 * mu ** 2) <= found.margin;
    }).filter(Boolean).length;
    expect(held).toBeGreaterThanOrEqual(270);
  });
});
