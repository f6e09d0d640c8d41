import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { readOptions } from "../src/options.ts";
import { runSuites, type Suite } from "../src/run-suites.ts";

let said: string[] = [];
beforeEach(() => {
  said = [];
  for (const stream of ["log", "error"] as const)
    vi.spyOn(console, stream).mockImplementation((...words) => void said.push(words.join(" ")));
});
afterEach(() => vi.restoreAllMocks());

const suites: Readonly<Record<string, Suite>> = {
  fails: async () => {
    throw new Error("off by 1");
  },
  absent: async () => ({ absent: "no python3" }),
  works: async ({ quick }) => ({ results: [quick], figures: { curve: "<svg/>" } }),
};
const run = (out: string) => runSuites(suites, readOptions(["--out", out], Object.keys(suites)));

it("a suite that fails or is absent leaves what was measured earlier, and says so", async () => {
  const folder = mkdtempSync(join(tmpdir(), "results-"));
  const earlier = { fails: [1], absent: [2], works: [3], runs: { fails: { commit: "abc" } } };
  writeFileSync(join(folder, "results.json"), JSON.stringify(earlier));
  expect(await run(folder)).toBe(false);
  const { runs, ...results } = JSON.parse(readFileSync(join(folder, "results.json"), "utf8"));
  expect(results).toEqual({ fails: [1], absent: [2], works: [false] });
  expect(runs).toMatchObject({ fails: { commit: "abc" }, works: { quick: false } });
  expect(readFileSync(join(folder, "curve.svg"), "utf8")).toBe("<svg/>");
  expect(said[0]).toContain(`fails failed; ${folder} keeps its earlier results: Error: off by 1`);
  expect(said[1]).toContain(`absent is not measured: no python3; ${folder} keeps its earlier results`);
});

it("without earlier results nothing is written of a suite that fails or is absent", async () => {
  const folder = join(mkdtempSync(join(tmpdir(), "results-")), "new");
  await run(folder);
  expect(Object.keys(JSON.parse(readFileSync(join(folder, "results.json"), "utf8")))).toEqual([
    "works",
    "runs",
  ]);
  expect(said[0]).toContain("fails failed; nothing is written");
});

it.each([
  ['{"works":', "results.json: not JSON"],
  ["[1]", "results.json: expected results by suite, as objects; got Array"],
  ['{"runs": 1}', "results.json: expected results by suite, as objects; got 1"],
])("a folder whose results are %s is refused before anything is measured", async (text, message) => {
  const folder = mkdtempSync(join(tmpdir(), "results-"));
  writeFileSync(join(folder, "results.json"), text);
  await expect(run(folder)).rejects.toThrow(message);
  expect(said).toEqual([]);
});

it("a file in place of the folder is refused before anything is measured", async () => {
  const file = join(mkdtempSync(join(tmpdir(), "results-")), "file");
  writeFileSync(file, "");
  await expect(run(file)).rejects.toThrow(
    `results cannot be written to ${file}: a file of that name already exists`,
  );
  expect(said).toEqual([]);
});
