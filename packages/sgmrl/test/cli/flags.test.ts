// Flags given twice, and numbers at the edges of what a double holds: refused by name, or a run whose numbers are finite.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runCommandLine } from "../../src/cli/program.ts";
import { options } from "../../src/config/options.ts";
import { emptyFolder } from "../support/runs.ts";

async function sgmrl(...args: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCommandLine(args, { out: (text) => out.push(text), err: (text) => err.push(text) });
  return { code, out: out.join("\n"), err: err.join("\n") };
}

const commands = [...(await sgmrl("--help")).out.matchAll(/^ {2}([a-z]+)[ |]/gm)]
  .map(([, name]) => name!)
  .filter((name) => name !== "help");

describe("a flag given twice", () => {
  it("is tried on every command", () => expect(commands.length).toBeGreaterThan(13));

  /** A value of every kind there is. */
  const values = ["2", "file.html", "file.svg", "threads", "csv", "1,2,3"];

  it.each(commands)("is refused by %s, whichever it is", async (command) => {
    const help = (await sgmrl(command, "--help")).out;
    const flags = [...help.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)( <)?/gm)].map(([, flag, valued]) => ({
      flag: flag!,
      valued: valued !== undefined,
    }));
    expect(flags.length).toBeGreaterThan(1);
    for (const { flag, valued } of flags) {
      if (flag === "--help" || flag === "--module") continue; // a worker may have several modules
      const refusals: string[] = [];
      for (const value of valued ? values : [""]) {
        const words = valued ? [flag, value, `${flag}=${value}`] : [flag, flag];
        const { code, err } = await sgmrl(command, ...words);
        expect(code, words.join(" ")).toBe(2);
        refusals.push(err);
      }
      expect(refusals.join("\n")).toMatch(
        new RegExp(`option '${flag}[ <>\\p{L}A-Z0-9,.|-]*' is given twice`, "u"),
      );
    }
  });

  it("is taken where it may be: modules of a worker", async () => {
    const { err } = await sgmrl("worker", "--module", "a.ts", "--module", "b.ts", "--broker", "nowhere://");
    expect(err).not.toContain("twice");
  });
});

describe("a number at the edge of what a double holds", () => {
  const training =
    "train --preset quick --iterations 2 --tasks 2 --evaluate-tasks 2 --final-tasks 2 --inner-trajectories 3 --outer-trajectories 3 --horizon 5 --workers 0 --no-report";
  const edges = ["5e-324", "1e-160", "1e-30", "1e30", "1e154", "1.7976931348623157e308", "-5e-324", "1e400"];
  const numeric = options.filter(
    ({ type }) => typeof type === "string" && type !== "text" && type !== "path",
  );

  it.each(numeric.map(({ flag }) => flag))("given by %s", async (flag) => {
    const damped = /clip|damping|contact/.test(flag) ? ["--estimator", "reparameterised-damped"] : [];
    for (const value of edges) {
      const root = join(emptyFolder(), "run");
      const words = training.split(" ");
      const at = words.indexOf(flag);
      if (at !== -1) words.splice(at, 2);
      const { code, err } = await sgmrl(...words, ...damped, `${flag}=${value}`, "--out", root);
      if (code === 2) {
        expect(err, value).toContain(flag);
        expect(existsSync(root), value).toBe(false);
        continue;
      }
      const journals = ["metrics", "evaluations"].map((name) =>
        readFileSync(join(root, `${name}.jsonl`), "utf8"),
      );
      expect(journals.join(""), `${value}: ${err}`).not.toMatch(/null|NaN|Infinity/);
      // Steps that are too long are the one thing that "smaller steps" mend.
      if (code !== 0) {
        expect(["--step-size", "--learning-rate"], `${value}: ${err}`).toContain(flag);
        expect(err).toContain("Smaller steps usually mend this");
      }
    }
  });
});

it("a number that a command cannot use is refused by the name of its flag", async () => {
  const { code, err } = await sgmrl("evaluate", emptyFolder(), "--steps", "0");
  expect(err).toContain("'--steps <K>' argument '0' is invalid. Expected a whole number of at least 1.");
  expect(code).toBe(2);
});
