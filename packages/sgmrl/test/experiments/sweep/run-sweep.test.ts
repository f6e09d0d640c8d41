// A sweep of the quadratic unit: what runs, what is skipped, and that interruptions leave no trace.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { fuzzSettings, runs } from "../../../../../vitest.fuzz.ts";
import { expandSweep, type PlannedRun, type SweepPoint } from "../../../src/experiments/sweep/expand.ts";
import { writeSweepReports } from "../../../src/experiments/sweep/report.ts";
import {
  runSweep,
  type Start,
  type SweepOptions,
  sweepStatus,
} from "../../../src/experiments/sweep/run-sweep.ts";
import { parseSweepSpec } from "../../../src/experiments/sweep/spec.ts";
import { type RunStatus, strayRuns } from "../../../src/experiments/sweep/status.ts";
import { summarize } from "../../../src/experiments/sweep/summary.ts";
import type { Metrics } from "../../../src/training/meta-iteration.ts";
import { resume } from "../../../src/training/resume.ts";
import { writeDivergence } from "../../../src/training/store/divergence.ts";
import { readConfig, runFiles } from "../../../src/training/store/run-directory.ts";
import { lockRun } from "../../../src/training/store/run-lock.ts";
import { train } from "../../../src/training/train.ts";
import { emptyFolder, filesOf, quadraticUnits, smallConfig } from "../../support/runs.ts";

const { seed: _, ...shared } = smallConfig();
const settingsOf = (changes: object = {}): readonly SweepPoint[] =>
  expandSweep(
    parseSweepSpec({ config: shared, grid: { "learning-rate": [0.1, 0.2] }, seeds: [0, 1], ...changes }),
  );

/** Runs a sweep and says which runs it started, and from which iteration. */
async function run(root: string, settings: readonly SweepPoint[], options: SweepOptions = {}) {
  const started: [string, number][] = [];
  const outcomes = await runSweep(root, settings, {
    units: quadraticUnits,
    perform: (run, { iteration }, start) => {
      started.push([run.name, iteration]);
      return start({ workers: 0 });
    },
    ...options,
  });
  return { started, outcomes };
}

/** Aborts after some iterations, counted over all runs. */
function stopAfter(iterations: number): SweepOptions {
  const controller = new AbortController();
  let left = iterations;
  const observer = { iteration: () => --left === 0 && controller.abort() };
  return { signal: controller.signal, perform: (_run, _status, start) => start({ workers: 0, observer }) };
}

