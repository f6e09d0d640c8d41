// Specs that would hang, overflow or lose something are refused by name, within a second.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runCommandLine } from "../../src/cli/program.ts";
import { emptyFolder } from "../support/runs.ts";

const file = join(emptyFolder(), "spec.json");
const mdp = { initial: [1], transitions: [[[1], [1]]], rewards: [[1, 0]], horizon: 1, discount: 1 };
const spec = {
  mdp,
  theta: [[0, 0]],
  inner: { stepSize: 1, steps: 1, trajectories: 2 },
  outerTrajectories: 1,
};

async function sgmrl(...args: string[]) {
  const lines: string[] = [];
  const errors: string[] = [];
  const code = await runCommandLine(args, {
    out: (text) => lines.push(text),
    err: (text) => errors.push(text),
  });
  return { code, out: lines.join("\n"), err: errors.join("\n") };
}

describe.each(["audit", "theory"])("sgmrl %s refuses", (command) => {
  it.each<[string, object, RegExp]>([
    [
      "a horizon of 10⁹",
      { mdp: { ...mdp, horizon: 1e9 } },
      /spec\.mdp\.horizon: expected a number of at most/,
    ],
    [
      "an estimator twice",
      { estimators: ["maml", "sgmrl", "maml"] },
      /spec\.estimators: expected each estimator once/,
    ],
    [
      "more groups than trajectories",
      { groups: 3 },
      /spec\.groups: 2 trajectories cannot form 3 groups \(inner\.trajectories\)/,
    ],
    ["10⁶ steps", { inner: { ...spec.inner, steps: 1e6 } }, /inner\.steps: expected a number of at most/],
    [
      "10⁹ trajectories",
      { inner: { ...spec.inner, trajectories: 1e9 } },
      /trajectories: expected a number of at most/,
    ],
    ["10⁹ outer trajectories", { outerTrajectories: 1e9 }, /outerTrajectories: expected a number of at most/],
    [
      "rewards that overflow",
      { mdp: { ...mdp, rewards: [[1e308, -1e308]], horizon: 3 } },
      /is not a finite number/,
    ],
    [
      "weights whose sum overflows",
      { mdp: undefined, tasks: [mdp, mdp].map((mdp) => ({ weight: 1.7e308, mdp })) },
      /the sum of the tasks' weights must be a finite number/,
    ],
  ])("%s", async (_, change, message) => {
    writeFileSync(file, JSON.stringify({ ...spec, ...change }));
    const { code, out, err } = await sgmrl(command, "--spec", file, "--json");
    expect(err).toMatch(message);
    expect(out).toBe("");
    expect(code).toBe(2);
  });

  it("a key __proto__, wherever it stands", async () => {
    for (const text of [
      JSON.stringify(spec).replace("{", '{"__proto__":{"mdp":1},'),
      JSON.stringify(spec).replace('"initial"', '"__proto__":1,"initial"'),
    ]) {
      writeFileSync(file, text);
      const { code, err } = await sgmrl(command, "--spec", file);
      expect(err).toContain('an object has the key "__proto__"');
      expect(code).toBe(2);
    }
  });
});

it("sgmrl audit refuses logits that overflow, and samples without end", async () => {
  writeFileSync(file, JSON.stringify({ ...spec, theta: [[1e308, -1e308]] }));
  expect((await sgmrl("audit", "--spec", file, "--json")).err).toContain(
    "audit.objective is not a finite number",
  );
  writeFileSync(file, JSON.stringify({ ...spec, mdp: { ...mdp, horizon: 40 } }));
  expect((await sgmrl("audit", "--spec", file, "--samples", "1000000000")).err).toMatch(
    /1\.2e\+11 steps to draw/,
  );
});
