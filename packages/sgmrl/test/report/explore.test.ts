// What the chart that readers explore is given, and the functions that run in the page.
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { parseHTML } from "linkedom";
import { describe, expect, it } from "vitest";
import { parseConfig } from "../../src/config/parse-config.ts";
import { type Choices, readChoices, writeChoices } from "../../src/report/explore/browser/choices.ts";
import { closest, positive, smoothed } from "../../src/report/explore/browser/series.ts";
import { type Column, type Curve, embedded, explorerData } from "../../src/report/explore/data.ts";
import { explorerScript } from "../../src/report/explore/script.ts";
import type { Group, RecordedRun } from "../../src/report/runs.ts";

/** A run of which only what is recorded matters. */
function record(metrics: readonly object[], changes: Partial<RecordedRun> = {}): RecordedRun {
  return {
    directory: "",
    config: parseConfig({ flags: { "--tasks": "3" } }),
    configSha256: "",
    metrics: metrics.map((line, iteration) => ({ iteration, ...line })),
    evaluations: [],
    timings: [],
    damage: [],
    ...changes,
  };
}
const only = (group: Group): Curve => explorerData([group]).facets[0]!.curves[0]!;
const close = (a: Column, b: Column): void => {
  expect(a).toHaveLength(b.length);
  for (const [i, value] of a.entries()) expect(value).toBeCloseTo(b[i]!, 3);
};

describe("the data of the chart", () => {
  it("count what was spent before an iteration, over all tasks; where seconds are missing, from there on nothing", () => {
    const run = record([{ timesteps: 10 }, { timesteps: 20 }, { timesteps: 30 }], {
      timings: [
        { iteration: 0, wall: 0.5 },
        { iteration: 2, wall: 0.25 },
      ],
      evaluations: [0, 3].map((iteration) => ({
        iteration,
        tasks: 4,
        returns: [{ mean: iteration, margin: 1 }],
      })),
    });
    const { training, heldOut } = only({ label: "a", runs: [run] });
    expect(training.x).toEqual({ iteration: [0, 1, 2], steps: [0, 30, 90], seconds: [0, 0.5, null] });
    expect(heldOut.x).toEqual({ iteration: [0, 3], steps: [0, 180], seconds: [0, null] });
    expect(heldOut.y["heldOut.0"]).toEqual({ mean: [0, 3], low: [-1, 2], high: [1, 4] });
    expect(training.y.seconds).toEqual({ mean: [0.5, null, 0.25] });
  });

  it("are means over seeds, from the lowest to the highest, as far as all seeds have come", () => {
    const runs = [record([{ a: 1 }, { a: 2 }]), record([{ a: 4 }, { a: 8 }, { a: 16 }])] as const;
    const { a } = only({ label: "a", runs }).training.y;
    expect(a).toEqual({ mean: [2.5, 5], low: [1, 2], high: [4, 8] });
  });

  it("of a long run are means over consecutive iterations: none is left out", () => {
    const values = Array.from({ length: 4321 }, (_, i) => Math.sin(i) + i / 1000);
    const { every, training } = only({ label: "a", runs: [record(values.map((a) => ({ a })))] });
    expect(every).toBe(9); // 4321 points on at most 500
    const means = training.x.iteration.map((_, i) => {
      const bucket = values.slice(9 * i, 9 * i + 9);
      return bucket.reduce((sum, value) => sum + value, 0) / bucket.length;
    });
    close(training.y.a!.mean, means);
    expect(training.x.iteration.slice(0, 2)).toEqual([4, 13]);
  });

  it("hold null for what is not finite, and do not end the script element that they stand in", () => {
    const label = "</script><script>alert(1)</script><!--";
    const run = record([{ a: Number.NaN }, { a: Number.POSITIVE_INFINITY }, { a: 1 }]);
    const data = explorerData([{ label, runs: [run] }]);
    const text = embedded(data);
    expect(text).not.toContain("<");
    expect(JSON.parse(text)).toEqual(data);
    expect(JSON.parse(text).facets[0].curves[0].training.y.a.mean).toEqual([null, null, 1]);
    const { document } = parseHTML(`<script type="application/json">${text}</script><p></p>`);
    expect(document.querySelectorAll("script")).toHaveLength(1);
  });

  it("of evaluations are every n-th with the last; curves without a colour have no spread", () => {
    const evaluations = Array.from({ length: 2001 }, (_, i) => ({
      iteration: 10 * i,
      tasks: 4,
      returns: [{ mean: i, margin: 1 }],
    }));
    const group = (i: number): Group => ({ label: String(i), runs: [record([{ a: 1 }], { evaluations })] });
    const { heldOut, everyEvaluation } = only(group(0));
    expect(everyEvaluation).toBe(5); // 2001 on at most 500
    expect(heldOut.x.iteration.slice(-2)).toEqual([19_950, 20_000]);
    expect(heldOut.x.iteration.length).toBe(401);
    const [first, ...others] = explorerData(Array.from({ length: 8 }, (_, i) => group(i))).facets[0]!.curves;
    expect(Object.keys(first!.heldOut.y["heldOut.0"]!)).toEqual(["mean", "low", "high"]);
    expect(others.map(({ heldOut }) => Object.keys(heldOut.y["heldOut.0"]!).length)).toEqual([
      3, 3, 3, 3, 3, 1, 1,
    ]);
  });

  it("stand in a facet of each environment, in the order of the groups", () => {
    const of = (env: string) => record([{ a: 1 }], { config: parseConfig({ flags: { "--env": env } }) });
    const groups: Group[] = ["navigation-2d", "corner-2d", "navigation-2d"].map((env, i) => ({
      label: String(i),
      runs: [of(env)],
    }));
    const { facets } = explorerData(groups);
    expect(facets.map(({ environment, curves }) => [environment, curves.map(({ label }) => label)])).toEqual([
      ["navigation-2d", ["0", "2"]],
      ["corner-2d", ["1"]],
    ]);
  });
});

