import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { EnvironmentError } from "@sgmrl/envs";
import { afterAll, describe, expect, it } from "vitest";
import { runCommandLine } from "../../src/cli/program.ts";
import { theory } from "../../src/exact/theory/theory.ts";
import { twoStateProblem } from "../support/exact-problems.ts";

const folder = mkdtempSync(join(tmpdir(), "theory-"));
afterAll(() => rmSync(folder, { recursive: true }));

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await runCommandLine(args, { out: (text) => out.push(text), err: (text) => err.push(text) });
  return { code, out: out.join("\n"), err: err.join("\n") };
}

const problem = twoStateProblem({ trajectories: 2 });
const file = join(folder, "spec.json");
const spec = {
  mdp: problem.tasks[0]!.mdp,
  theta: problem.theta,
  inner: problem.inner,
  outerTrajectories: 1,
};
writeFileSync(file, JSON.stringify(spec));

describe("sgmrl theory", () => {
  it("prints JSON for a spec", async () => {
    const { code, out } = await run("theory", "--spec", file, "--epsilon", "0.5", "--json");
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual(
      JSON.parse(JSON.stringify(theory({ ...problem, outerTrajectories: 1 }, 0.5))),
    );
  });

  it("prints the constants of the needle by default", async () => {
    const { code, out } = await run("theory");
    expect(code).toBe(0);
    expect(out).toContain("Admissible step size: β ≤ 1/L_V");
    const rows = out.split("\n").map((line) => line.split(/\s{2,}/));
    const symbols = "G Ḡ L ρ κ_J Λ_J g_∞ g₂ LRΓ₁ ρRΓ₁ u σ_g κ_0 Λ_0 σ² e_0".split(" ");
    expect(symbols.filter((symbol) => !rows.some(([first]) => first === symbol))).toEqual([]);
  });

  it("says what a plan reaches, and what it reaches with jackknife-linear, which is biased", async () => {
    const { linearJackknifeBias: bias, variance, plans, smoothness, gap } = theory(problem, 0.5);
    expect(plans).toHaveLength(2);
    for (const { stepSize, tasks, iterations, bound } of plans) {
      const slope = (2 * gap) / (stepSize * iterations);
      const noise = (stepSize * smoothness) / tasks;
      expect(bound.sgmrl).toBeLessThanOrEqual(0.25 * (1 + 1e-12));
      expect(bound.sgmrl).toBeCloseTo(slope + noise * variance.sgmrl, 12);
      const linear = slope + noise * variance["jackknife-linear"] + bias ** 2;
      expect(bound["jackknife-linear"] / linear).toBeCloseTo(1, 12);
    }
    expect((await run("theory", "--spec", file, "--epsilon", "0.5")).out).toContain("with jackknife-linear");
  });

  it.each([
    { args: ["--epsilon", "0"], message: 'expected a positive number, got "0"' },
    { args: ["--spec", join(folder, "none.json")], message: "no such file" },
  ])("refuses $args", async ({ args, message }) => {
    const { code, err } = await run("theory", ...args);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });

  it("prints the published theorem's constants beside its own, and where they do not apply", async () => {
    const inside = join(folder, "inside.json");
    writeFileSync(inside, JSON.stringify({ ...spec, inner: { ...spec.inner, stepSize: 1e-3 } }));
    const small = (await run("theory", "--spec", inside)).out;
    expect(small).toContain("its route, sums over H");
    expect(small).toMatch(/As stated, with β = 1\/L_V and B = \d+/);
    expect(small).not.toContain("does not hold here");
    const row = (symbol: string): number[] =>
      new RegExp(`^ *${symbol} +(\\S+) +(\\S+)`, "m").exec(small)!.slice(1).map(Number);
    for (const symbol of ["η_G", "η_ρ"]) expect(row(symbol)[0]).toBe(row(symbol)[1]); // the same bounds
    expect(row("η_H")[0]).toBeLessThan(row("η_H")[1]!);
    expect(row("η_H")[0]).toBeGreaterThan(0);
    const needle = (await run("theory")).out;
    expect(needle).toContain("Its condition |α| ≤ 1/η_H does not hold here");
    expect(needle).not.toContain("As stated");
    for (const text of [small, needle, (await run("theory", "--help")).out])
      expect(text).toMatch(/Gaussian policies, whose scores are unbounded/);
  });

  it("takes G, L and ρ of another policy, with which features are allowed", async () => {
    const other = join(folder, "linear.json");
    writeFileSync(other, JSON.stringify({ ...spec, features: [[2], [1]], theta: [[0, 1]] }));
    const { code, out } = await run("theory", "--spec", other, "--constants", "2.83,2,2.18", "--json");
    expect(code).toBe(0);
    const { policy } = JSON.parse(out).tasks[0].bounds;
    expect(policy).toEqual({
      score: 2.83,
      scoreRms: 2.83,
      hessian: 2,
      hessianLipschitz: 2.18,
      concave: false,
    });
    for (const text of ["1,2", "1,2,x", "1,-2,3", "1,,3"])
      expect((await run("theory", "--spec", file, "--constants", text)).err).toContain(
        `expected three numbers G,L,ρ, none negative; got "${text}"`,
      );
  });

  const notCovered: [string, object, unknown][] = [
    ["features", { features: [[2], [1]], theta: [[0, 1]] }, "a matrix"],
    ["terminal", { mdp: { ...spec.mdp, initial: [1, 0], terminal: [false, true] } }, "a terminal state"],
    ["inner.advantage", { inner: { ...spec.inner, advantage: "standardised" } }, "standardised"],
    ["inner.convention", { inner: { ...spec.inner, convention: "timestep-mean" } }, "timestep-mean"],
    [
      "outer.advantage",
      { outerTrajectories: 2, outer: { advantage: "standardised-gae" } },
      "standardised-gae",
    ],
    ["outer.baseline", { outerTrajectories: 2, outer: { baseline: "fitted" } }, "fitted"],
  ];
  it.each(notCovered)("refuses %s, which the bounds are not for", async (field, change, got) => {
    const other = join(folder, `${field}.json`);
    const changed = { ...spec, ...change, estimators: ["maml"] };
    writeFileSync(other, JSON.stringify(changed));
    expect((await run("audit", "--spec", other, "--json")).code).toBe(0);
    const { code, err } = await run("theory", "--spec", other);
    expect(code).toBe(2);
    expect(err).toContain(field);
    expect(err).toMatch(/the bounds (of second moments )?hold for/);
    const { mdp, estimators: _, ...rest } = changed;
    const asProblem = () => theory({ ...rest, tasks: [{ weight: 1, mdp }] }, 0.1);
    expect(asProblem).toThrow(EnvironmentError);
    expect(asProblem).toThrow(`got "${got}"`);
  });

  it("covers the baseline that it states bounds for, named or not", () => {
    const named = theory({ ...problem, outerTrajectories: 2, outer: { baseline: "mean" } }, 0.5);
    expect(named).toEqual(theory({ ...problem, outerTrajectories: 2 }, 0.5));
  });

  it("gives no guarantee for constants that bound nothing", () => {
    for (const hessian of [-1, Number.NaN])
      expect(() => theory(problem, 0.1, { score: 1, hessian, hessianLipschitz: 1 })).toThrow(
        `stated.hessian must be 0 or more, and finite; got ${hessian}`,
      );
  });
});

