import { options } from "../config/options.ts";
import { assembleConfig } from "../config/parse-config.ts";
import { defaultPreset, presets } from "../config/presets.ts";
import { at } from "../config/tree.ts";
import type { RunConfig } from "../settings.ts";
import { commandLine } from "../wording.ts";

/**
 * The command that trains with this config: every setting that has a flag is spelt out, so that another version's defaults
 * change nothing of it. Where flags cannot say it all, the run's config.json does.
 */
export function commandOf(config: RunConfig, directory: string): string {
  const flags: Record<string, string> = {};
  for (const { flag, path } of options) {
    const value = textAt(config, path);
    if (value !== undefined) flags[flag] = value;
  }
  const preset = [defaultPreset, ...Object.keys(presets)].find(
    // Not checked: a preset with these flags may be no valid config, and then it is not this one.
    (name) => canonical(assembleConfig({ preset: name, flags })) === canonical(config),
  );
  if (preset === undefined) return commandLine("train", "--config", `${directory}/config.json`);
  return commandLine("train", "--preset", preset, ...Object.entries(flags).flat());
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
