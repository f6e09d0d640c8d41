import { type Command, InvalidArgumentError } from "commander";
import { didYouMean, programName } from "../wording.ts";
import type { Terminal } from "./terminal.ts";

/** Adds options and an action to a command. `exit` sets the exit code of the process. */
export type AddCommand = (command: Command, terminal: Terminal, exit: (code: number) => void) => void;

export function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ ${programName} ${line}`).join("\n")}\n`;
}

/** Parses an option or argument that is a path. */
export function filePath(text: string): string {
  if (text.trim() === "") throw new InvalidArgumentError("Expected a path; it is empty.");
  // Node replaces invalid UTF-8 by U+FFFD, which would name another file.
  if (text.includes("\ufffd")) throw new InvalidArgumentError("Expected a path in UTF-8.");
  return text;
}

/**
 * Parses an option that names an output file; the required ending guards against overwriting another kind of
 * file.
 */
export function fileEnding(ending: string): (text: string) => string {
  return (text) => {
    if (filePath(text).toLowerCase().endsWith(ending)) return text;
    throw new InvalidArgumentError(`Expected a file that ends in ${ending}.`);
  };
}

/** Parses an option that is one of a few names. */
export function oneOf(names: readonly string[]): (text: string) => string {
  return (text) => {
    if (names.includes(text)) return text;
    throw new InvalidArgumentError(`Expected ${names.join(" or ")}.${didYouMean(text, names)}`);
  };
}

/** Parses an argument that is a list of paths. */
export function filePaths(text: string, before: readonly string[] = []): string[] {
  return [...before, filePath(text)];
}

/** Parses an option that is an integer within bounds. */
export function wholeNumber(
  least: number,
  most: number = Number.MAX_SAFE_INTEGER,
  otherwise: string = "",
): (text: string) => number {
  return (text) => {
    const value = text.trim() === "" ? Number.NaN : Number(text); // 1e6 as well as 1000000, as in the flags of settings
    if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
    const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
    throw new InvalidArgumentError(`Expected a whole number ${range}${otherwise}.`);
  };
}