describe("sgmrl study", () => {
  it("says at once where it cannot write, not after the work", async () => {
    const { code, out, err } = await run("study", "convergence", "--out", fileURLToPath(import.meta.url));
    expect(err).toContain("a file of that name already exists");
    expect({ code, out }).toEqual({ code: 2, out: "" });
  });

  it.each([
    [["needle", "--partial"], '--partial: the study "needle" has no training runs; leave it out.'],
    [["needle", "--parts", "a"], '--parts: the study "needle" has no parts; leave it out.'],
    [["contest-needle", "--parts", "a"], '--parts: the study "contest-needle" has no parts; leave it out.'],
    [["paper", "--parts", "needle,mazes"], '--parts: "mazes" is unknown. Use one of needle,'],
    [["paper", "--parts", ""], '--parts: "" is unknown. Use one of needle,'],
    [
      ["paper", "--parts", "needle", "--partial"],
      "--parts, --partial: --partial computes nothing; give one of them.",
    ],
    [["needle", "--workers", "2"], '--workers: the study "needle" has no training runs; leave it out.'],
    [["needle", "--engine", "bullmq"], '--engine: the study "needle" has no training runs; leave it out.'],
    [["contest-needle", "--window", "3"], "--window: needs --engine bullmq."],
    [
      ["contest-needle", "--engine", "bullmq", "--workers", "2"],
      "--workers: does not apply to --engine bullmq",
    ],
  ])("refuses %j before any work", async (args, message) => {
    const { code, err } = await run("study", ...args, "--out", folder, "--runs", join(folder, "studies"));
    expect(code).toBe(2);
    expect(err).toContain(message);
  });

  it("--partial writes what is finished, here nothing, and computes nothing", async () => {
    const out = join(folder, "partial");
    const args = ["paper", "--partial", "--runs", join(folder, "none"), "--out", out, "--json"];
    const result = await run("study", ...args);
    expect(JSON.parse(result.out)).toEqual({ files: [join(out, "paper.json")] });
    const parts = JSON.parse(readFileSync(join(out, "paper.json"), "utf8"));
    for (const { complete, rows } of parts) expect({ complete, rows }).toEqual({ complete: false, rows: [] });
    expect(parts.every(({ left }: { left: { runs: number; of: number } }) => left.runs === left.of)).toBe(
      true,
    );
  });

  it("answers an unknown name with the known ones", async () => {
    const { code, err } = await run("study", "haystack");
    expect(code).toBe(2);
    const names = "needle, two-doors, corridor, convergence, frontier, jumps";
    expect(err).toContain(`study: "haystack" is unknown. Use one of ${names}`);
  });
});
