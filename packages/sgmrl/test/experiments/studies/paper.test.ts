/** The study of everything: what is left, interruption, statistics; on parts of seconds. */

import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PlotOptions } from "@observablehq/plot";
import { afterAll, describe, expect, it } from "vitest";
import { overlay, parseConfig } from "../../../src/config/parse-config.ts";
import type { Tree } from "../../../src/config/tree.ts";
import type { Contest } from "../../../src/experiments/studies/contest/contest.ts";
import {
  drawAcross,
  type FinishedPart,
  improvements,
  normalised,
} from "../../../src/experiments/studies/paper/across.ts";
import {
  drawParts,
  leftOf,
  type PaperPart,
  planOf,
  runParts,
} from "../../../src/experiments/studies/paper/paper.ts";
import { paperParts } from "../../../src/experiments/studies/paper/parts.ts";
import { renderFigure } from "../../../src/report/figure.ts";
import { probabilityOfImprovement } from "../../../src/statistics/run-statistics.ts";
import { tinySettings } from "./support/tiny-contest.ts";

const root = mkdtempSync(join(tmpdir(), "paper-"));
afterAll(() => rmSync(root, { recursive: true }));

const part = (name: string): Contest => ({
  name,
  summary: "a small part",
  preset: "quick",
  config: tinySettings,
  entrants: ["maml", "lvc"].map((entrant) => ({
    name: entrant,
    config: { experiment: { estimator: { name: entrant } } },
  })),
  iterations: 4,
  rates: [1e-2, 1e-1],
  tuning: { seeds: [7], share: 0.5, tasks: 3 },
  seeds: [0, 1, 2],
});
const parts = [part("first"), part("second")];

/** A folder in which both entrants cost the same, as if measured. */
function prepared(name: string): string {
  const folder = join(root, name);
  for (const { name: own } of parts) {
    mkdirSync(join(folder, own), { recursive: true });
    for (const when of ["before", "after"])
      writeFileSync(join(folder, own, `milliseconds-${when}.json`), '{"maml":1,"lvc":1}');
  }
  return folder;
}

