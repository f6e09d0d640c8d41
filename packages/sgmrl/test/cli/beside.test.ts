/** `train --beside`: a second run that differs in its estimator alone, and one report for both. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { runCommandLine } from "../../src/cli/program.ts";
import { emptyFolder, filesOf } from "../support/runs.ts";

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
  return { ...(await trainIn(out, flags)), out };
}

/** Presses Ctrl-C once a line with `stopAt` is on the screen. */
async function trainIn(out: string | undefined, flags: readonly string[], stopAt?: string) {
  const err: string[] = [];
  const terminal = {
    out: () => {},
    err: (text: string) => {
      err.push(text);
      if (stopAt !== undefined && text.includes(stopAt)) process.emit("SIGINT", "SIGINT");
    },
  };
  const code = await runCommandLine(
    ["train", ...short, ...(out === undefined ? [] : ["--out", out]), ...flags],
    terminal,
  );
  const config = (of: string) => JSON.parse(readFileSync(join(of, "config.json"), "utf8"));
  return { code, err: err.join("\n"), config };
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

  const pair = ["--beside", "maml", "--estimator", "sgmrl"];
  it.each([
    ["beside it", "maml: 2 iterations"],
    ["itself", "sgmrl: 2 iterations"],
  ])("goes on where the run %s was interrupted, by the same command", async (_, stopAt) => {
    const whole = await train(...pair);
    const out = join(emptyFolder(), "run");
    const stopped = await trainIn(out, pair, stopAt);
    expect(stopped.code).toBe(130);
    expect(stopped.err).toContain("Stopped after iteration 0. Run the same command again to continue.");
    const again = await trainIn(out, pair);
    expect(again.err).toContain(`note: this command was interrupted before; it goes on with ${out}`);
    expect(again.code).toBe(0);
    for (const end of ["", "-beside-maml"]) {
      const bytes = (root: string) => ({ ...filesOf(`${root}${end}`), "report.html": "" }); // it tells seconds
      expect(bytes(out)).toEqual(bytes(whole.out));
    }
    expect(readFileSync(join(out, "report.html"), "utf8")).toContain("2 settings compared");
    const finished = await trainIn(out, pair);
    expect(finished.err).toContain(`${out}: already holds a run`);
    expect(finished.code).toBe(2);
  });

  it("goes on in the directory that it chose itself, and chooses another once both runs are finished", async () => {
    const before = process.cwd();
    process.chdir(emptyFolder());
    try {
      const name = join("runs", "needle-bandit-sgmrl-0");
      const runs = () => readdirSync("runs").sort();
      const both = [basename(name), `${basename(name)}-beside-maml`];
      expect((await trainIn(undefined, pair, "maml: 2 iterations")).code).toBe(130);
      expect(runs()).toEqual(both.slice(1));
      expect((await trainIn(undefined, pair, "sgmrl: 2 iterations")).code).toBe(130);
      expect((await trainIn(undefined, pair)).code).toBe(0);
      expect(runs()).toEqual(both);
      expect((await trainIn(undefined, pair)).code).toBe(0);
      expect(runs()).toEqual([...both, `${both[0]}-2`, `${both[0]}-2-beside-maml`].sort());
    } finally {
      process.chdir(before);
    }
  });

  it.each(["", "-beside-maml"])(
    "is refused where OUT%s is taken, before anything is trained",
    async (end) => {
      const out = join(emptyFolder(), "run");
      await trainIn(`${out}${end}`, ["--no-report", "--estimator", "lvc"]);
      const { code, err } = await trainIn(out, pair);
      expect(err).toContain(`${out}${end}: already holds a run`);
      expect(code).toBe(2);
      expect(existsSync(end === "" ? `${out}-beside-maml` : out)).toBe(false);
    },
  );

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
