/** Options as records: their names, and what their values must be. */

import { DomainError, describe } from "./errors.ts";

/** What the value of an option must be, in words, and whether one is. An option left out, or undefined, has its default. */
export interface Expected {
  readonly words: string;
  readonly holds: (value: unknown) => boolean;
  /** Whether there is no default. */
  readonly required?: boolean;
}

/** True or false. */
export const flag: Expected = { words: "true or false", holds: (value) => typeof value === "boolean" };

/** A function. */
export const aFunction: Expected = { words: "a function", holds: (value) => typeof value === "function" };

/** Any value, for options that are checked where they are used. */
export const unchecked: Expected = { words: "any value", holds: () => true };

/** One of the given texts. */
export function oneOf(...texts: readonly string[]): Expected {
  return {
    words: texts.map((text) => JSON.stringify(text)).join(" or "),
    holds: (value) => texts.includes(value as string),
  };
}

/** Requires the options to be a record with known names only, and values as expected. */
export function optionsOf<T extends object>(
  op: string,
  options: T,
  known: { readonly [Name in keyof T]-?: Expected },
): T {
  const isRecord = typeof options === "object" && options !== null && !Array.isArray(options);
  const problem = isRecord ? problemOf(options, known) : `options must be a record; got ${describe(options)}`;
  if (problem === undefined) return options;
  throw new DomainError(op, problem, `The options are ${Object.keys(known).join(", ")}.`);
}

function problemOf(options: object, known: Readonly<Record<string, Expected>>): string | undefined {
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(known, name));
  if (unknown !== undefined) return `there is no option ${unknown}`;
  const given = options as Readonly<Record<string, unknown>>;
  for (const [name, { words, holds, required = false }] of Object.entries(known)) {
    const value = given[name];
    if (value === undefined ? required : !holds(value))
      return `${name} must be ${words}; got ${describe(value)}`;
  }
  return undefined;
}
