/** ∇J of navigation where two trajectories in five end at the goal: derivatives are biased there, warped ones are not. */
import { key } from "@sgmrl/autodiff/random";
import { describe, expect, it } from "vitest";
import { sub } from "../../../src/arithmetic.ts";
import { drawJumps, jumpTable } from "../../../src/experiments/studies/jumps.ts";
import { meanWithConfidence } from "../../../src/statistics/confidence.ts";

const confidence = 1 - 1e-4;
const widths = [0.03, 0.12];
const draws = drawJumps(key(3), 300, widths);

/** The largest |mean of a difference from the scores| in units of its margin. */
function furthest(rows: readonly Float64Array[]): number {
  const differences = rows.map((x, i) => sub(x, draws.scores[i]!));
  const size = differences[0]!.length;
  return Math.max(
    ...Array.from({ length: size }, (_, k) => {
      const values = differences.map((x) => x[k]!);
      const { mean, margin } = meanWithConfidence(values, { confidence, together: size });
      return Math.abs(mean) / margin;
    }),
  );
}

describe(`[eq:warp] where episodes end at a goal, false alarms at ${(1 - confidence).toExponential(0)}`, () => {
  it("about 40% end", () => {
    expect(draws.ended).toBeGreaterThan(0.35);
    expect(draws.ended).toBeLessThan(0.45);
  });

  it("derivatives with ends held fixed have not the mean of the scores", () => {
    expect(furthest(draws.plain)).toBeGreaterThan(1);
  });

  it.each(widths)("warped ones have, δ = %s", (width) => {
    expect(furthest(draws.warped[widths.indexOf(width)]!)).toBeLessThan(1);
  });

  it("no few draws carry the second moment of the warped ones", () => {
    for (const { estimator, topShare } of jumpTable(draws, widths)) {
      console.log(`${estimator}: the top 1% of draws carry ${topShare.toFixed(3)} of the second moment`);
      expect(topShare).toBeLessThan(0.2);
    }
  });
});
