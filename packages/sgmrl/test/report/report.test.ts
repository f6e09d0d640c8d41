import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseHTML } from "linkedom";
import { describe, expect, it } from "vitest";
import { allSettings, options } from "../../src/config/options.ts";
import { parseConfig } from "../../src/config/parse-config.ts";
import { at } from "../../src/config/tree.ts";
import { incomparable, unequallyLate, unfinished } from "../../src/report/comparable.ts";
import { groupsPage } from "../../src/report/groups-page.ts";
import { wholeTicks } from "../../src/report/iteration-axis.ts";
import { labelsOf, shortName } from "../../src/report/labels.ts";
import { metricCurves } from "../../src/report/metric-curve.ts";
import { lastReturns, metricBand, seedStatistics } from "../../src/report/over-seeds.ts";
import { writeReport } from "../../src/report/report.ts";
import { type Group, groupRuns, type RecordedRun, readRun } from "../../src/report/runs.ts";
import { commitOf, version } from "../../src/training/store/version.ts";
import { train } from "../../src/training/train.ts";
import { emptyFolder, quadraticUnits, smallConfig } from "../support/runs.ts";

const newRun = async (changes: object): Promise<string> => {
  const { files } = await train(smallConfig(changes), join(emptyFolder(), "run"), {
    workers: 0,
    units: quadraticUnits,
  });
  return files.root;
};
const bandit = {
  experiment: {
    ...smallConfig().experiment,
    environment: "needle-bandit",
    policy: { kind: "categorical-mlp", hidden: [] },
    horizon: 1,
    discount: 1,
  },
};

describe("groups of runs", () => {
  it("hold the runs that differ in their seed alone, labelled by what else differs", async () => {
    const runs = await Promise.all([newRun({ seed: 1 }), newRun({ seed: 2, tasks: 8 }), newRun({ seed: 2 })]);
    const groups = groupRuns(runs.map(readRun));
    expect(groups.map(({ label, runs }) => [label, runs.map(({ config }) => config.seed)])).toEqual([
      ["jackknife-per-decision, tasks 7", [1, 2]],
      ["jackknife-per-decision, tasks 8", [2]],
    ]);
    const lattice = readRun(await newRun({ seed: 1, taskSampling: "lattice" }));
    expect(groupRuns([readRun(runs[0]!), lattice]).map(({ label }) => label)).toEqual([
      "jackknife-per-decision",
      "jackknife-per-decision, task sampling lattice",
    ]);
    expect(() => groupRuns([runs[0]!, runs[0]!].map(readRun))).toThrow(/same config and seed/);
  });

  it("average over seeds, with the lowest and the highest", async () => {
    const runs = (await Promise.all([newRun({ seed: 1 }), newRun({ seed: 2 })])).map(readRun);
    const [group] = groupRuns(runs);
    const [a, b] = runs.map(({ metrics }) => metrics[3]!.postReturn!);
    const point = metricBand(group!, "postReturn")[3]!;
    expect(point).toEqual({
      iteration: 3,
      mean: (a! + b!) / 2,
      lowest: Math.min(a!, b!),
      highest: Math.max(a!, b!),
    });

    const [p, q] = runs.map(({ evaluations }) => evaluations.at(-1)!.returns[1]!.mean);
    const estimate = lastReturns(group!)[1]!;
    expect(estimate.mean).toBe((p! + q!) / 2);
    expect(estimate.margin).toBeCloseTo((12.7062047361747 * Math.abs(p! - q!)) / 2, 8); // t with 1 degree of freedom, s/√2 = |p − q|/2
  });

  it("compare their runs' last returns from three seeds on", async () => {
    const runs = (
      await Promise.all(
        [1, 2, 3].flatMap((seed) => [newRun({ ...bandit, seed }), newRun({ ...bandit, seed, tasks: 8 })]),
      )
    ).map(readRun);
    const groups = groupRuns(runs);
    const [first, second] = seedStatistics(groups)!;
    const last = groups.map((group) =>
      group.runs.map(({ evaluations }) => evaluations.at(-1)!.returns.at(-1)!.mean),
    );
    const mean = last[0]!.reduce((sum, x) => sum + x, 0) / 3;
    expect(first!.interquartileMean.value).toBeCloseTo(mean, 12); // of three, none is cut off
    expect(first!.interquartileMean.low).toBeGreaterThanOrEqual(Math.min(...last[0]!));
    expect(first!.improvement).toBeUndefined();
    const wins = last[1]!.flatMap((b) => last[0]!.map((a) => (b > a ? 1 : b === a ? 0.5 : 0) as number));
    expect(second!.improvement!.value).toBeCloseTo(wins.reduce((sum, w) => sum + w, 0) / 9, 12);
    expect(seedStatistics([groups[0]!])).toBeUndefined(); // nothing to compare with
    expect(seedStatistics(groupRuns(runs.slice(0, 4)))).toBeUndefined(); // two seeds

    const page = join(emptyFolder(), "compared.html");
    await writeReport(
      runs.map(({ directory }) => directory),
      page,
      { units: quadraticUnits },
    );
    expect(readFileSync(page, "utf8")).toContain("P(better than the first)");
  });
});

