import { describe, expect, expectTypeOf, it } from "vitest";
import { allSettings, options, sectionOf } from "../../src/config/options.ts";
import { assembleConfig, checkConfig, parseConfig } from "../../src/config/parse-config.ts";
import { defaultPreset, presets } from "../../src/config/presets.ts";
import { at, merge, nested, type Tree } from "../../src/config/tree.ts";
import type { OptimizerSettings, RunConfig, SettingTypes } from "../../src/settings.ts";

/** A value that is allowed and one that is not, for each type. */
const samples: { readonly [Type in keyof SettingTypes]: readonly [SettingTypes[Type], unknown] } = {
  text: ["x", 3],
  path: ["runs/a", ""],
  natural: [0, -1],
  count: [1, 0],
  several: [2, 1],
  positive: [1e-9, 0],
  deviation: [1e-6, 1e-7],
  fraction: [1, 1.1],
  decay: [0, 1],
  "fraction or auto": ["auto", "often"],
  counts: [[8, 4], [0]],
  sha256: ["0".repeat(64), "0".repeat(63)],
  versions: [{}, { "./a.ts": "1" }],
};

/** What is said of a config with this change, of a run with the optimizer that has it. */
function refusal(path: string, change: object): string {
  const base = parseConfig({ flags: path === "optimizer.momentum" ? { "--optimizer": "sgd" } : {} });
  const start = { run: "a", iteration: 0, sha256: "0".repeat(64) };
  try {
    checkConfig(merge(path.startsWith("start.") ? { ...base, start } : { ...base }, change as Tree));
  } catch (error) {
    return (error as Error).message;
  }
  return "";
}

describe("the table of settings", () => {
  it("is the type of a config", () => {
    expectTypeOf<RunConfig["experiment"]["inner"]["convention"]>().toEqualTypeOf<"paper" | "timestep-mean">();
    expectTypeOf<RunConfig["experiment"]["estimator"]["scoreCoefficient"]>().toEqualTypeOf<
      number | "auto" | undefined
    >();
    expectTypeOf<OptimizerSettings["name"]>().toEqualTypeOf<"adam" | "sgd">();
    expectTypeOf<Extract<OptimizerSettings, { name: "sgd" }>["momentum"]>().toEqualTypeOf<number>();
    // @ts-expect-error  Required settings cannot be left out.
    const incomplete: RunConfig = { version: 1, seed: 0 };
    expect(() => checkConfig(incomplete)).toThrow("config.experiment: ");
  });

  it.each(allSettings.map(({ path, type }) => [path, type] as const))("checks %s", (path, type) => {
    const [good, bad] = typeof type === "string" ? samples[type] : [type[0], "none of these"];
    const fault = (value: unknown): string => refusal(path, nested(path, value));
    expect(fault(bad)).toContain(path === "version" ? "config: version" : `config.${path}`);
    if (type !== "text") expect(fault(good)).not.toContain(`config.${path}`); // names have a registry beside them
  });

  it("gives every flag one meaning, and reads what it wrote", () => {
    expect(new Set(options.map(({ flag }) => flag)).size).toBe(options.length);
    expect(new Set(allSettings.map(({ path }) => path)).size).toBe(allSettings.length);
    for (const { path, flag } of options) {
      const value = at(presets[defaultPreset], path);
      if (value === undefined) continue;
      const text = Array.isArray(value) ? value.join(",") : String(value);
      expect(at(assembleConfig({ flags: { [flag]: text } }), path), flag).toEqual(value);
    }
  });

  it("is what misspelt names are compared with, settings without a flag too", () => {
    for (const { path } of allSettings) {
      const name = path.split(".").at(-1)!;
      const misspelt = nested(path.replace(/[^.]+$/, `${name}z`), 1);
      expect(refusal(path, misspelt), path).toMatch(
        new RegExp(`there is no field "${name}z" here\\. Did you mean .*"${name}"`),
      );
    }
  });

  it("is docs/settings.md: if this fails, read the difference and run it once more with --update", async () => {
    await expect(page()).toMatchFileSnapshot("../../../../docs/settings.md");
  });
});

const words: Readonly<Record<keyof SettingTypes, string>> = {
  text: "text",
  path: "text, not empty",
  natural: "whole number ≥ 0",
  count: "whole number ≥ 1",
  several: "whole number ≥ 2",
  positive: "number > 0",
  deviation: "number, 10⁻⁶ to 10⁶",
  fraction: "number in [0, 1]",
  decay: "number in [0, 1)",
  "fraction or auto": "number in [0, 1], or `auto`",
  counts: "whole numbers ≥ 1",
  sha256: "64 hexadecimal digits",
  versions: "names → hashes",
};

function page(): string {
  const titles = [...new Set(allSettings.map(({ path }) => sectionOf(path)))];
  const tables = titles.map((title) => {
    const settings = allSettings.filter(({ path }) => sectionOf(path) === title);
    const rows = settings.map(({ path, usage, type, help, optional }) => {
      const value = at(presets[defaultPreset], path);
      const given =
        value === undefined
          ? optional
            ? "none"
            : ""
          : `\`${Array.isArray(value) ? value.join(",") : value}\``;
      const allowed =
        typeof type === "string" ? words[type] : type.map((choice) => `\`${choice}\``).join(", ");
      return `| \`${path}\` | ${usage === undefined ? "" : `\`${usage}\``} | ${allowed} | ${help} | ${given} |`;
    });
    return [
      `## ${title}`,
      "",
      "| setting | flag | type | meaning | quick |",
      "| --- | --- | --- | --- | --- |",
      ...rows,
    ];
  });
  return [
    "# Settings",
    "",
    "Every setting of a run: its place in `config.json`, its flag, what it may be, what it means, and its value in the",
    "preset `quick`. The page is written from the table in `packages/sgmrl/src/settings.ts`, as are the types, the check of a",
    "config, the flags and `sgmrl train --help`. [Runs](runs.md) tells how presets, files and flags combine.",
    ...tables.flatMap((lines) => ["", ...lines]),
    "",
  ].join("\n");
}
