/** The errors of a schema, in the words of other messages. */
import { z } from "zod";
import { InputError } from "../errors.ts";
import { counted, didYouMean, excerpt } from "../wording.ts";

/**
 * The first thing that is wrong with a value, as in `dtype: expected one of "F64", "F32"; got "I64"`; "" if nothing is.
 * `nameOf` names a path below the value, "" the value itself.
 */
export function schemaProblem(schema: z.ZodType, value: unknown, nameOf: (path: string) => string): string {
  const [issue] = schema.safeParse(value, { error: expectation }).error?.issues ?? [];
  if (issue === undefined) return "";
  const got = issue.message.startsWith("expected") ? `; got ${shown(valueAt(value, issue.path))}` : "";
  return `${nameOf(issue.path.join("."))}: ${issue.message}${got}`;
}

/** The value, if it is of the schema. Errors  InputError with the first thing that is wrong; `what` names the value */
export function parsed<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const problem = schemaProblem(schema, value, (path) => (path === "" ? what : `${what}, ${path}`));
  if (problem !== "") throw new InputError(`${problem}.`);
  return value as T; // the schemas of files and messages transform nothing
}

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
    case "unrecognized_keys":
      return `there is no field ${issue.keys.map((key) => `"${excerpt(key)}"`).join(", ")} here`;
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
  const got = valueAt(given, issue.path);
  const allowed =
    issue.code === "invalid_value"
      ? issue.values
      : "options" in issue && Array.isArray(issue.options) // of a choice between groups, by its discriminator
        ? issue.options
        : [];
  const hint = typeof got === "string" ? didYouMean(got, allowed.map(String)) : "";
  return `${name}: ${issue.message}; got ${shown(got)}.${hint}`;
}

/** A value as a message quotes it; JSON has no NaN and no infinity. */
function shown(value: unknown): string {
  return excerpt(typeof value === "number" ? String(value) : (JSON.stringify(value) ?? "nothing"));
}

function valueAt(tree: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (node, field) => (node as Readonly<Record<PropertyKey, unknown>> | null | undefined)?.[field],
    tree,
  );
}
