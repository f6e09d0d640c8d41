import { options } from "../config/options.ts";
import { assembleConfig } from "../config/parse-config.ts";
import { defaultPreset, presets } from "../config/presets.ts";
import { at } from "../config/tree.ts";
import type { RunConfig } from "../settings.ts";
import { commandLine } from "../wording.ts";

/** The shortest command that trains with this config: a preset and flags, or else its config.json. */
export function commandOf(config: RunConfig): string {
  const commands = Object.keys(presets)
    .map((preset) => withFlags(config, preset))
    .filter((command) => command !== undefined)
    .sort((a, b) => a.length - b.length);
  return commands[0] ?? commandLine("train", "--config", "config.json");
}

/** The flags that turn a preset into the config, if flags can. */
function withFlags(config: RunConfig, preset: string): string | undefined {
  const { environment } = config.experiment;
  const alone = assembleConfig({ preset });
  const base = assembleConfig({ preset, file: { experiment: { environment } } }); // what follows from it needs no flag
  const flags: Record<string, string> = {};
  for (const { flag, path } of options) {
    const value = textAt(config, path);
    const without = path === "experiment.environment" ? alone : base;
    if (value !== undefined && value !== textAt(without, path)) flags[flag] = value;
  }
  // Not checked: this preset with these flags may be no valid config, and then it is not this one.
  if (canonical(assembleConfig({ preset, flags })) !== canonical(config)) return undefined;
  const chosen = preset === defaultPreset ? [] : ["--preset", preset];
  return commandLine("train", ...chosen, ...Object.entries(flags).flat());
}

function textAt(config: unknown, path: string): string | undefined {
  const value = at(config, path);
  if (value === undefined) return undefined;
  return Array.isArray(value) ? value.join(",") || "none" : String(value);
}

/** JSON with its fields in alphabetical order. */
function canonical(config: unknown): string {
  return JSON.stringify(config, (_, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}
