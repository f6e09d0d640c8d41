/** The table of settings as a schema: what a valid config is. */
import { z } from "zod";
import { asObject, builtIn } from "../meta-gradient/parts.ts";
import { type Experiment, type RunConfig, type SettingTypes, settings } from "../settings.ts";
import { isGroup, type SettingEntry, type SettingGroup } from "./options.ts";

/** Compiling the program of a deeper policy takes minutes. */
const mostLayers = 32;
const count = z.int().min(1);
const fraction = z.number().min(0).max(1);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "expected 64 hexadecimal digits");

const types: { readonly [Name in keyof SettingTypes]: z.ZodType<SettingTypes[Name]> } = {
  text: z.string(),
  path: z.string().min(1),
  natural: z.int().min(0),
  count,
  several: z.int().min(2),
  positive: z.number().positive(),
  deviation: z.number().min(1e-6).max(1e6),
  fraction,
  decay: z.number().min(0).lt(1),
  "fraction or auto": z.union([fraction, z.literal("auto")], {
    error: 'expected a number from 0 to 1, or "auto"',
  }),
  counts: z.array(count).max(mostLayers, `expected at most ${mostLayers} layers`),
  sha256,
  versions: z.record(z.string(), z.union([sha256, z.literal(asObject)])),
};

function schemaOf(entry: SettingEntry): z.ZodType {
  if (isGroup(entry)) return z.strictObject(shapeOf(entry));
  const { type, group = {}, either } = entry;
  if (type !== undefined) return typeof type === "string" ? types[type] : z.literal([...type]);
  if (either === undefined) return schemaOf(group);
  const cases = Object.entries(either).map(([name, own]) =>
    z.strictObject({ name: z.literal(name), ...shapeOf({ ...group, ...own }) }),
  );
  const [first, ...others] = cases;
  return z.discriminatedUnion("name", [first!, ...others]); // a choice has cases
}

function shapeOf(group: SettingGroup): Record<string, z.ZodType> {
  return Object.fromEntries(
    Object.entries(group).map(([name, entry]) => [
      name,
      isGroup(entry) || !entry.optional ? schemaOf(entry) : z.exactOptional(schemaOf(entry)),
    ]),
  );
}

/** Names must be registered or have a module. */
export const experimentSchema: z.ZodType<Experiment> = (
  schemaOf(settings.experiment) as z.ZodType<Experiment>
) // the type is read off the same table
  .check(({ value, issues }) => {
    const { environment, policy, estimator, modules = {} } = value;
    const names: readonly (readonly [keyof typeof builtIn, string, string[]])[] = [
      ["environment", environment, ["environment"]],
      ["policy", policy.kind, ["policy", "kind"]],
      ["estimator", estimator.name, ["estimator", "name"]],
    ];
    for (const [place, name, path] of names) {
      const known: readonly string[] = builtIn[place];
      if (known.includes(name) || Object.hasOwn(modules, name)) continue;
      issues.push({ code: "invalid_value", values: [...known], input: name, path });
    }
    for (const name of Object.keys(modules))
      if (!names.some(([, used]) => used === name))
        issues.push({
          code: "custom",
          message: "this experiment uses no part of that name",
          input: name,
          path: ["modules", name],
        });
  });

/** Unknown fields are refused, so that a misspelled one is not silently replaced by a default. */
export const runConfigSchema: z.ZodType<RunConfig> = z.strictObject({
  ...shapeOf(settings),
  experiment: experimentSchema,
}) as unknown as z.ZodType<RunConfig>; // as above