describe("runs of which one has come less far", () => {
  /** The runs as they are after so many iterations each. */
  const upTo = (iterations: readonly number[], runs: readonly RecordedRun[]): RecordedRun[] =>
    runs.map((run, i) => ({
      ...run,
      metrics: run.metrics.slice(0, iterations[i]),
      evaluations: run.evaluations.filter(({ iteration }) => iteration <= iterations[i]!),
    }));
  const three = async () =>
    (await Promise.all([1, 2, 3].map((seed) => newRun({ ...bandit, seed })))).map(readRun);
  const returnsAt = (runs: readonly RecordedRun[], at: number): number[] =>
    runs.map(
      ({ evaluations }) => evaluations.find(({ iteration }) => iteration === at)!.returns.at(-1)!.mean,
    );

  it("are averaged at the last iteration that all have evaluated, and the page says so", async () => {
    const runs = upTo([12, 12, 6], await three());
    const [group] = groupRuns(runs) as [Group];
    const at4 = returnsAt(runs, 4);
    expect(lastReturns(group).at(-1)!.mean).toBeCloseTo((at4[0]! + at4[1]! + at4[2]!) / 3, 12);
    const other = groupRuns(
      upTo(
        [12, 12, 12],
        await Promise.all([1, 2, 3].map((seed) => newRun({ ...bandit, seed, tasks: 8 }))).then((all) =>
          all.map(readRun),
        ),
      ),
    )[0]!;
    const statistics = seedStatistics([group, other])!;
    expect(statistics[0]!.interquartileMean.value).toBeCloseTo((at4[0]! + at4[1]! + at4[2]!) / 3, 12);
    expect(unequallyLate([group, other])).toEqual([
      `${group.label}: the last evaluation is that of iteration 12, but seed 3 ends at 4. Returns are those of iteration 4, ` +
        "the last that all seeds have evaluated.",
    ]);
    const { html } = await groupsPage([group], { note: "", folder: emptyFolder() });
    expect(html).toContain("6 to 12 of 12 iterations");
    expect(html).toContain("Returns are those of iteration 4");
  });

  it("are said to be unfinished where their returns are not those of the end, but not on a page that follows them", async () => {
    const runs = await three();
    const [group] = groupRuns(upTo([6, 6, 6], runs)) as [Group];
    const warning = `${group.label}: returns are those of iteration 4 of 12, the last that is evaluated; the runs have not finished.`;
    expect(unfinished([group])).toEqual([warning]);
    const [begun] = groupRuns(upTo([-1, -1, -1], runs)) as [Group];
    expect(unfinished([begun])).toEqual([`${begun.label}: nothing is evaluated yet, of 12 iterations.`]);
    const [late, whole] = [upTo([12, 12, 6], runs), runs].map((of) => groupRuns(of)[0]!);
    expect(unfinished([late!, whole!])).toEqual([]); // the first has a warning already
    const page = { note: "", folder: emptyFolder() };
    expect((await groupsPage([group], page)).warnings).toEqual([warning]);
    expect((await groupsPage([group], page)).html).toContain(warning);
    expect((await groupsPage([group], { ...page, isLive: true })).warnings).toEqual([]);
  });

  it("have no returns if they share no evaluation", async () => {
    const runs = upTo([12, 12, -1], await three());
    const [group] = groupRuns(runs) as [Group];
    expect(lastReturns(group)).toEqual([]);
    expect(unequallyLate([group])[0]).toContain("seed 3 has none. There is none that all seeds have made.");
  });

  it("are as before where all have come equally far", async () => {
    const runs = await three();
    const [group] = groupRuns(runs) as [Group];
    expect(unequallyLate([group])).toEqual([]);
    const last = returnsAt(runs, 12);
    expect(lastReturns(group).at(-1)!.mean).toBeCloseTo((last[0]! + last[1]! + last[2]!) / 3, 12);
  });
});