describe("study paper", async () => {
  const folder = prepared("whole");
  const said: string[] = [];
  const before = leftOf(parts[0]!, join(folder, "first"));
  const numbers = await runParts(parts, (text) => said.push(text), folder);

  it("says what is left, and how long that may take", () => {
    expect(before).toEqual({ runs: 10, of: 10, iterations: 4 * (4 * 0.5 + 6) });
    // 32 iterations of 2 tasks a part, at 1 ms a task as measured.
    expect(said.slice(0, 3)).toEqual([
      "first: 10 of 10 runs left, about 1 s of training",
      "second: 10 of 10 runs left, about 1 s of training",
      "all: 20 of 20 runs left, about 1 s of training",
    ]);
    expect(said[3]).toMatch(/^first: 10 of 10 runs left; maml\/rate-0.01\/seed-7/);
    expect(said.filter((text) => text.startsWith("first"))[10]).toMatch(
      /^first: 1 of 10 runs left, about \d+ s left; lvc\/rate-.*\/seed-2/,
    );
    expect(leftOf(parts[0]!, join(folder, "first"))).toEqual({ runs: 0, of: 10, iterations: 0 });
  });

  it("says which costs are not measured yet, and nothing of what is finished", () => {
    const slow = { ...part("slow"), iterations: 40_000 };
    const root = prepared("planned");
    mkdirSync(join(root, "slow"));
    writeFileSync(join(root, "slow", "milliseconds-before.json"), '{"maml":9,"lvc":18}');
    // 40,000 × (4 × ½ + 6) iterations of 2 tasks; from equal samples half of them cost twice as much.
    expect(planOf([slow, part("unknown"), parts[0]!], root)).toEqual([
      "slow: 10 of 10 runs left, about 1 h 36 min of training",
      "unknown: 10 of 10 runs left, its cost is not measured yet",
      "first: 10 of 10 runs left, about 1 s of training",
      "all: 30 of 30 runs left, about 1 h 36 min of training, without 1 part whose cost is not measured",
    ]);
    expect(planOf([{ ...slow, equal: "samples" }], root)[0]).toContain("about 2 h 24 min");
    expect(planOf(parts, folder)).toEqual(["all: 0 of 20 runs left"]);
  });

  it("stopped in the middle and run again, says the same to the last digit", async () => {
    const stopped = prepared("stopped");
    let calls = 0;
    const stopping = (): void => {
      if (++calls >= 10) throw new Error("stopped"); // three lines of the plan, then six runs
    };
    await expect(runParts(parts, stopping, stopped)).rejects.toThrow("stopped");
    expect(leftOf(parts[0]!, join(stopped, "first")).runs).toBe(4);
    const again: string[] = [];
    const resumed = await runParts(parts, (text) => again.push(text), stopped);
    const plain = (value: unknown): unknown =>
      JSON.parse(JSON.stringify(value).replaceAll(stopped, "").replaceAll(folder, ""));
    const timeless = (all: readonly PaperPart[]): unknown =>
      all.map((one) => ({ ...one, seconds: "measured" }));
    expect(plain(timeless(resumed))).toEqual(plain(timeless(numbers)));
    expect(again).toHaveLength(17); // the plan, four of the first part, ten of the second
  });

  it("stopped by its signal, gives what is finished and says what is not", async () => {
    const stopped = prepared("partial");
    const controller = new AbortController();
    let calls = 0;
    const stopAtTheSeventh = (): void => {
      if (++calls === 10) controller.abort(); // the plan, four for tuning, then the third final run
    };
    const { signal } = controller;
    const partial = await runParts(parts, stopAtTheSeventh, stopped, { signal });
    const [first, second] = partial as [PaperPart, PaperPart];
    expect([first.complete, second.complete]).toEqual([false, false]);
    expect(first.left.runs).toBe(4);
    expect(first.rows.map(({ seeds, missing }) => [seeds, missing])).toEqual([
      [[0], [1, 2]],
      [[0], [1, 2]],
    ]);
    expect(first.rows[0]!.returns[0]).toBe(numbers[0]!.rows[0]!.returns[0]);
    expect(second.rows).toEqual([]);
    expect(second.left).toEqual({ runs: 10, of: 10, iterations: before.iterations });
    expect(drawParts(parts, partial).map(({ name }) => name)).toEqual(["paper-first-learning"]);
    // The same without any computation, and then to the end.
    const plan: string[] = [];
    const read = await runParts(parts, (text) => plan.push(text), stopped, { signal });
    expect(plan).toEqual([
      "first: 4 of 10 runs left, about 1 s of training",
      "second: 10 of 10 runs left, about 1 s of training",
      "all: 14 of 20 runs left, about 1 s of training",
    ]);
    expect(JSON.stringify(read)).toBe(JSON.stringify(partial));
    const rest = await runParts(parts, () => {}, stopped);
    expect(rest.every(({ complete }) => complete)).toBe(true);
  });

  it("keeps what is finished of a part of which runs have diverged, and counts these as ended", async () => {
    const wild = { ...part("first"), rates: [1e300, 1e-2] };
    const folder = prepared("wild");
    const whole = await runParts([wild], () => {}, folder);
    expect(whole[0]!.rows.map(({ tuned }) => tuned[0]!.score)).toEqual([-Infinity, -Infinity]);
    expect(whole[0]!.left.runs).toBe(0);
    const plan: string[] = [];
    const signal = AbortSignal.abort();
    const partial = await runParts([wild], (text) => plan.push(text), folder, { signal });
    expect(plan).toEqual(["all: 0 of 10 runs left"]);
    expect(JSON.stringify(partial)).toBe(JSON.stringify(whole));

    // With a single rate, a final run diverges.
    const lost = { ...wild, name: "second", rates: [1e300] };
    const rows = async (options = {}) =>
      (await runParts([lost], () => {}, folder, options))[0]!.rows.map(({ diverged, missing }) => [
        diverged,
        missing,
      ]);
    const both = [
      [[0, 1, 2], []],
      [[0, 1, 2], []],
    ];
    expect(await rows()).toEqual(both);
    expect(await rows({ signal })).toEqual(both);
  });

  it("asked for one part, computes it alone, and gives what is finished of the others", async () => {
    const chosen = prepared("chosen");
    const texts: string[] = [];
    const result = await runParts(parts, (text) => texts.push(text), chosen, { parts: ["second"] });
    expect(texts[1]).toMatch(/^all: 10 of 10 runs left/);
    expect(texts.filter((text) => !text.startsWith("second"))).toEqual([texts[1]]);
    expect(result.map(({ name, complete, left }) => [name, complete, left.runs])).toEqual([
      ["first", false, 10],
      ["second", true, 0],
    ]);
    expect(JSON.stringify(result[1]!.summary)).toBe(JSON.stringify(numbers[1]!.summary));
  });

  it("measures first what a task costs, in every part that it computes", async () => {
    const fresh = join(root, "fresh");
    const texts: string[] = [];
    const stop = new AbortController();
    const stopAtThePlan = (text: string): void => {
      texts.push(text);
      if (text.startsWith("all: ")) stop.abort();
    };
    await runParts(parts, stopAtThePlan, fresh, { signal: stop.signal });
    expect(texts).toEqual([
      "first: processor times",
      "second: processor times",
      expect.stringMatching(/^first: 10 of 10 runs left, about \d+ s of training$/),
      expect.stringMatching(/^second: 10 of 10 runs left, about \d+ s of training$/),
      expect.stringMatching(/^all: 20 of 20 runs left, about \d+ s of training$/),
    ]);
    expect(existsSync(join(fresh, "first", "tuning"))).toBe(false);
    const untouched = join(root, "untouched");
    await runParts(parts, () => {}, untouched, { signal: AbortSignal.abort() });
    expect(existsSync(untouched)).toBe(false);
  });

  it("from equal samples, every entrant has equally many iterations, whatever it costs", async () => {
    const unequal = prepared("samples");
    const dear = { ...parts[0]!, name: "samples", equal: "samples" as const };
    mkdirSync(join(unequal, "samples"));
    for (const when of ["before", "after"])
      writeFileSync(join(unequal, "samples", `milliseconds-${when}.json`), '{"maml":1,"lvc":2}');
    const result = await runParts([dear], () => {}, unequal);
    const { rows } = result[0]!;
    expect(rows.map(({ iterations }) => iterations)).toEqual([4, 4]);
    expect(rows[1]!.seconds).toBe(2 * rows[0]!.seconds);
    expect(JSON.stringify((drawParts([dear], result)[0]!.plot as PlotOptions).x)).toContain("iterations");
  });

  it("gives each entrant its statistics", () => {
    for (const { complete, left, rows, summary, programs, seconds } of numbers) {
      expect(complete).toBe(true);
      expect(left.runs).toBe(0);
      expect(programs.map(({ node }) => node)).toEqual([process.versions.node]);
      expect(seconds).toBeGreaterThan(0);
      summary.forEach(({ entrant, interquartileMean, improvement }, e) => {
        const { returns, curve } = rows[e]!;
        expect(entrant).toBe(rows[e]!.entrant);
        const mean = returns.reduce((sum, x) => sum + x, 0) / 3; // of three, nothing is cut
        expect(interquartileMean.value).toBeCloseTo(mean, 12);
        expect(interquartileMean.low).toBeGreaterThanOrEqual(Math.min(...returns));
        expect(interquartileMean.high).toBeLessThanOrEqual(Math.max(...returns));
        if (e === 0) expect(improvement.value).toBe(0.5); // over itself
        expect(curve.at(-1)!.iteration).toBe(rows[e]!.iterations);
        expect(curve.at(-1)!.interquartileMean.value).toBeCloseTo(mean, 12);
        for (const { interquartileMean: at } of curve) {
          expect(at.low).toBeLessThanOrEqual(at.value);
          expect(at.high).toBeGreaterThanOrEqual(at.value);
        }
      });
    }
  });
});