describe("a sweep", () => {
  it("runs everything once, in order, and finds nothing to do afterwards", async () => {
    const root = emptyFolder();
    const names = ["learning-rate=0.1", "learning-rate=0.2"].flatMap((name) => [
      `${name}/seed-0`,
      `${name}/seed-1`,
    ]);
    const { started, outcomes } = await run(root, settingsOf());
    expect(started).toEqual(names.map((name) => [name, 0]));
    expect([...outcomes]).toEqual(names.map((name) => [name, { state: "finished", iteration: 12 }]));
    const files = filesOf(root);
    expect((await run(root, settingsOf())).started).toEqual([]);
    expect(filesOf(root)).toEqual(files);
  });

  it("stopped at any iteration and started again, leaves the bytes of one that was not", async () => {
    const whole = emptyFolder();
    await run(whole, settingsOf());
    const expected = filesOf(whole);
    expect(Object.keys(expected)).toContain("learning-rate=0.2/seed-1/checkpoints/000012.safetensors");
    for (const stops of [[1], [12], [13, 5, 3], [17, 1, 1, 20], [30, 7]]) {
      const root = emptyFolder();
      for (const iterations of stops) {
        const { outcomes } = await run(root, settingsOf(), stopAfter(iterations));
        const states = [...outcomes.values()].map(({ state }) => state);
        expect(states).not.toEqual(states.map(() => "finished"));
      }
      await run(root, settingsOf());
      expect(filesOf(root), String(stops)).toEqual(expected);
    }
  });

  it("says how far each run is, from its directory alone", async () => {
    const root = emptyFolder();
    await run(root, settingsOf(), stopAfter(17));
    expect([...sweepStatus(root, settingsOf()).values()]).toEqual([
      { state: "finished", iteration: 12 },
      { state: "interrupted", iteration: 5 },
      { state: "new", iteration: 0 },
      { state: "new", iteration: 0 },
    ]);
    const iterations: number[] = [];
    await run(root, settingsOf(), {
      perform: (_run, { iteration: from }, start) => {
        if (from > 0) iterations.push(from);
        const observer = { iteration: (metrics: Metrics) => iterations.push(metrics.iteration!) };
        return start({ workers: 0, observer });
      },
    });
    expect(iterations.slice(0, 9)).toEqual([5, 5, 6, 7, 8, 9, 10, 11, 0]);
  });

  it("that grew runs what is new; what it no longer asks for stays as it is", async () => {
    const root = emptyFolder();
    await run(root, settingsOf());
    const files = filesOf(root);
    const changed = settingsOf({ grid: { "learning-rate": [0.3, 0.1] }, seeds: [1, 2] });
    const { started } = await run(root, changed);
    expect(started.map(([name]) => name)).toEqual([
      "learning-rate=0.3/seed-1",
      "learning-rate=0.3/seed-2",
      "learning-rate=0.1/seed-2",
    ]);
    expect(filesOf(root)).toMatchObject(files);
    const names = changed.flatMap((setting) => setting.runs);
    expect(strayRuns(root, names)).toEqual([
      "learning-rate=0.1/seed-0",
      "learning-rate=0.2/seed-0",
      "learning-rate=0.2/seed-1",
    ]);
  });

  it("whose shared settings changed is refused before anything runs", async () => {
    const root = emptyFolder();
    await run(root, settingsOf({ grid: { "learning-rate": [0.1] } }));
    const files = filesOf(root);
    const changed = settingsOf({ config: { ...shared, tasks: 8 }, grid: { "learning-rate": [0.2, 0.1] } });
    await expect(run(root, changed)).rejects.toThrow(
      `${join(root, "learning-rate=0.1/seed-0")}: holds a run with other settings (tasks 7, not 8). Restore them`,
    );
    expect(filesOf(root)).toEqual(files);
  });

  it("with settings that no unit can be made of is refused before anything runs", async () => {
    const root = emptyFolder();
    const mixed = settingsOf({ grid: { policy: ["gaussian-mlp", "categorical-mlp"] } });
    const real = runSweep(root, mixed, { perform: (_run, _status, start) => start({ workers: 0 }) });
    await expect(real).rejects.toThrow(/policy.kind: navigation-2d has continuous actions/);
    expect(filesOf(root)).toEqual({});
  });

  it("goes on past a run that diverges, and reports it", async () => {
    const root = emptyFolder();
    const settings = settingsOf({
      config: {
        ...shared,
        experiment: { ...shared.experiment, horizon: 2 },
        optimizer: { name: "sgd", learningRate: 1, momentum: 0 },
      },
      grid: { "learning-rate": [1e9, 1e-300] },
    });
    const { outcomes } = await run(root, settings);
    expect([...outcomes.values()].map(({ state }) => state)).toEqual([
      "diverged",
      "diverged",
      "finished",
      "finished",
    ]);
    expect(outcomes.get("learning-rate=1000000000/seed-0")).toMatchObject({ reason: /is not finite/ });
    const files = filesOf(root);
    const again = await run(root, settings);
    expect(again.started).toEqual([]);
    expect(again.outcomes).toEqual(outcomes);
    const { outcomes: read } = await run(root, settings, { signal: AbortSignal.abort() });
    expect(read).toEqual(outcomes);
    expect(filesOf(root)).toEqual(files);

    const [rows] = summarize(root, settings, outcomes).values();
    expect(rows).toMatchObject([
      { name: "learning-rate=1e-300", seeds: [0, 1], diverged: [] },
      { name: "learning-rate=1000000000", seeds: [], diverged: [0, 1], returns: [], seconds: null },
    ]);
  });

  it("leaves alone what another process with the same sweep has finished, and what it is writing", async () => {
    const root = emptyFolder();
    const settings = settingsOf({ grid: { "learning-rate": [0.1] }, seeds: [0, 1, 2] });
    const [first, second, third] = settings[0]!.runs.map(({ name }) => name) as [string, string, string];
    const options = { units: quadraticUnits };
    const started: string[] = [];
    let unlock = (): void => {};
    const outcomes = await runSweep(root, settings, {
      ...options,
      perform: async ({ name }, _, start) => {
        started.push(name);
        if (name !== first) return start({ workers: 0 });
        const stop = new AbortController();
        const other = await runSweep(root, settings, {
          ...options,
          signal: stop.signal,
          perform: async (run, _status, startIt) => {
            if (run.name === first) throw new Error("left to the other process");
            const iteration = () => run.name === third && stop.abort();
            return startIt({ workers: 0, observer: { iteration } });
          },
        });
        expect([...other.values()].map(({ state }) => state)).toEqual(["failed", "finished", "interrupted"]);
        unlock = lockRun(join(root, third));
        return start({ workers: 0 });
      },
    });
    unlock();
    expect(started).toEqual([first, third]);
    expect(outcomes.get(second)).toEqual({ state: "finished", iteration: 12 });
    expect(outcomes.get(third)).toMatchObject({
      state: "failed",
      reason: /: process \d+ is writing this run\./,
    });
  });

  it("takes a run for diverged as long as it has not gone on from there", async () => {
    const root = emptyFolder();
    const settings = settingsOf({ grid: { "learning-rate": [0.1] }, seeds: [0] });
    const [{ name, config }] = settings[0]!.runs;
    const files = runFiles(join(root, name));
    const options = { workers: 0, units: quadraticUnits };
    const stop = new AbortController();
    const stopping = { iteration: ({ iteration }: Metrics) => iteration === 6 && stop.abort() };
    await train(config, files.root, { ...options, observer: stopping, signal: stop.signal });
    const record = (change: object = {}): void => {
      const { configSha256 } = readConfig(files.root);
      const divergence = { iteration: 7, configSha256, reason: "θ is not finite.", ...change };
      writeDivergence(files.divergence, divergence);
    };
    const status = () => sweepStatus(root, settings).get(name);
    record();
    expect(status()).toEqual({ state: "diverged", iteration: 7, reason: "θ is not finite." });
    for (const change of [{ iteration: 6 }, { iteration: 8 }, { configSha256: "of other settings" }]) {
      record(change);
      expect(status()).toEqual({ state: "interrupted", iteration: 7 });
    }
    record({ reason: 3 });
    expect(status).toThrow(
      /divergence\.json, reason: expected a string; got 3\. Delete it, and the run is tried/,
    );
    await resume(files.root, options);
    expect(status()).toEqual({ state: "finished", iteration: 12 });
    const whole = join(emptyFolder(), "whole");
    await train(config, whole, options);
    expect(filesOf(files.root)).toEqual(filesOf(whole));
  });

  // The unit of training, in this thread and in others: overflow shows first as an action of the policy.
  it.each([0, 2])(
    "goes on past a real run whose policy overflows, with %d workers",
    async (workers) => {
      const sweeps = runs(2);
      const seen = { diverged: 0, finished: 0, other: 0 };
      const first = fuzzSettings().seed ?? Date.now() % 1e9;
      for (let seed = first; seed < first + sweeps; seed++) {
        const settings = settingsOf({
          config: {
            ...shared,
            iterations: 3,
            experiment: {
              ...shared.experiment,
              horizon: 3,
              precision: seed % 2 === 0 ? "float64" : "float32",
            },
            optimizer: { name: "sgd", learningRate: 1, momentum: 0 },
          },
          grid: { "learning-rate": [1e308, 1e-3] },
          seeds: [seed],
        });
        const outcomes = await runSweep(emptyFolder(), settings, {
          perform: (_run, _status, start) => start({ workers }),
        });
        const [diverged, finished] = [...outcomes.values()];
        expect(finished).toMatchObject({ state: "finished" });
        expect(diverged).toMatchObject({
          state: "diverged",
          reason: /is not finite.*Smaller steps usually mend/s,
        });
        for (const { state } of outcomes.values())
          seen[state === "diverged" || state === "finished" ? state : "other"]++;
      }
      console.log(`${sweeps} sweeps with ${workers} workers from seed ${first}: ${JSON.stringify(seen)}`);
    },
    30_000 * runs(2), // seconds each on an idle machine
  );

  it("goes on past a run that anything else ends, and tries it again", async () => {
    const root = emptyFolder();
    const settings = settingsOf({ grid: { "learning-rate": [0.1, 0.2] }, seeds: [0] });
    const perform = (broken: boolean) => (run: PlannedRun, _: RunStatus, start: Start) =>
      broken && run.name.includes("0.1") ? Promise.reject(new Error("no luck")) : start({ workers: 0 });
    const options = { units: quadraticUnits };
    const outcomes = await runSweep(root, settings, { ...options, perform: perform(true) });
    expect([...outcomes.values()]).toMatchObject([
      { state: "failed", reason: "no luck" },
      { state: "finished" },
    ]);
    const [rows] = summarize(root, settings, outcomes).values();
    expect(rows!.find(({ name }) => name.includes("0.1"))).toMatchObject({
      seeds: [],
      failed: [0],
      diverged: [],
    });
    const again = await runSweep(root, settings, { ...options, perform: perform(false) });
    expect([...again.values()].map(({ state }) => state)).toEqual(["finished", "finished"]);
  });

  it("names a damaged checkpoint, and those before it", async () => {
    const root = emptyFolder();
    await run(root, settingsOf());
    const directory = join(root, "learning-rate=0.2/seed-1");
    writeFileSync(join(runFiles(directory).checkpoints, "000012.json"), "{");
    expect(() => sweepStatus(root, settingsOf())).toThrow(
      /000012\.json: not JSON.*\nEarlier checkpoints: iterations 0, 5, 10\. .*seed-1 --from 10/,
    );
  });
});

