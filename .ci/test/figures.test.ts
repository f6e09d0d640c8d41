import { expect, it } from "vitest";
import type { Atlas } from "../../packages/sgmrl/src/experiments/audit/atlas.ts";
import { audit } from "../../packages/sgmrl/src/experiments/audit/audit.ts";
import { twoState } from "../../packages/sgmrl/src/experiments/audit/default-problems.ts";
import { atlasOf, readAtlas } from "../figures.ts";

it("the committed atlas is drawn from the committed cells (pnpm figures audit-atlas)", () => {
  const { json, svg } = readAtlas();
  expect(atlasOf(json)).toBe(svg);
});

it.each([
  ["N 2", 0.7, 1, 2],
  ["ζ 2", 0.7, 2, 1],
  ["α 3", 3, 1, 2],
] as const)("its cells at %s are what the audit computes, of every estimator", (setting, alpha, steps, N) => {
  const cells = (JSON.parse(readAtlas().json) as Atlas["cells"]).filter((cell) => cell.setting === setting);
  const { estimators } = audit({
    problem: twoState(alpha, steps, N),
    estimators: cells.map(({ estimator }) => estimator),
  });
  expect(cells.map(({ estimator }) => estimator)).toContain("jackknife-linear");
  estimators.forEach(({ bias, variance }, i) => {
    expect(Math.abs(bias - cells[i]!.bias)).toBeLessThan(1e-5 * bias + 1e-12);
    expect(Math.abs(variance - cells[i]!.variance)).toBeLessThan(1e-5 * variance);
  });
});