describe("over all parts", () => {
  const names = ["maml", "lvc", "sgmrl", "maml, lattice"];
  const of = (name: string, ...returns: readonly (readonly number[])[]): FinishedPart => ({
    name,
    rows: returns.map((own, e) => ({ entrant: names[e]!, returns: own })),
    summary: returns.map((own, e) => {
      const value = probabilityOfImprovement([own], [returns[0]!]);
      return { entrant: names[e]!, improvement: { value, low: value, high: value } };
    }),
  });
  const finished = [
    of("first", [0, 1], [1, 2], [4, 4], [9, 9]),
    of("second-samples", [-30, -10], [-20, -20], [-20, -20, -10]),
  ];

  it("normalises each by its lowest and highest return", () => {
    expect(
      normalised([
        [
          [0, 1],
          [-30, -10],
        ],
        [
          [4, 2],
          [-20, -20],
        ],
      ]),
    ).toEqual([
      [
        [0, 0.25],
        [0, 1],
      ],
      [
        [1, 0.5],
        [0.5, 0.5],
      ],
    ]);
  });

  it("compares every entrant with the first, by part and over all, without those on a lattice", () => {
    const rows = improvements(finished);
    expect(rows.map(({ estimator, part, improvement }) => [estimator, part, improvement.value])).toEqual([
      ["lvc", "first", 0.875], // three of four pairs, and half of one
      ["lvc", "second", 0.5],
      ["lvc", "all", 0.6875],
      ["full score term", "first", 1],
      ["full score term", "second", 3.5 / 6],
      ["full score term", "all", (1 + 3.5 / 6) / 2],
    ]);
    for (const { improvement } of rows) {
      expect(improvement.low).toBeLessThanOrEqual(improvement.value);
      expect(improvement.high).toBeGreaterThanOrEqual(improvement.value);
    }
  });

  it("draws those in equal time and those from equal samples apart, and none of unfinished parts", () => {
    const contests = [part("first"), { ...part("second-samples"), equal: "samples" as const }];
    const figures = drawAcross(contests, finished);
    expect(figures.map(({ name }) => name)).toEqual([
      "paper-profiles",
      "paper-improvement",
      "paper-profiles-samples",
      "paper-improvement-samples",
    ]);
    expect(figures.map(({ title }) => title)).toEqual([
      expect.stringMatching(/over first, in equal time$/),
      expect.stringMatching(/in equal time$/),
      expect.stringMatching(/over second, from equal samples$/),
      expect.stringMatching(/from equal samples$/),
    ]);
    for (const figure of figures) expect(renderFigure(figure)).toContain("full score term");
    expect(drawAcross(contests, [])).toEqual([]);
  });
});