describe("environments that record different returns", () => {
  // The functions of the page call each other by name, and find each other in one script.
  const browser = (name: string) =>
    import(new URL(`../../src/report/explore/browser/${name}.ts`, import.meta.url).href);
  const evaluated = (env: string, steps: number): Group => {
    const evaluations = [0, 1, 2].map((iteration) => ({
      iteration,
      tasks: 2,
      returns: Array.from({ length: steps + 1 }, (_, k) => ({ mean: k, margin: 1 })),
    }));
    const config = parseConfig({ flags: { "--env": env } });
    return { label: env, runs: [record([{ a: 1 }, { a: 2 }, { a: 3 }], { config, evaluations })] };
  };
  const data = explorerData([evaluated("navigation-2d", 3), evaluated("corner-2d", 1)]);

  it("are first shown after the last step that all have, and a note says where a measure is missing", async () => {
    const [{ pointsOf, rangeOf, widened, extent }, { usualChoices, noteOn }] = await Promise.all(
      ["chart", "explorer"].map(browser),
    );
    Object.assign(globalThis, { pointsOf });
    const usual: Choices = usualChoices(data);
    expect(usual.y).toBe("heldOut.1");
    expect(noteOn(data, usual)).not.toContain("Not recorded");
    expect(noteOn(data, { ...usual, y: "heldOut.3" })).toContain("Not recorded: corner-2d.");
    expect([rangeOf([7], 0, 100), rangeOf([0, 7], 0, 7), widened(...extent([]))]).toEqual([
      [6.5, 7.5],
      [0, 7],
      [0, 1],
    ]);
  });
});

