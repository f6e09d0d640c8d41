import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import {
  type Comparison,
  comparisonText,
  provenance,
  type Run,
  writeResults,
} from "../../src/support/report.ts";

it("replaces the results of the suites that ran, and keeps the others with how they came about", () => {
  const folder = mkdtempSync(join(tmpdir(), "results-"));
  const run: Run = { ...provenance(), commit: "abc", seconds: 1, quick: false };
  writeResults(folder, { growth: [1], matmul: [2] }, { growth: run, matmul: run });
  writeResults(folder, { matmul: [3] }, { matmul: { ...run, commit: "def" } });
  const { growth, matmul, runs } = JSON.parse(readFileSync(join(folder, "results.json"), "utf8"));
  expect([growth, matmul]).toEqual([[1], [3]]);
  expect([runs.growth.commit, runs.matmul.commit]).toEqual(["abc", "def"]);
});

it("prints what the README quotes, from the committed results", () => {
  const { "policy-gradient": comparisons } = JSON.parse(
    readFileSync("benchmarks/results/results.json", "utf8"),
  );
  const product: Comparison = comparisons.find(({ title }: Comparison) => title.startsWith("hvp"));
  expect(readFileSync("README.md", "utf8")).toContain(`\n${comparisonText({ ...product, notes: {} })}\n`);
  expect(comparisonText({ ...product, bars: { "tfjs-wasm": 1e3 }, notes: { "error of a": 1 } })).toMatch(
    /tfjs-wasm .* 1000 MISSED\n[\s\S]*\n {2}error of a: 1$/,
  );
});
