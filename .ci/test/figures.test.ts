import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { Atlas } from "../../packages/sgmrl/src/experiments/audit/atlas.ts";
import { audit } from "../../packages/sgmrl/src/experiments/audit/audit.ts";
import { twoState } from "../../packages/sgmrl/src/experiments/audit/default-problems.ts";
import type { VarianceRow } from "../../packages/sgmrl/src/experiments/studies/variance.ts";
import { estimatorTable } from "../../packages/sgmrl/src/meta-gradient/catalogue.ts";
import { drawable, drawn } from "../figures.ts";

const committed = (file: string): string =>
  readFileSync(join(import.meta.dirname, "../../docs/results", file), "utf8");

it("the studies with committed numbers are found", () => {
  expect(drawable).toEqual(
    expect.arrayContaining([
      "audit-atlas",
      "benchmark-growth",
      "benchmark-trajectory-growth",
      "needle",
      "two-doors",
      "contest-dense",
      "gait",
    ]),
  );
});

it.each(drawable)(
  "the committed figures of %s are drawn from its committed numbers (pnpm figures)",
  (name) => {
    const files = drawn(name);
    expect(files.size).toBeGreaterThan(0);
    for (const [file, svg] of files) expect(svg === committed(file), file).toBe(true);
  },
);

it.each([
  ["N 2", 0.7, 1, 2],
  ["ζ 2", 0.7, 2, 1],
  ["α 3", 3, 1, 2],
] as const)("its cells at %s are what the audit computes, of every estimator", (setting, alpha, steps, N) => {
  const cells = (JSON.parse(committed("audit-atlas.json")) as Atlas["cells"]).filter(
    (cell) => cell.setting === setting,
  );
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

it.each([
  [2, 20],
  [2, 200],
  [3, 20],
  [3, 200],
])("at ζ = %i and N = %i the committed variances are of every estimator", (steps, N) => {
  const rows = (JSON.parse(committed("variance.json")) as VarianceRow[]).filter(
    (row) => row.steps === steps && row.trajectories === N && row.variance !== null,
  );
  const missing = Object.values(estimatorTable()).filter(
    ({ name }) => !rows.some(({ estimator }) => estimator === name),
  );
  expect(missing.map(({ name }) => name)).toEqual([]);
});