it("E-MAML of public code has that code's outer step in every part, and nobody else has", () => {
  for (const { name, preset, config, entrants } of paperParts)
    for (const entrant of entrants) {
      const { experiment } = parseConfig({ preset, file: overlay(config, entrant.config) });
      const expected = experiment.estimator.name === "emaml-published" ? "standardised-gae" : undefined;
      expect(experiment.outer.advantage, `${name}: ${entrant.name}`).toBe(expected);
    }
});

it("every part that is listed makes valid configs, for each entrant", () => {
  expect(paperParts.map(({ name }) => name)).toEqual([
    ...["needle", "needle-samples", "two-doors", "two-doors-samples", "corridor", "corridor-samples"],
    ...["navigation-quick", "navigation-quick-samples", "corners", "corners-samples"],
    ...["navigation-1", "navigation-1-samples", "navigation-2", "navigation-2-samples"],
    ...["navigation-3", "navigation-3-samples", "half-cheetah", "half-cheetah-samples"],
  ]);
  for (const { name, preset, config, entrants, iterations } of paperParts) {
    for (const entrant of entrants)
      expect(
        () => parseConfig({ preset, file: overlay(overlay(config, entrant.config), { iterations } as Tree) }),
        `${name}: ${entrant.name}`,
      ).not.toThrow();
    expect(new Set(entrants.map((entrant) => entrant.name)).size).toBe(entrants.length);
    expect(entrants[0]!.name).toBe("maml");
  }
});
