// Film strips of robots in the report, before and after adaptation.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseHTML } from "linkedom";
import { beforeAll, describe, expect, it } from "vitest";
import { trainable } from "../../src/config/trainable.ts";
import { localUnits, type UnitSource } from "../../src/execution/create-engine.ts";
import { writeReport } from "../../src/report/report.ts";
import { train } from "../../src/training/train.ts";
import { emptyFolder } from "../support/runs.ts";

const few = {
  "--task-sampling": "independent",
  "--iterations": "1",
  "--tasks": "1",
  "--inner-trajectories": "3",
  "--outer-trajectories": "2",
  "--hidden": "4",
  "--horizon": "30",
  "--evaluate-tasks": "2",
  "--final-tasks": "2",
};

/** A run of an environment. */
async function run(environment: string, seed = "0"): Promise<string> {
  const root = join(emptyFolder(), "run");
  const flags = { ...few, "--policy": "gaussian-mlp", "--seed": seed };
  await train(await trainable({ preset: "half-cheetah-short", environment, flags }), root, { workers: 0 });
  return root;
}

/** The page of runs, and its films. */
async function films(...roots: readonly string[]) {
  const path = join(emptyFolder(), "page.html");
  await writeReport(roots, path);
  const html = readFileSync(path, "utf8");
  const { document } = parseHTML(html);
  const titled = [...document.querySelectorAll("figure > svg")].filter((svg) =>
    /before and after|held-out tasks$/.test(svg.querySelector("title")!.textContent),
  );
  return { html, titled, path };
}

describe("the report of a robot", () => {
  let cheetah: string;
  beforeAll(async () => {
    cheetah = await run("half-cheetah-direction");
  });

  it("shows two tasks that differ, each before and after adaptation, with the returns of its evaluation", async () => {
    const { titled, html, path } = await films(cheetah);
    expect(titled).toHaveLength(1);
    const texts = [...titled[0]!.querySelectorAll("text")].map((text) => text.textContent);
    expect(texts.filter((text) => /^(for|back)ward$/.test(text)).sort()).toEqual(["backward", "forward"]);
    expect(texts.filter((text) => /^before adaptation: mean return -?\d+\.\d$/.test(text))).toHaveLength(2);
    expect(texts.filter((text) => /^after 1 step: mean return -?\d+\.\d$/.test(text))).toHaveLength(2);
    const strips = [...titled[0]!.querySelectorAll(".film")];
    expect(strips.map((strip) => strip.querySelectorAll("svg").length)).toEqual([4, 4, 4, 4]);
    expect(new Set(strips.map((strip) => strip.innerHTML)).size).toBe(4);
    expect(html.length).toBeLessThan(200_000);
    const file = readFileSync(join(path, "..", "page-figures", "films.svg"), "utf8");
    expect(file.match(/class="film"/g)).toHaveLength(4);
    expect(file).not.toMatch(/NaN|undefined/);
  });

  it("draws all strips of a page to one scale", async () => {
    const { titled } = await films(cheetah);
    const widths = [...titled[0]!.querySelectorAll(".film")].map((strip) =>
      [...strip.querySelectorAll(".limbs path")].map((limb) => limb.getAttribute("stroke-width")),
    );
    for (const strip of widths) expect(strip).toEqual(widths[0]);
  });

  it("colours nothing else of the page", async () => {
    const { html } = await films(cheetah);
    const style = /<style>(\.film [^<]*)<\/style>/.exec(html)![1]!;
    const selectors = style.replace(/@media\([^{]*\)/g, "").matchAll(/[^{}]+(?=\{)/g);
    for (const [selector] of selectors) expect(selector).toMatch(/^\.film /);
  });

  it("stays small with several groups", async () => {
    const others = await Promise.all(["ant-goal", "hopper-v5", "walker2d-velocity"].map((name) => run(name)));
    const { titled, html } = await films(cheetah, ...others);
    expect(titled).toHaveLength(4);
    expect(html.length).toBeLessThan(400_000);
  });
});

describe("of a run with a module of its own", () => {
  const module = join(import.meta.dirname, "..", "support", "own", "line.ts");
  /** Units in whose use something is thrown. */
  const failing = (error: Error): UnitSource => ({
    ...localUnits,
    unitFor: (experiment) => ({
      ...localUnits.unitFor(experiment),
      get parameters(): never {
        throw error;
      },
    }),
  });
  const page = async (error: Error): Promise<string> => {
    const path = join(emptyFolder(), "page.html");
    await writeReport([await run(module)], path, { units: failing(error) });
    return readFileSync(path, "utf8");
  };

  it("an error in the module leaves the rest of the report", async () => {
    const error = new TypeError("goal is undefined");
    error.stack = `${error}\n    at reward (file://${module}?sha256=0123456789abcdef:20:3)\n    at rollout (file:///sgmrl/rollout.ts:1:1)`;
    expect(await page(error)).toMatch(/role="alert">No trajectories of .*goal is undefined/);
  });

  it("an error of this library is not passed off as the module's", async () => {
    await expect(page(new TypeError("x is undefined"))).rejects.toThrow("x is undefined");
  });
});

it("of an environment that cannot be drawn, the report says why, and shows the rest", async () => {
  const module = join(import.meta.dirname, "..", "support", "own", "badly-drawn.ts");
  const { html, titled } = await films(await run(module));
  expect(titled).toHaveLength(0);
  expect(html).toMatch(/role="alert">No trajectories of .*the drawing&#39;s number of moments must be/);
  expect(html).toContain("Return while training");
});