describe("the summary of a sweep", () => {
  it("has the settings of each environment, the best first, with means over seeds and seconds of a run", async () => {
    const root = emptyFolder();
    const settings = settingsOf();
    const { outcomes } = await run(root, settings);
    const lastMean = (name: string): number =>
      JSON.parse(
        readFileSync(join(root, name, "evaluations.jsonl"), "utf8")
          .trim()
          .split("\n")
          .at(-1)!,
      ).returns[1].mean;
    const means = settings.map(({ runs }) => (lastMean(runs[0].name) + lastMean(runs[1]!.name)) / 2);
    const walls = settings.map(({ runs }) =>
      runs
        .flatMap(({ name }) =>
          readFileSync(join(root, name, "timings.jsonl"), "utf8")
            .trim()
            .split("\n"),
        )
        .reduce((sum, line) => sum + JSON.parse(line).wall, 0),
    );
    const order = means[0]! >= means[1]! ? [0, 1] : [1, 0];

    const summaries = summarize(root, settings, outcomes);
    expect([...summaries.keys()]).toEqual(["navigation-2d"]);
    const rows = summaries.get("navigation-2d")!;
    expect(rows.map(({ name }) => name)).toEqual(order.map((i) => settings[i]!.name));
    rows.forEach(({ returns, seconds }, row) => {
      expect(returns).toHaveLength(3);
      expect(returns[1]!.mean).toBe(means[order[row]!]);
      expect(seconds).toBeCloseTo(walls[order[row]!]! / 2, 12);
    });
  });
});

it("has a page for each environment, also for modules of one name in different folders", async () => {
  const root = emptyFolder();
  const settings = settingsOf({ seeds: [0] });
  const { outcomes } = await run(root, settings);
  const [rows] = summarize(root, settings, outcomes).values();
  for (const { runs } of settings)
    rmSync(runFiles(join(root, runs[0].name)).checkpoints, { recursive: true }); // of another unit
  const of = (i: number) => [rows![i]!];
  const byEnvironment = new Map([
    ["./a/env.ts", of(0)],
    ["./b/env.ts", of(1)],
    ["./b/Env.ts", of(1)],
    ["toy-1d", of(0)],
  ]);
  const pages = await writeSweepReports(root, byEnvironment);
  expect(pages).toEqual(
    ["env.ts", "env.ts-2", "Env.ts-3", "toy-1d"].map((name) => join(root, `${name}.html`)),
  );
  const [first, second] = pages.map((page) => readFileSync(page, "utf8"));
  expect(first).toContain(rows![0]!.name);
  expect(second).toContain(rows![1]!.name);
});