describe("labels", () => {
  it("name settings by their symbols, each by another name", () => {
    const names = allSettings.map(({ path }) => shortName(path));
    expect(new Set(names).size).toBe(names.length);
    const labels = (...flags: Record<string, string>[]) =>
      labelsOf(flags.map((flags) => parseConfig({ flags })));
    expect(
      labels(
        { "--estimator": "maml", "--inner-trajectories": "10" },
        {
          "--estimator": "maml",
          "--outer-trajectories": "11",
          "--step-size": "0.3",
          "--learning-rate": "0.02",
        },
      ).map((label) => label.split(", ")),
    ).toEqual([
      [
        "maml",
        expect.stringMatching(/^α /),
        "inner N 10",
        expect.stringMatching(/^outer M /),
        expect.stringMatching(/^rate /),
      ],
      ["maml", "α 0.3", expect.stringMatching(/^inner N /), "outer M 11", "rate 0.02"],
    ]);
    const maml = { "--estimator": "maml" };
    expect(labels({ ...maml, "--hidden": "none" }, { ...maml, "--hidden": "8,4" })).toEqual([
      "maml, policy hidden none",
      "maml, policy hidden 8,4",
    ]);
  });

  it("name environments first where there are several, and tell runs apart within each", () => {
    const of = (env: string, estimator: string) =>
      parseConfig({ flags: { "--env": env, "--estimator": estimator } });
    expect(
      labelsOf([of("corner-2d", "maml"), of("corner-2d", "sgmrl"), of("navigation-2d", "maml")]),
    ).toEqual(["corner-2d, maml", "corner-2d, sgmrl", "navigation-2d, maml"]);
  });
});

describe("runs that do not measure the same", () => {
  it.each<[Record<string, string>, RegExp]>([
    [{ "--env": "corner-2d" }, /environment \(navigation-2d; corner-2d\)/],
    [{ "--horizon": "7" }, /horizon H \(100; 7\)/],
    [{ "--discount": "0.5" }, /discount γ/],
    [{ "--evaluate-tasks": "9" }, /evaluation tasks/],
    [{ "--evaluate-steps": "2" }, /evaluation K/],
    [{ "--seed": "3" }, /different seeds \(0; 3\)/],
  ])("are named by the setting: %o", async (flags, message) => {
    const record = readRun(await newRun({}));
    const of = (flags: Record<string, string>) => ({
      label: "",
      runs: [{ ...record, config: parseConfig({ flags }) }] as const,
    });
    expect(incomparable([of({}), of(flags)]).join(" ")).toMatch(message);
    expect(
      incomparable([of({}), of({ "--learning-rate": "0.5", "--iterations": "3", "--horizon": "100" })]),
    ).toEqual([]);
  });
});

it("what differs is one warning, however much it is", () => {
  const of = (flags: Record<string, string>) => ({
    label: "",
    runs: [{ config: parseConfig({ flags }) }] as never,
  });
  expect(incomparable([of({}), of({ "--horizon": "7", "--discount": "0.5" })])).toEqual([
    "Not comparable: the runs differ in horizon H (100; 7), discount γ (0.99; 0.5).",
  ]);
});

describe("ticks of iterations", () => {
  it("are whole, from zero, at most seven, and reach into the last sixth", () => {
    for (let last = 1; last < 3000; last++) {
      const ticks = wholeTicks(last);
      expect(ticks[0]).toBe(0);
      expect(ticks.every(Number.isInteger)).toBe(true);
      expect(ticks.length).toBeGreaterThan(1);
      expect(ticks.length).toBeLessThanOrEqual(7);
      expect(ticks.at(-1)).toBeLessThanOrEqual(last);
    }
    expect(wholeTicks(1)).toEqual([0, 1]);
    expect(wholeTicks(12)).toEqual([0, 2, 4, 6, 8, 10, 12]);
  });
});

