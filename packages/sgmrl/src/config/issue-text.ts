import type { z } from "zod";
import { didYouMean } from "../wording.ts";
import { fields } from "./fields.ts";
import { at } from "./tree.ts";

/** One line on what a schema refuses: the field, what is allowed there, what was given. */
export function issueText(issue: z.core.$ZodIssue, given: unknown, nameOf: (path: string) => string): string {
  const path = issue.path.join(".");
  const name = nameOf(path);
  const got = path === "" ? given : at(given, path);
  if (issue.code === "unrecognized_keys") {
    const known = namesBelow(path);
    return issue.keys
      .map((key) => `${name}: there is no field "${key}" here.${didYouMean(key, known)}`)
      .join("\n");
  }
  const hint =
    issue.code === "invalid_value" && typeof got === "string"
      ? didYouMean(got, issue.values.map(String))
      : "";
  return `${name}: ${issue.message}; got ${JSON.stringify(got) ?? "nothing"}.${hint}`;
}

/** Names of fields below a path: those that lead to one with a flag. */
function namesBelow(path: string): string[] {
  const prefix = path === "" ? "" : `${path}.`;
  const names = fields
    .filter((field) => field.path.startsWith(prefix))
    .map((field) => field.path.slice(prefix.length).split(".")[0]!);
  return [...new Set(names)];
}
