// The parts of messages; and wherever a person types a name, a misspelt one is answered with the name that was meant.
import { execFileSync } from "node:child_process";
import { globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runCommandLine } from "../src/cli/program.ts";
import { findEstimator } from "../src/meta-gradient/catalogue.ts";
import { commandLine, counted, didYouMean, duration, programName } from "../src/wording.ts";
import { emptyFolder } from "./support/runs.ts";

it("a duration is never 60 of a unit", () => {
  const seconds = [0.2, 59, 59.5, 60, 119.7, 3599.2, 3600, 7170, 360_000];
  expect(seconds.map(duration)).toEqual([
    "1 s",
    "59 s",
    "1 min 0 s",
    "1 min 0 s",
    "2 min 0 s",
    "1 h 0 min",
    "1 h 0 min",
    "2 h 0 min",
    "100 h 0 min",
  ]);
});

describe("a command in a hint", () => {
  it("has the program's name from wording.ts, wherever one is given", () => {
    const sources = fileURLToPath(new URL("../src", import.meta.url));
    const hints = globSync("**/*.ts", { cwd: sources }).flatMap((file) =>
      readFileSync(join(sources, file), "utf8")
        .replace(/\/\*[\s\S]*?\*\/|\/\/ .*/g, "") // comments
        .split("\n")
        .filter((line) =>
          /\bsgmrl (?:train|resume|sweep|worker|replay|evaluate|render|report|watch)\b/.test(line),
        )
        .map((line) => `${file}: ${line.trim()}`),
    );
    expect(hints).toEqual([]);
  });

  it("says how the program is started from the workspace", () => {
    expect(programName).toMatch(/^(npx -y pnpm@12|pnpm) sgmrl$/);
  });

  it("reaches a shell as the words it was made of", () => {
    const words = fc.array(
      fc.string({ unit: fc.constantFrom("a", "/", " ", "'", '"', "$", "\\", "*", "é", ";") }),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(words, (given) => {
        const script = `printf '%s\\0' ${commandLine(...given).slice(programName.length)}`;
        const read = execFileSync("sh", ["-c", given.length === 0 ? ":" : script], { encoding: "utf8" });
        expect(read.split("\0").slice(0, -1)).toEqual(given);
      }),
      { numRuns: 40 },
    );
  });
});

it("counts in the singular and the plural", () => {
  expect([0, 1, 2].map((n) => counted(n, "iteration"))).toEqual([
    "0 iterations",
    "1 iteration",
    "2 iterations",
  ]);
});

describe("a suggestion", () => {
  const known = ["navigation-2d", "corner-2d", "walls-2d", "toy-1d"];
  it.each<[string, string]>([
    ["navigaton-2d", ' Did you mean "navigation-2d"?'],
    ["Walls-2D", ' Did you mean "walls-2d"?'],
    ["maze", ""],
    ["", ""],
  ])("for %j is %j", (given, expected) => {
    expect(didYouMean(given, known)).toBe(expected);
  });
});

async function refusal(...args: string[]): Promise<string> {
  const err: string[] = [];
  expect(await runCommandLine(args, { out: () => {}, err: (text) => err.push(text) })).toBe(2);
  return err.join("\n");
}

function json(content: object): string {
  const folder = emptyFolder();
  mkdirSync(folder, { recursive: true });
  const path = join(folder, "file.json");
  writeFileSync(path, JSON.stringify(content));
  return path;
}

describe("the command line", () => {
  it.each<[string, RegExp]>([
    ["trian", /Did you mean train\?/],
    ["help trian", /Did you mean "train"\?/],
    ["train --iteratoins 3", /Did you mean --iterations\?/],
    ["train --preset quik", /Did you mean "quick"\?/],
    ["train --env navigaton-2d", /Did you mean "navigation-2d"\?/],
    ["train --estimator reparametrised", /Did you mean "reparameterised"\?/],
    ["train --beside mamml", /Did you mean "maml"/],
    ["train --policy gausian-mlp", /Did you mean "gaussian-mlp"\?/],
    ["train --advantage standardized", /Did you mean "standardised"\?/],
    ["train --optimizer adm", /Did you mean "adam"\?/],
    ["train --backend wsm", /Did you mean "wasm"\?/],
    ["train --task-sampling latice", /Did you mean "lattice"\?/],
    ["train --engine bulmq", /Did you mean "bullmq"\?/],
    ["study nedle", /study: "nedle" is unknown\. Did you mean "needle"\?/],
    ["export runs/a --to tensorbord", /Did you mean "tensorboard"\?/],
    ["render --env half-cheetah-drection", /Did you mean "half-cheetah-direction"\?/],
  ])("%s", async (words, expected) => {
    expect(await refusal(...words.split(" "))).toMatch(expected);
  });
});

describe("a file", () => {
  it.each<[string, string[], object, RegExp]>([
    ["a setting of a run", ["train", "--config"], { taks: 3 }, /Did you mean "tasks"\?/],
    ["a field of a sweep", ["sweep"], { presset: "quick", seeds: [1] }, /Did you mean "preset"\?/],
    ["a preset of a sweep", ["sweep"], { preset: "quik", seeds: [1] }, /Did you mean "quick"\?/],
    [
      "an axis of a sweep",
      ["sweep"],
      { grid: { "stpe-size": [1] }, seeds: [1] },
      /Did you mean "step-size"\?/,
    ],
    [
      "a path of a sweep",
      ["sweep"],
      { grid: { "optimizer.bta1": [0.1] }, seeds: [1] },
      /there is no field "bta1" here\. Did you mean "beta1"/,
    ],
    ["an entry of a sweep", ["sweep"], { list: [{ nmae: "x" }], seeds: [1] }, /Did you mean "name"\?/],
    ["a field of an audit", ["audit", "--spec"], { thetas: [[0]] }, /spec: .*Did you mean "theta"\?/],
    [
      "a field of an MDP",
      ["audit", "--spec"],
      { mdp: { initail: [1] } },
      /spec\.mdp: there is no field "initail" here\. Did you mean "initial"\?/,
    ],
    [
      "an estimator of an audit",
      ["audit", "--spec"],
      { estimators: ["mamml"] },
      /spec\.estimators\[0\]: .*Did you mean "maml"/,
    ],
  ])("with %s", async (_, words, content, expected) => {
    expect(await refusal(...words, json(content))).toMatch(expected);
  });
});

it("an estimator asked for by the library's user", () => {
  expect(() => findEstimator("jacknife-linear")).toThrow(/Did you mean "jackknife-linear"\?/);
});
