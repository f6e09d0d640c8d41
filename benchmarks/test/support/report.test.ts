import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { provenance, type Run, writeResults } from "../../src/support/report.ts";

it("replaces the results of the suites that ran, and keeps the others with how they came about", () => {
  const folder = mkdtempSync(join(tmpdir(), "results-"));
  const run: Run = { ...provenance(), commit: "abc", seconds: 1, quick: false };
  writeResults(folder, { growth: [1], matmul: [2] }, { growth: run, matmul: run }, {});
  writeResults(folder, { matmul: [3] }, { matmul: { ...run, commit: "def" } }, { figure: "<svg/>" });
  const { growth, matmul, runs } = JSON.parse(readFileSync(join(folder, "results.json"), "utf8"));
  expect([growth, matmul]).toEqual([[1], [3]]);
  expect([runs.growth.commit, runs.matmul.commit]).toEqual(["abc", "def"]);
  expect(readFileSync(join(folder, "figure.svg"), "utf8")).toBe("<svg/>");
});
