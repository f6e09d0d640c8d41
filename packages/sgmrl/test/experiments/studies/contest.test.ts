/** Contests at equal processor time: the plan, what is kept, and what is read off the runs. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parseConfig } from "../../../src/config/parse-config.ts";
import { unitFor } from "../../../src/execution/local-unit.ts";
import { type Contest, hold } from "../../../src/experiments/studies/contest/contest.ts";
import { contests } from "../../../src/experiments/studies/contest/contests.ts";
import { processorTimes } from "../../../src/experiments/studies/contest/processor-times.ts";
import { type ContestRow, contestFigure, rowsOf } from "../../../src/experiments/studies/contest/result.ts";
import { meanWithConfidence } from "../../../src/statistics/confidence.ts";
import { initializationKey } from "../../../src/training/keys.ts";
import { tinySettings } from "./support/tiny-contest.ts";

const root = mkdtempSync(join(tmpdir(), "contest-"));
afterAll(() => rmSync(root, { recursive: true }));

const entrant = (name: string, learningRate?: number) => ({
  name,
  config: {
    experiment: { estimator: { name: "maml" }, ...(name === "dear" ? { inner: { trajectories: 3 } } : {}) },
    ...(learningRate === undefined ? {} : { optimizer: { learningRate } }),
  },
});
const contest: Contest = {
  name: "small",
  summary: "a small contest",
  preset: "quick",
  config: tinySettings,
  entrants: [entrant("cheap"), entrant("dear")],
  iterations: 6,
  rates: [1e-2, 1e-1],
  tuning: { seeds: [7, 8], share: 0.5, tasks: 3 },
  seeds: [0, 1, 2],
};

describe("a contest", async () => {
  const folder = join(root, "whole");
  mkdirSync(folder);
  // As if measured: the second entrant costs 2 and then 4 times as much.
  writeFileSync(join(folder, "milliseconds-before.json"), '{"cheap":1,"dear":2}');
  writeFileSync(join(folder, "milliseconds-after.json"), '{"cheap":1,"dear":4}');
  const said: string[] = [];
  const entries = await hold(contest, (text) => said.push(text), folder);
  const rows = rowsOf(entries);

  it("gives everyone as much processor time, as measured", () => {
    expect(said.filter((text) => text.startsWith("dear/rate-0.1/seed-7"))[0]).toMatch(/: 2 iterations$/); // 6/2 · 1/2, rounded
    expect(rows.map(({ iterations }) => iterations)).toEqual([6, 2]);
    expect(rows.map(({ milliseconds }) => milliseconds)).toEqual([1, 3]);
    expect(rows.map(({ seconds }) => seconds)).toEqual([6 * 2 * 0.001, 2 * 2 * 0.003]);
  });

  it("tunes the rate alike for all, on seeds of its own, by the mean return", () => {
    for (const { tuned, rate } of rows) {
      expect(tuned.map((each) => each.rate)).toEqual(contest.rates);
      const best = Math.max(...tuned.map(({ score }) => score));
      expect(tuned.find((each) => each.rate === rate)!.score).toBe(best);
    }
    expect(said.filter((text) => /seed-[78]:/.test(text))).toHaveLength(8);
  });

  it("compares seed by seed", () => {
    const [first, second] = rows as [ContestRow, ContestRow];
    expect(first.gain).toEqual({ mean: 0, margin: 0 });
    expect(second.gain).toEqual(meanWithConfidence(second.returns.map((x, i) => x - first.returns[i]!)));
    expect(second.adapted).toEqual(meanWithConfidence(second.returns));
    expect(second.curve.at(-1)!.seconds).toBeCloseTo(second.seconds, 12);
  });

  it("draws interquartile means over the seeds there are", () => {
    const seedsOf = (...counts: number[]): string =>
      contestFigure(
        contest,
        rows.map((row, e) => ({ ...row, seeds: row.seeds.slice(0, counts[e]) })),
      ).caption;
    expect(seedsOf(3, 3)).toContain(
      ": interquartile means over 3 seeds, with stratified bootstrap intervals of 95%.",
    );
    expect(seedsOf(3, 2)).toContain("over 2 to 3 seeds, with stratified bootstrap intervals of 95%.");
    expect(seedsOf(3, 1)).toContain(
      "over 1 to 3 seeds, with stratified bootstrap intervals of 95%, where there",
    );
    expect(seedsOf(1, 0)).toMatch(/: one seed\.$/);
    for (const { curve, returns } of rows) {
      const { value, low, high } = curve.at(-1)!.interquartileMean;
      expect(value).toBeCloseTo(returns.reduce((sum, x) => sum + x, 0) / 3, 12); // of three, nothing is cut
      expect(low).toBeGreaterThan(Math.min(...returns) - 1e-12);
      expect(low).toBeLessThan(value);
      expect(high).toBeGreaterThan(value);
      expect(high).toBeLessThan(Math.max(...returns) + 1e-12);
    }
  });

  it("run again, trains nothing, and says the same", async () => {
    const again: string[] = [];
    const entriesAgain = await hold(contest, (text) => again.push(text), folder);
    expect(again).toEqual([]);
    expect(rowsOf(entriesAgain)).toEqual(rows);
  });

  it("run again after one run was lost, trains that one only, to the same numbers", async () => {
    rmSync(join(folder, "runs", "dear"), { recursive: true });
    const again: string[] = [];
    const entriesAgain = await hold(contest, (text) => again.push(text), folder);
    expect(again).toHaveLength(3);
    expect(rowsOf(entriesAgain)).toEqual(rows);
  });

  it("counts a run that diverges against its rate, and out of the means", async () => {
    const wild: Contest = { ...contest, rates: [1e300, 1e-2], tuning: { seeds: [7], share: 1, tasks: 3 } };
    const result = rowsOf(await hold(wild, () => {}, join(root, "wild")));
    for (const { tuned, rate } of result) {
      expect(tuned[0]!.score).toBe(Number.NEGATIVE_INFINITY);
      expect(rate).toBe(1e-2);
    }
  });
});

it.each(["[1,", "null", "3", '"x"'])(
  "says which kept file holds no result but %s, and what to do",
  async (text) => {
    const folder = mkdtempSync(join(root, "damaged-"));
    writeFileSync(join(folder, "milliseconds-before.json"), text);
    await expect(hold(contest, () => {}, folder)).rejects.toThrow(/milliseconds-before.json: .*Delete it/s);
    expect(readFileSync(join(folder, "milliseconds-before.json"), "utf8")).toBe(text);
  },
);

it.each(["before", "after"])("refuses times %s tuning that were kept for other entrants", async (when) => {
  const folder = join(root, `other-entrants-${when}`);
  mkdirSync(folder);
  const single = { ...contest, rates: [1e-2], seeds: [0] };
  writeFileSync(join(folder, "milliseconds-before.json"), '{"cheap":1,"dear":2}');
  writeFileSync(join(folder, `milliseconds-${when}.json`), '{"cheap":1,"other":2}');
  await expect(hold(single, () => {}, folder)).rejects.toThrow(
    `milliseconds-${when}.json is of cheap; other, but the entrants are cheap; dear. Delete the folder`,
  );
});

it("processor times tell a unit of 40 trajectories from one of 4", () => {
  const config = (trajectories: number) =>
    parseConfig({
      preset: "quick",
      file: { tasks: 2, experiment: { inner: { trajectories }, outer: { trajectories } } },
    });
  const configs = [config(4), config(40)];
  const theta = unitFor(configs[0]!.experiment).initialize(initializationKey(0));
  const [small, large] = processorTimes(configs, [theta, theta]) as [number, number];
  expect(small).toBeGreaterThan(0);
  expect(large / small).toBeGreaterThan(2);
});

it("times tasks as the entrant draws and scores them: every 8th scored takes less than all", () => {
  const config = (scoreEvery: number) =>
    parseConfig({
      preset: "quick",
      file: {
        taskSampling: "lattice",
        tasks: 8,
        experiment: { estimator: { name: "jackknife-per-decision", scoreEvery }, horizon: 20 },
      },
    });
  const configs = [config(8), config(1)];
  const theta = unitFor(configs[0]!.experiment).initialize(initializationKey(0));
  const [few, all] = processorTimes(configs, [theta, theta]) as [number, number];
  expect(all / few).toBeGreaterThan(1.3);
});

it("every contest that is listed makes valid configs", () => {
  for (const { preset, config, entrants } of contests)
    for (const { name, config: own } of entrants) {
      const merged = {
        ...config,
        ...own,
        experiment: { ...(config.experiment as object), ...(own.experiment as object) },
      };
      expect(() => parseConfig({ preset, file: merged }), name).not.toThrow();
    }
});
