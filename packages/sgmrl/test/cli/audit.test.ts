import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { runCommandLine } from "../../src/cli/program.ts";
import { exactMaml, valueAndGradient } from "../../src/exact/objective.ts";
import { twoStateProblem } from "../support/exact-problems.ts";

const folder = mkdtempSync(join(tmpdir(), "audit-"));
afterAll(() => rmSync(folder, { recursive: true }));

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await runCommandLine(args, { out: (text) => out.push(text), err: (text) => err.push(text) });
  return { code, out: out.join("\n"), err: err.join("\n") };
}

const problem = twoStateProblem({ trajectories: 2 });
const spec = {
  mdp: problem.tasks[0]!.mdp,
  theta: problem.theta,
  inner: problem.inner,
  outerTrajectories: 1,
  estimators: ["sgmrl", "maml"],
};

function written(name: string, content: unknown): string {
  const file = join(folder, name);
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  return file;
}

describe("sgmrl audit --spec", () => {
  const file = written("spec.json", spec);

  it("prints JSON", async () => {
    const { code, out, err } = await run("audit", "--spec", file, "--json");
    expect([code, err]).toEqual([0, ""]);
    const result = JSON.parse(out);
    const exact = valueAndGradient(problem);
    expect(result.objective).toBeCloseTo(exact.value, 12);
    expect(result.gradient.flat()).toEqual([...exact.gradient]);
    expect(result.exactMaml.objective).toBe(exactMaml(problem).value);
    expect(result.estimators.map((e: { name: string }) => e.name)).toEqual(["sgmrl", "maml"]);
    expect(result.estimators[0].bias).toBeLessThan(1e-12);
    expect(result.estimators[1].bias).toBeGreaterThan(1e-3);
  });

  it("prints a table", async () => {
    const { out } = await run("audit", "--spec", file);
    expect(out).toMatch(/^sgmrl +0 +\d/m);
    expect(out).toMatch(/^maml +\d\.\de-2 /m);
  });

  it("samples on request", async () => {
    const { code, out } = await run("audit", "--spec", file, "--samples", "200", "--json");
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ samples: 200, confidence: 0.95 });
  });

  it.each<[string, string, RegExp]>([
    [
      "a spec too large",
      written("large.json", { ...spec, mdp: { ...spec.mdp, horizon: 9 } }),
      /\d[\d,]+ terms.*limit is 1,000,000/,
    ],
    ["a broken spec", written("bad.json", { ...spec, outerTrajectories: 0 }), /spec\.outerTrajectories/],
    ["what is not JSON", written("text.json", "{ mdp"), /not JSON/],
    ["a missing file", join(folder, "none.json"), /no such file/],
  ])("refuses %s with exit code 2", async (_what, path, message) => {
    const { code, out, err } = await run("audit", "--spec", path, "--json");
    expect(code).toBe(2);
    expect(out).toBe("");
    expect(err).toMatch(message);
  });
});

describe("sgmrl audit", () => {
  it("audits the needle and the two-state MDP, and draws the atlas", { timeout: 120_000 }, async () => {
    const atlas = join(folder, "atlas.svg");
    const { code, out } = await run("audit", "--out", atlas);
    expect(code).toBe(0);
    for (const text of ["Two-state MDP", "Needle", "jackknife-per-decision", "initial policy"])
      expect(out).toContain(text);
    expect(readFileSync(atlas, "utf8")).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
  });

  it("refuses a place it cannot write to with exit code 2", async () => {
    const { code, err } = await run("audit", "--out", join(folder, "none", "atlas.svg"));
    expect(code).toBe(2);
    expect(err).toContain("--out");
  });
});
