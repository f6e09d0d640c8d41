// A damaged run is shown as far as it can be read, and every page and table says what is wrong with it.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseConfig } from "../../src/config/parse-config.ts";
import { DivergenceError } from "../../src/errors.ts";
import { writeReport } from "../../src/report/report.ts";
import { readRun } from "../../src/report/runs.ts";
import { resume } from "../../src/training/resume.ts";
import { thisProgram } from "../../src/training/store/version.ts";
import { train } from "../../src/training/train.ts";
import { emptyFolder, filesOf, quadraticUnits, smallConfig } from "../support/runs.ts";

const options = { workers: 0, units: quadraticUnits };
/** The quadratic unit has no trajectories to draw, so its environment has none either. */
const config = smallConfig({ experiment: { ...smallConfig().experiment, environment: "toy-1d" } });
const newRun = async (): Promise<string> => {
  const { files } = await train(config, join(emptyFolder(), "run"), options);
  return files.root;
};
const edit = (path: string, change: (text: string) => string): void =>
  writeFileSync(path, change(readFileSync(path, "utf8")));

describe("a run with", () => {
  it.each<[string, string, (text: string) => string, RegExp]>([
    [
      "a digit of its metrics changed",
      "metrics.jsonl",
      (t) => t.replace(/\d(?=\d*\}\n)/, "7"),
      /metrics\.jsonl: its first \d+ bytes/,
    ],
    [
      "a line of its metrics removed",
      "metrics.jsonl",
      (t) => t.slice(t.indexOf("\n") + 1),
      /metrics\.jsonl: its first/,
    ],
    [
      "a null among its metrics",
      "metrics.jsonl",
      (t) => t.replace(/"gradientNorm":[^,}]*/, '"gradientNorm":null'),
      /metrics\.jsonl, line 1: gradientNorm/,
    ],
    [
      "evaluations of another run",
      "evaluations.jsonl",
      (t) => t.replace(/"mean":-?/g, '"mean":1'),
      /evaluations\.jsonl: its first/,
    ],
    [
      "evaluations that are not JSON",
      "evaluations.jsonl",
      (t) => `{\n${t}`,
      /evaluations\.jsonl, line 1: not JSON/,
    ],
    [
      "timings that are not JSON",
      "timings.jsonl",
      (t) => t.replace("{", "["),
      /timings\.jsonl, line 1: not JSON/,
    ],
    [
      "another config",
      "config.json",
      (t) => t.replace('"seed": 0', '"seed": 3'),
      /config\.json: changed since/,
    ],
    [
      "a record that is edited",
      "checkpoints/000012.json",
      (t) => t.replace('"evaluated": 12', '"evaluated": 11'),
      /000012\.json: its checksum/,
    ],
  ])("%s says so", async (_, file, change, message) => {
    const root = await newRun();
    expect(readRun(root).damage).toEqual([]);
    edit(join(root, file), change);
    expect(readRun(root).damage.join("\n")).toMatch(message);
    const page = join(emptyFolder(), "page.html");
    await writeReport([root], page, { units: quadraticUnits });
    expect(readFileSync(page, "utf8")).toMatch(new RegExp(`role="alert">Damaged: .*${message.source}`));
  });
});

it("a run whose policy gives no finite action any more is shown without trajectories", async () => {
  const flags = {
    "--optimizer": "sgd",
    "--learning-rate": "1e300",
    "--hidden": "none",
    "--inner-trajectories": "2",
  };
  const few = { "--tasks": "1", "--evaluate-tasks": "2", "--final-tasks": "2", "--horizon": "3" };
  const diverging = parseConfig({ preset: "quick", flags: { ...flags, ...few } });
  const root = join(emptyFolder(), "run");
  await expect(train(diverging, root, { workers: 0 })).rejects.toThrow(DivergenceError);
  const page = join(emptyFolder(), "page.html");
  await writeReport([root], page);
  expect(readFileSync(page, "utf8")).toMatch(/role="alert">No trajectories of \S+: .* is not finite/);
});

describe("timings", () => {
  it.each<[string, (text: string) => string]>([
    ["cut in a line", (t) => t.slice(0, t.length - 20)],
    ["with a line that is not JSON", (t) => t.replace("{", "[")],
    ["of zeros", () => "\0".repeat(500)],
  ])("%s do not keep a run from going on", async (_, change) => {
    const root = await newRun();
    const whole = filesOf(root);
    edit(join(root, "timings.jsonl"), change);
    const warnings: string[] = [];
    await resume(root, { ...options, from: 10, observer: { warning: (text) => warnings.push(text) } });
    rmSync(join(root, "timings.jsonl.damaged"), { force: true });
    expect(filesOf(root)).toEqual(whole);
  });
});

describe("a run that another program wrote", () => {
  const here = thisProgram();
  const resumedAfter = async (by: object): Promise<string> => {
    const root = await newRun();
    edit(join(root, "timings.jsonl"), (text) =>
      text.replaceAll(/"by":\{.*?\}/g, `"by":${JSON.stringify({ ...here, ...by })}`),
    );
    const warnings: string[] = [];
    await resume(root, { ...options, from: 10, observer: { warning: (text) => warnings.push(text) } });
    return warnings.join("\n");
  };

  it.each<[object, RegExp]>([
    [
      { sgmrl: "0.0.9" },
      /written by sgmrl 0\.0\.9 on Node .*; it continues with sgmrl .*may not give the same bits/,
    ],
    [{ node: "18.20.1" }, /on Node 18\.20\.1/],
    [{ architecture: "riscv" }, /, riscv;/],
  ])("is resumed with a warning that names it: %o", async (by, message) => {
    expect(await resumedAfter(by)).toMatch(message);
  });

  it.each([{}, { node: "20.1.0" }, { node: "22.0.0" }, { node: "24.3.1" }])(
    "is resumed without one where the two give the same bits: %o",
    async (by) => {
      expect(await resumedAfter(by)).toBe("");
    },
  );
});

it("a finished run that is taken up from an earlier checkpoint and interrupted goes on to the same bytes", async () => {
  const root = await newRun();
  const whole = filesOf(root);
  const controller = new AbortController();
  const observer = { iteration: () => controller.abort() };
  await resume(root, { ...options, from: 0, observer, signal: controller.signal });
  expect(filesOf(root)).not.toEqual(whole);
  await resume(root, options);
  expect(filesOf(root)).toEqual(whole);
});
