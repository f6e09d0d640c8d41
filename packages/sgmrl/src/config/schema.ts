/** The table of settings as a schema: defines a valid config, and the messages for an invalid one. */
import { z } from "zod";
import { asObject, builtIn } from "../meta-gradient/parts.ts";
import { type Experiment, type RunConfig, type SettingTypes, settings } from "../settings.ts";
import { counted, didYouMean, excerpt } from "../wording.ts";
import { isGroup, type SettingEntry, type SettingGroup } from "./options.ts";
import { at } from "./tree.ts";

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

/** What the schema expects, in the words of other messages; nothing where it has a message of its own. */
export function expectation(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      return `expected ${typeof issue.input === "number" && issue.expected === "number" ? "a finite number" : (nouns[issue.expected] ?? issue.expected)}`;
    case "too_small":
      return `expected ${bounded(issue.origin, issue.inclusive ? "at least" : "above", issue.minimum)}`;
    case "too_big":
      return `expected ${bounded(issue.origin, issue.inclusive ? "at most" : "below", issue.maximum)}`;
    case "invalid_value":
      return `expected ${listOf(issue.values)}`;
    case "invalid_union": // a choice between groups, by its discriminator
      return "options" in issue && Array.isArray(issue.options)
        ? `expected ${listOf(issue.options)}`
        : undefined;
    default:
      return undefined;
  }
}

/** `one of "adam", "sgd"` */
function listOf(values: readonly unknown[]): string {
  return `${values.length === 1 ? "" : "one of "}${values.map((value) => (typeof value === "string" ? `"${value}"` : String(value))).join(", ")}`;
}

const nouns: Readonly<Record<string, string>> = {
  int: "a whole number",
  number: "a number",
  string: "a string",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
};

function bounded(origin: string, relation: string, bound: number | bigint): string {
  if (origin === "array") return `${relation} ${counted(Number(bound), "entry", "entries")}`;
  if (origin === "string") return "a string that is not empty";
  return `${nouns[origin] ?? "a number"} ${relation === "at least" || relation === "at most" ? `of ${relation}` : relation} ${bound}`;
}

/** The errors of a schema, one line each, up to a limit. */
export function issuesText(
  issues: readonly z.core.$ZodIssue[],
  given: unknown,
  nameOf: (path: string) => string,
  fieldsBelow: (path: readonly PropertyKey[]) => readonly string[],
): string {
  return listed(issues, (issue) => issueText(issue, given, nameOf, fieldsBelow));
}

/** The fields that a schema allows below a path. */
export function fieldsOf(schema: unknown, path: readonly PropertyKey[]): readonly string[] {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodExactOptional ||
    schema instanceof z.ZodDefault
  )
    return fieldsOf(schema.unwrap(), path);
  const [first, ...rest] = path;
  if (schema instanceof z.ZodArray && first !== undefined) return fieldsOf(schema.element, rest);
  if (!(schema instanceof z.ZodObject)) return [];
  return first === undefined ? Object.keys(schema.shape) : fieldsOf(schema.shape[String(first)], rest);
}

/** One line for each of the first items, and the number of remaining ones. */
export function listed<T>(items: readonly T[], line: (item: T) => string, first: number = 20): string {
  const left = items.length - first;
  const lines = items.slice(0, first).map(line);
  return [...lines, ...(left > 0 ? [`and ${left} more.`] : [])].join("\n");
}

/** One line for an error of a schema: the field, the allowed values, the given value. */
function issueText(
  issue: z.core.$ZodIssue,
  given: unknown,
  nameOf: (path: string) => string,
  fieldsBelow: (path: readonly PropertyKey[]) => readonly string[],
): string {
  const path = issue.path.join(".");
  const name = nameOf(path);
  if (issue.code === "unrecognized_keys") {
    const known = fieldsBelow(issue.path);
    return listed(issue.keys, (key) => {
      const hint = known.includes(key) ? "" : didYouMean(excerpt(key), known);
      return `${name}: there is no field "${excerpt(key)}" here.${hint}`;
    });
  }
  const got = path === "" ? given : at(given, path);
  const allowed =
    issue.code === "invalid_value"
      ? issue.values
      : "options" in issue && Array.isArray(issue.options) // of a choice between groups, by its discriminator
        ? issue.options
        : [];
  const hint = typeof got === "string" ? didYouMean(got, allowed.map(String)) : "";
  // JSON has no NaN and no infinity.
  const shown = typeof got === "number" ? String(got) : (JSON.stringify(got) ?? "nothing");
  return `${name}: ${issue.message}; got ${excerpt(shown)}.${hint}`;
}
