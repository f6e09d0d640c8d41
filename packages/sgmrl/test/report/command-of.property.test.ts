import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { options } from "../../src/config/options.ts";
import { type ConfigSources, parseConfig } from "../../src/config/parse-config.ts";
import { presets } from "../../src/config/presets.ts";
import { at } from "../../src/config/tree.ts";
import { commandOf } from "../../src/report/command-of.ts";
import type { RunConfig } from "../../src/settings.ts";
import { commandLine } from "../../src/wording.ts";

/** The config that a printed command gives. */
function run(command: string): unknown {
  const words = command.slice(commandLine("train").length + 1).split(" ");
  const pairs = Array.from({ length: Math.floor(words.length / 2) }, (_, i) => [
    words[2 * i]!,
    words[2 * i + 1]!,
  ]);
  const { "--preset": preset, ...flags } = Object.fromEntries(pairs);
  return parseConfig({ preset, flags });
}

function valid(sources: ConfigSources): RunConfig | undefined {
  try {
    return parseConfig(sources);
  } catch {
    return undefined; // flags that do not go together
  }
}

const flags = fc.record(
  {
    "--env": fc.constantFrom("navigation-2d", "needle-bandit", "corner-2d", "toy-1d", "ant-goal"),
    "--estimator": fc.constantFrom("maml", "sgmrl", "sgmrl-leave-one-out", "reparameterised"),
    "--score-coefficient": fc.constantFrom("0", "0.5", "1", "auto"),
    "--task-sampling": fc.constantFrom("independent", "lattice"),
    "--hidden": fc.constantFrom("none", "3", "8,4"),
    "--horizon": fc.integer({ min: 1, max: 50 }).map(String),
    "--step-size": fc.constantFrom("0.5", "1e-7"),
    "--seed": fc.nat().map(String),
    "--optimizer": fc.constantFrom("adam", "sgd"),
    "--learning-rate": fc.constantFrom("0.25", "0.001"),
  },
  { requiredKeys: [] },
);

describe("the command printed with a report", () => {
  it("gives the config of the run", () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(presets)), flags, (preset, flags) => {
        const config = valid({ preset, flags });
        fc.pre(config !== undefined);
        const command = commandOf(config, "runs/a");
        expect(run(command)).toEqual(config);
        for (const { flag, path } of options)
          expect(command.includes(` ${flag} `)).toBe(at(config, path) !== undefined);
      }),
    );
  });

  it("leads to config.json where no flag does", () => {
    const odd = parseConfig({ file: { optimizer: { name: "adam", beta1: 0.5 } } });
    expect(commandOf(odd, "runs/a")).toBe(commandLine("train", "--config", "runs/a/config.json"));
  });
});
