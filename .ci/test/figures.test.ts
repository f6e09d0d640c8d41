import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { Atlas } from "../../packages/sgmrl/src/experiments/audit/atlas.ts";
import { audit } from "../../packages/sgmrl/src/experiments/audit/audit.ts";
import { twoState } from "../../packages/sgmrl/src/experiments/audit/default-problems.ts";
import { coefficientFigure } from "../../packages/sgmrl/src/experiments/studies/coefficient/coefficient.ts";
import type { CoefficientRow } from "../../packages/sgmrl/src/experiments/studies/coefficient/errors.ts";
import { type VarianceRow, varianceFigure } from "../../packages/sgmrl/src/experiments/studies/variance.ts";
import { renderFigure } from "../../packages/sgmrl/src/report/figure.ts";
import { atlasOf, readAtlas } from "../figures.ts";

const committed = (file: string): string =>
  readFileSync(join(import.meta.dirname, "../../docs/results", file), "utf8");

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

it("the figures of variance and coefficient are drawn from the committed rows", () => {
  const variance = JSON.parse(committed("variance.json")) as VarianceRow[];
  expect(renderFigure(varianceFigure(variance), true)).toBe(committed("variance.svg"));
  const rows = JSON.parse(committed("coefficient.json")) as CoefficientRow[];
  const exact = rows.filter(({ problem }) => problem !== "navigation");
  expect(renderFigure(coefficientFigure(exact), true)).toBe(committed("coefficient-error.svg"));
});