describe("a report", () => {
  it("is one page that needs no network, with its figures as well-formed SVG files", async () => {
    const root = await newRun(bandit);
    const path = join(root, "report.html");
    await writeReport([root], path, { units: quadraticUnits });
    const html = readFileSync(path, "utf8");
    const { document } = parseHTML(html);
    expect(document.querySelectorAll("script[src], link, img, iframe")).toHaveLength(0);
    const addresses = html
      .match(/https?:\/\/[\w./-]+/g)!
      .filter((url) => !url.startsWith("http://www.w3.org/"));
    expect(addresses).toEqual(["https://github.com/leeoniya/uPlot"]); // in a comment: where the library is from
    const policy = document.querySelector("meta[http-equiv]")!.getAttribute("content");
    expect(policy).toMatch(/^default-src 'none'; .*; script-src 'sha256-[\w+/=]+'; connect-src 'none'$/);
    expect(document.querySelectorAll("figure > svg")).toHaveLength(5); // a bandit has no arena to draw
    expect(document.querySelector("h1")!.textContent).toBe("needle-bandit: jackknife-per-decision");
    expect(document.body.textContent).toContain("sgmrl train");
    expect(document.body.textContent).toContain('"checkpointEvery": 5');
    expect(readdirSync(join(root, "figures")).toSorted()).toEqual([
      "gradient-norm.svg",
      "gradient-norms.svg",
      "learning-curve.svg",
      "return-after-steps.svg",
      "return-over-training.svg",
    ]);
    for (const figure of readdirSync(join(root, "figures"))) {
      const svg = readFileSync(join(root, "figures", figure), "utf8");
      expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
      expect(unclosedElements(svg), figure).toEqual([]);
    }
  });

  it("says what computed the run, for how long, and the whole command", async () => {
    const root = await newRun(bandit);
    await writeReport([root], join(root, "report.html"), { units: quadraticUnits });
    const { document } = parseHTML(readFileSync(join(root, "report.html"), "utf8"));
    const text = document.body.textContent!;
    const commit = commitOf(import.meta.dirname)?.slice(0, 12) ?? "not recorded";
    for (const known of [process.versions.node, process.platform, process.arch, version(), commit])
      expect(text).toContain(known);
    for (const { path, flag } of options)
      if (at(readRun(root).config, path) !== undefined) expect(text).toContain(`${flag} `);
  });

  it("names the commit of a folder, and nothing where there is none or no git", () => {
    const folder = emptyFolder();
    expect(commitOf(folder)).toBeUndefined();
    expect(commitOf(join(folder, "nowhere"))).toBeUndefined();
    const git = (...words: string[]) =>
      spawnSync("git", ["-c", "user.name=a", "-c", "user.email=a@b.c", ...words], {
        cwd: folder,
        encoding: "utf8",
      });
    const path = process.env.PATH;
    if (git("init").status === 0) {
      expect(commitOf(folder)).toBeUndefined(); // before the first commit
      git("commit", "--allow-empty", "--message", "first");
      expect(commitOf(folder)).toBe(git("log", "-1", "--format=%H").stdout.trim());
    } else console.log("no git here: only its absence is tested");
    process.env.PATH = folder;
    try {
      expect(commitOf(folder)).toBeUndefined();
    } finally {
      process.env.PATH = path;
    }
  });

  it("draws the effective sample size and the coefficient where they were recorded, and only there", async () => {
    const record = readRun(await newRun(bandit));
    const drawn = (change: object) => {
      const metrics = record.metrics.map((line) => ({ ...line, ...change }));
      return metricCurves([{ label: "", runs: [{ ...record, metrics }] }]).map(({ name }) => name);
    };
    expect(drawn({})).toEqual(["gradient-norm"]);
    expect(drawn({ effectiveSampleSize: 1 })).toEqual(["gradient-norm"]); // no importance weights
    expect(drawn({ effectiveSampleSize: 0.7, scoreCoefficient: 0.2 })).toEqual([
      "gradient-norm",
      "effective-sample-size",
      "score-coefficient",
    ]);
  });

  it("draws every metric line it is given: the curve has a point per iteration", async () => {
    const root = await newRun(bandit);
    await writeReport([root], join(root, "report.html"), { units: quadraticUnits });
    const { document } = parseHTML(readFileSync(join(root, "figures/learning-curve.svg"), "utf8"));
    const curves = [...document.querySelectorAll('[aria-label="line"] path')].map(
      (path) => path.getAttribute("d")!,
    );
    expect(curves).toHaveLength(2);
    for (const d of curves) expect(d.split(/[ML]/).length - 1).toBe(12);
  });

  it("of a run stopped before its first evaluation shows what there is", async () => {
    const root = join(emptyFolder(), "run");
    const signal = AbortSignal.abort();
    const stopped = await train(smallConfig(bandit), root, { workers: 0, units: quadraticUnits, signal });
    expect(stopped).toMatchObject({ status: "interrupted", state: { iteration: 0 } });
    await writeReport([root], join(root, "report.html"), { units: quadraticUnits });
    expect(readFileSync(join(root, "report.html"), "utf8")).toContain("0 of 12 iterations");
    expect(readdirSync(join(root, "figures"))).toEqual([]);
  });

  it("of several runs goes where it is asked to, with figures beside it", async () => {
    const roots = await Promise.all([
      newRun(bandit),
      newRun({ ...bandit, seed: 1 }),
      newRun({ ...bandit, tasks: 3 }),
    ]);
    const folder = emptyFolder();
    const { groups } = await writeReport(roots, join(folder, "both.html"), { units: quadraticUnits });
    expect(groups.map(({ runs }) => runs.length)).toEqual([2, 1]);
    expect(existsSync(join(folder, "both-figures/learning-curve.svg"))).toBe(true);
    expect(readFileSync(join(folder, "both.html"), "utf8")).toContain("2 settings compared");
  });
});

/** Tags of an XML text that are opened and not closed, or the other way round. */
function unclosedElements(xml: string): string[] {
  const open: string[] = [];
  for (const [, closing, name, selfClosing] of xml.matchAll(/<(\/?)([\w:-]+)(?:[^>"]|"[^"]*")*?(\/?)>/g)) {
    if (selfClosing === "/") continue;
    if (closing === "") open.push(name!);
    else if (open.at(-1) === name) open.pop();
    else return [...open, `/${name}`];
  }
  return open;
}
