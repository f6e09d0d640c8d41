import { significant } from "../render/decimals.ts";
import type { Environment } from "./environment.ts";
import { EnvironmentError } from "./errors.ts";
import { shown } from "./shown.ts";

/**
 * What a task asks for, as its environment words it; without a wording, its fields as data, "mark 0.5".
 *
 * Errors  `EnvironmentError` for a wording that is no text; what `inWords` throws is passed on
 */
export function taskInWords(environment: Pick<Environment, "name" | "inWords">, task: unknown): string {
  if (environment.inWords === undefined) return asData(task);
  const words: unknown = environment.inWords(task);
  if (typeof words === "string") return words;
  throw new EnvironmentError(environment.name, "inWords(task)", words, "a text");
}

function asData(task: unknown): string {
  if (typeof task !== "object" || task === null || Array.isArray(task)) return shown(task, significant);
  return Object.entries(task)
    .map(([field, value]) => `${field} ${shown(value, significant)}`)
    .join("; ");
}
