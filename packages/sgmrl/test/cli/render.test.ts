import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { key } from "@sgmrl/autodiff/random";
import { checkEnvironment, type Environment, environments } from "@sgmrl/envs";
import { afterAll, describe, expect, it } from "vitest";
import { runCommandLine } from "../../src/cli/program.ts";
import { partsOf } from "../../src/meta-gradient/parts.ts";
import { createUnit } from "../../src/meta-gradient/unit.ts";
import type { Experiment } from "../../src/settings.ts";
import { adaptationDrawings } from "../../src/training/motions.ts";

const folder = mkdtempSync(join(tmpdir(), "render-"));
afterAll(() => rmSync(folder, { recursive: true }));

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await runCommandLine(args, { out: (text) => out.push(text), err: (text) => err.push(text) });
  return { code, out: out.join("\n"), err: err.join("\n") };
}

describe("sgmrl render", () => {
  it("writes a page and a film strip of an environment", async () => {
    const inner = join(folder, "pictures", "new");
    const { code, out } = await run("render", "--env", "half-cheetah-direction", "--out", inner, "--json");
    expect(code).toBe(0);
    const { files } = JSON.parse(out) as { files: string[] };
    expect(files.map((file) => existsSync(file))).toEqual([true, true]);
    const page = readFileSync(files[0]!, "utf8");
    expect(page).toMatch(/^<!doctype html>/);
    expect(page).toMatch(/<title>half-cheetah-direction<\/title>/);
    expect(page).toMatch(/<p>a half-cheetah runs forward or backward: (for|back)ward\.<\/p>/);
    expect(readFileSync(files[1]!, "utf8")).toMatch(/^<svg /);
  });

  it("refuses a checkpoint of what has none", async () => {
    const { code, err } = await run("render", "--env", "navigation-2d", "--from", "99", "--out", folder);
    expect(code).toBe(2);
    expect(err).toBe(
      "error: --from: an environment under random actions has no checkpoints. Leave it out, or give the directory of a run in place of --env.",
    );
  });

  it("says which folder it cannot write to", async () => {
    const file = join(folder, "file");
    writeFileSync(file, "");
    const { code, err } = await run("render", "--env", "swimmer-velocity", "--out", file);
    expect(code).toBe(2);
    expect(err).toContain(`--out ${file}: `);
  });

  it.each(Object.keys(environments))("draws %s", async (name) => {
    const { code, out } = await run("render", "--env", name, "--out", join(folder, "all"), "--json");
    expect(code).toBe(0);
    const { files } = JSON.parse(out) as { files: string[] };
    const page = readFileSync(files[0]!, "utf8");
    const data = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(page)![1]!;
    const [panel] = JSON.parse(data) as { frames: number[][]; captions: string[] }[];
    expect(panel!.frames.length).toBeGreaterThan(1);
    expect(panel!.captions.length).toBe(panel!.frames.length);
    for (const frame of panel!.frames) expect(frame.length).toBe(panel!.frames[0]!.length);
    expect(page).toContain("<p>");
    expect(data).not.toMatch(/NaN|undefined|Infinity/);
    expect(page).not.toMatch(/<p>.*(NaN|undefined|Infinity).*<\/p>/);
  });

  it("draws an environment of one's own, from its module, and refuses one whose picture cannot be shown", async () => {
    const own = (name: string): string => join(import.meta.dirname, "..", "support", "own", `${name}.ts`);
    const out = join(folder, "own");
    expect(await run("render", "--env", own("pushed"), "--out", out)).toMatchObject({ code: 0 });
    const page = readFileSync(join(out, "pushed-motion.html"), "utf8");
    expect(page).toContain("<p>a point is pushed to a mark: mark 1.</p>");
    const [panel] = JSON.parse(/<script type="application\/json" id="data">(.*?)<\/script>/s.exec(page)![1]!);
    expect(panel.radii).toContain(0.25);

    const refused = await run("render", "--env", own("badly-drawn"), "--out", join(folder, "never"));
    expect(refused.code).toBe(1);
    expect(refused.err).toContain(
      "pushed: the drawing's number of moments must be 6, one for each state; got 0",
    );
    expect(existsSync(join(folder, "never"))).toBe(false);
    expect(await run("render", "--env", "./nowhere.ts")).toMatchObject({ code: 2 });
  });

  it("draws the example of a robot of one's own, which keeps its contract", async () => {
    const module = join(import.meta.dirname, "../../../../docs/examples/unicycle/unicycle.ts");
    checkEnvironment(((await import(module)) as { readonly default: Environment }).default);
    expect(await run("render", "--env", module, "--out", join(folder, "unicycle"))).toMatchObject({
      code: 0,
    });
    const page = readFileSync(join(folder, "unicycle", "unicycle-motion.html"), "utf8");
    expect(page).toContain('"kind":"heading"');
    expect(page).toContain("Contact forces");
  });

  it("refuses neither and both of run and --env", async () => {
    expect(await run("render")).toMatchObject({ code: 2 });
    expect(await run("render", "runs/x", "--env", "ant-goal")).toMatchObject({ code: 2 });
  });
});

describe("motions of an adaptation", () => {
  it("are one trajectory before and one after, at the environment's own pace", () => {
    const experiment: Experiment = {
      environment: "half-cheetah-direction",
      policy: { kind: "gaussian-mlp", hidden: [4] },
      horizon: 6,
      inner: { steps: 1, stepSize: 0.1, trajectories: 2, advantage: "reward-to-go", convention: "paper" },
      outer: { trajectories: 2 },
      estimator: { name: "sgmrl" },
      backend: "reference",
      precision: "float64",
    };
    const theta = createUnit(partsOf(experiment)).initialize(key(1));
    const drawings = adaptationDrawings(experiment, theta, { task: key(2), noise: key(3) }, 1);
    expect(drawings.map(({ title }) => title)).toEqual(["before adaptation", "after 1 step"]);
    expect(drawings.map(({ moments }) => moments.length)).toEqual([7, 7]);
    expect(drawings[0]!.dt).toBeCloseTo(0.05, 12);
    expect(drawings[0]!.moments[6]!.strokes).not.toEqual(drawings[1]!.moments[6]!.strokes);
  });
});