const measures = ["postReturn", "heldOut.1", "a b&c=d"];
const usual: Choices = { y: "postReturn", x: "iteration", log: false, smoothing: 0, zoom: null, hidden: [] };
const choices: fc.Arbitrary<Choices> = fc.record({
  y: fc.constantFrom(...measures),
  x: fc.constantFrom("iteration", "steps", "seconds"),
  log: fc.boolean(),
  smoothing: fc.integer({ min: 0, max: 99 }).map((hundredths) => hundredths / 100),
  zoom: fc.option(
    fc
      .tuple(fc.integer({ min: -50, max: 99 }), fc.integer({ min: 1, max: 900 }))
      .map(([low, width]) => [low, low + width] as const),
  ),
  hidden: fc.uniqueArray(fc.nat(8)),
});

describe("choices", () => {
  it("come back from the address they are written to", () => {
    fc.assert(
      fc.property(choices, (chosen) => {
        expect(readChoices(writeChoices(chosen, usual), usual, measures, 9)).toEqual(chosen);
      }),
    );
    expect(writeChoices(usual, usual)).toBe("");
  });

  it("that there are none of are the usual ones, whatever the address says", () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom("y", "x", "log", "smooth", "zoom", "hidden"), (text, name) => {
        const read = readChoices(`#${name}=${text}`, usual, measures, 3);
        expect(measures).toContain(read.y);
        expect(["iteration", "steps", "seconds"]).toContain(read.x);
        expect(read.smoothing >= 0 && read.smoothing <= 0.99).toBe(true);
        expect(read.zoom === null || read.zoom[0] < read.zoom[1]).toBe(true);
        expect(read.hidden.every((i) => [0, 1, 2].includes(i))).toBe(true);
      }),
    );
    for (const odd of [
      "#y=nothing&x=years&smooth=1&zoom=5,5&hidden=9,-1,0.5",
      "#smooth=NaN&zoom=1,Infinity",
      "#%",
    ])
      expect(readChoices(odd, usual, measures, 3)).toEqual(usual);
  });
});

const column = fc.array(fc.option(fc.double({ min: -1e3, max: 1e3, noNaN: true })), { maxLength: 30 });

describe("a curve", () => {
  it("is smoothed by the weighted mean of what came before", () => {
    fc.assert(
      fc.property(column, fc.double({ min: 0, max: 0.99, noNaN: true }), (values, w) => {
        const got = smoothed(values, w);
        const known = values.flatMap((value) => value ?? []);
        let n = 0;
        for (const [i, value] of values.entries()) {
          if (value === null) {
            expect(got[i]).toBeNull();
            continue;
          }
          n++;
          const weights = known.slice(0, n).map((_, j) => w ** (n - 1 - j));
          const total = weights.reduce((sum, weight) => sum + weight, 0);
          const mean = weights.reduce((sum, weight, j) => sum + weight * known[j]!, 0) / total;
          expect(Math.abs(got[i]! - mean)).toBeLessThan(1e-9 * 1e3);
        }
      }),
    );
  });

  it("keeps what a logarithm is defined for, and is read where it has a value", () => {
    fc.assert(
      fc.property(column, fc.nat(29), (values, i) => {
        expect(positive(values)).toEqual(values.map((value) => (value !== null && value > 0 ? value : null)));
        const at = closest(values, i);
        const known = values.flatMap((value, j) => (value === null ? [] : [Math.abs(j - i)]));
        if (i < values.length && known.length > 0) expect(Math.abs(at - i)).toBe(Math.min(...known));
      }),
    );
  });
});

describe("the script", () => {
  it("parses as the classic script that it is, without a module's imports and exports", async () => {
    const script = await explorerScript("");
    expect(script).toContain("Permission is hereby granted, free of charge");
    expect(script).not.toMatch(/__vi|^(import|export) /m);
    expect(script).not.toContain("</script");
    const seen = runInNewContext(`${script}; typeof uPlot`, { navigator: { language: "en" }, Intl });
    expect(seen).toBe("function");
  });
});
