/** `train --beside`: a second run that differs in its estimator alone, and one report for both. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runCommandLine } from "../../src/cli/program.ts";
import { emptyFolder } from "../support/runs.ts";

const short = [
  "--preset",
  "needle",
  "--iterations",
  "2",
  "--tasks",
  "2",
  "--final-tasks",
  "4",
  "--workers",
  "0",
];

async function train(...flags: readonly string[]) {
  const out = join(emptyFolder(), "run");
  const err: string[] = [];
  const terminal = { out: () => {}, err: (text: string) => void err.push(text) };
  const code = await runCommandLine(["train", ...short, "--out", out, ...flags], terminal);
  const config = (of: string) => JSON.parse(readFileSync(join(of, "config.json"), "utf8"));
  return { code, out, err: err.join("\n"), config };
}

describe("train --beside", () => {
  it("trains the same with another estimator, and reports on both", async () => {
    const { code, out, config } = await train(
      "--beside",
      "maml",
      "--estimator",
      "sgmrl",
      "--score-coefficient",
      "0.5",
    );
    expect(code).toBe(0);
    const [own, other] = [config(out), config(`${out}-beside-maml`)];
    expect(own.experiment.estimator).toEqual({ name: "sgmrl", scoreCoefficient: 0.5 });
    expect(other).toEqual({ ...own, experiment: { ...own.experiment, estimator: { name: "maml" } } });
    const page = readFileSync(join(out, "report.html"), "utf8");
    expect(page).toContain("2 settings compared");
    expect(page).toContain("same seed, tasks and number of iterations");
    const curves = readFileSync(join(out, "figures", "learning-curve.svg"), "utf8");
    for (const name of ["sgmrl", "maml"]) expect(curves).toContain(`>${name}`);
    expect(existsSync(join(`${out}-beside-maml`, "report.html"))).toBe(false);
  });

  it("says that there is nothing to compare with where the estimator is the same", async () => {
    const { code, out, err } = await train("--beside", "maml", "--estimator", "maml");
    expect(code).toBe(0);
    expect(err).toContain("note: --beside maml: the run uses this estimator itself");
    expect(existsSync(`${out}-beside-maml`)).toBe(false);
  });

  it.each([
    ["mamml", /--beside mamml: config.experiment.estimator.name.*Did you mean "maml"/],
    ["reparameterised", /--beside reparameterised: .*the actions of needle-bandit are discrete/],
  ])("refuses %s before anything is trained", async (name, message) => {
    const { code, out, err } = await train("--beside", name);
    expect(code).toBe(2);
    expect(err).toMatch(message);
    expect(existsSync(out)).toBe(false);
  });
});
