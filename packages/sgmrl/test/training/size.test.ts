// What a slip of the keyboard asks for is refused before it is allocated, and what fits is not.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { runCommandLine } from "../../src/cli/program.ts";
import { parseConfig } from "../../src/config/parse-config.ts";
import { presets } from "../../src/config/presets.ts";
import { unitFor } from "../../src/execution/local-unit.ts";
import { memoryParts, refuseTooLarge } from "../../src/training/size.ts";
import { emptyFolder } from "../support/runs.ts";

describe("a run that would not fit into memory", () => {
  it.each([
    ["--hidden 1000000000", /--hidden/],
    ["--hidden 100000,100000", /--hidden/],
    ["--horizon 1000000000", /--horizon/],
    ["--inner-trajectories 1e12", /--inner-trajectories/],
    ["--outer-trajectories 1e12", /--outer-trajectories/],
    ["--inner-steps 1e12", /--inner-steps/],
    ["--evaluate-steps 1e12", /--evaluate-steps/],
    ["--tasks 1e12", /--tasks/],
    ["--evaluate-tasks 1e12", /--evaluate-tasks/],
    ["--final-tasks 1e12", /--final-tasks/],
    ["--workers 1000000", /--workers/],
  ])("is refused with the flag to lower: %s", async (flags, named) => {
    const before = process.memoryUsage().rss;
    const err: string[] = [];
    const terminal = { out: () => {}, err: (text: string) => void err.push(text) };
    const out = ["--out", join(emptyFolder(), "run")];
    expect(await runCommandLine(["train", ...flags.split(" "), ...out], terminal)).toBe(2);
    expect(err.join("\n")).toMatch(/would take about [\d.e+]+ [GTP]B of memory.*available here/);
    expect(err.join("\n")).toMatch(named);
    expect(process.memoryUsage().rss - before).toBeLessThan(300e6);
  });

  it("does not include any preset on a machine with 4 GB and two cores", () => {
    for (const preset of Object.keys(presets)) {
      const config = parseConfig({ preset });
      expect(() => refuseTooLarge(config, unitFor(config.experiment), 2, 4e9)).not.toThrow();
    }
  });
});

it.each([
  ["jackknife-per-decision", "40"],
  ["sgmrl", "200"],
])("estimates what a unit of %s takes within a factor of 3", (estimator, trajectories) => {
  const flags = {
    "--estimator": estimator,
    "--horizon": "100",
    "--inner-trajectories": trajectories,
    "--outer-trajectories": trajectories,
    "--hidden": "64,64",
    "--precision": "float64",
  };
  const script = fileURLToPath(new URL("../support/unit-memory.ts", import.meta.url));
  const printed = execFileSync(process.execPath, [
    "--conditions=sgmrl-source",
    script,
    JSON.stringify(flags),
  ]);
  const measured = Number(printed.toString());
  const config = parseConfig({ flags });
  const estimate = memoryParts(config, unitFor(config.experiment), 0)
    .filter(({ what }) => what !== "the keys of tasks")
    .reduce((sum, { bytes }) => sum + bytes, 0);
  expect(estimate / measured).toBeGreaterThan(1 / 3);
  expect(estimate / measured).toBeLessThan(3);
});
