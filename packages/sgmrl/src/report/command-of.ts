import { fields } from "../config/fields.ts";
import { parseConfig } from "../config/parse-config.ts";
import { defaultPreset, presets } from "../config/presets.ts";
import type { RunConfig } from "../config/run-config.ts";
import { at } from "../config/tree.ts";

/** The shortest `sgmrl train` that gives this config: from the preset and flags, or from its config.json. */
export function commandOf(config: RunConfig): string {
  const commands = Object.keys(presets)
    .map((preset) => withFlags(config, preset))
    .filter((command) => command !== undefined)
    .sort((a, b) => a.length - b.length);
  return commands[0] ?? "sgmrl train --config config.json";
}

/** The flags that turn a preset into the config, if flags can. */
function withFlags(config: RunConfig, preset: string): string | undefined {
  const base = parseConfig({ preset });
  const flags: Record<string, string> = {};
  for (const { flag, path } of fields) {
    const value = textAt(config, path);
    if (value !== undefined && value !== textAt(base, path)) flags[flag] = value;
  }
  if (canonical(parseConfig({ preset, flags })) !== canonical(config)) return undefined;
  const words = Object.entries(flags).map(([flag, value]) => ` ${flag} ${value}`);
  return `sgmrl train${preset === defaultPreset ? "" : ` --preset ${preset}`}${words.join("")}`;
}

function textAt(config: RunConfig, path: string): string | undefined {
  const value = at(config, path);
  if (value === undefined) return undefined;
  return Array.isArray(value) ? value.join(",") || "none" : String(value);
}

/** JSON with its fields in alphabetical order. */
function canonical(config: RunConfig): string {
  return JSON.stringify(config, (_, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}
