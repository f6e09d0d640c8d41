import { options } from "../config/options.ts";
import { assembleConfig } from "../config/parse-config.ts";
import { defaultPreset, presets } from "../config/presets.ts";
import { at, leafText } from "../config/tree.ts";
import { InputError } from "../errors.ts";
import type { RunConfig } from "../settings.ts";
import { commandLine } from "../wording.ts";

/**
 * The command that trains with this config. Every setting that has a flag is spelled out, so that other
 * defaults in another version have no effect. If flags cannot express everything, the command uses the run's
 * config.json.
 */
export function commandOf(config: RunConfig, directory: string): string {
  const flags: Record<string, string> = {};
  for (const { flag, path } of options) {
    const value = at(config, path);
    if (value !== undefined) flags[flag] = leafText(value);
  }
  const preset = [defaultPreset, ...Object.keys(presets)].find(
    (name) => canonical(assembled(name, flags)) === canonical(config),
  );
  if (preset === undefined) return commandLine("train", "--config", `${directory}/config.json`);
  return commandLine("train", "--preset", preset, ...Object.entries(flags).flat());
}

/**
 * Unchecked: a preset with these flags may be invalid, and then it does not equal a run's config. Nothing if a module of the
 * user's own that they name cannot be read.
 */
function assembled(preset: string, flags: Readonly<Record<string, string>>): unknown {
  try {
    return assembleConfig({ preset, flags });
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

/** JSON with its fields in alphabetical order. */
function canonical(config: unknown): string {
  return JSON.stringify(config, (_, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}
