import type { z } from "zod";
import { at } from "./tree.ts";

/** One line on what a schema refuses: the field, what is allowed there, what was given. */
export function issueText(issue: z.core.$ZodIssue, given: unknown, nameOf: (path: string) => string): string {
  const path = issue.path.join(".");
  const name = nameOf(path);
  if (issue.code === "unrecognized_keys")
    return `${name}: there is no field ${issue.keys.map((key) => `"${key}"`).join(", ")} here.`;
  const got = path === "" ? given : at(given, path);
  return `${name}: ${issue.message}; got ${JSON.stringify(got) ?? "nothing"}.`;
}
