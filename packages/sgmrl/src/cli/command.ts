import { type Command, InvalidArgumentError } from "commander";
import { didYouMean } from "../names.ts";
import { programName } from "../wording.ts";
import type { Terminal } from "./terminal.ts";

/** Gives a command its options and its action. `exit` sets the code that the process ends with. */
export type AddCommand = (command: Command, terminal: Terminal, exit: (code: number) => void) => void;

export function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ ${programName} ${line}`).join("\n")}\n`;
}

/** The parser of an option or an argument that is a path. */
export function filePath(text: string): string {
  if (text.trim() === "") throw new InvalidArgumentError("Expected a path; it is empty.");
  // What Node makes of bytes that are not UTF-8: it would be another file.
  if (text.includes("\ufffd")) throw new InvalidArgumentError("Expected a path in UTF-8.");
  return text;
}

/** The parser of an option that is a file to be written, so that a slip does not write over a file of another kind. */
export function fileEnding(ending: string): (text: string) => string {
  return (text) => {
    if (filePath(text).toLowerCase().endsWith(ending)) return text;
    throw new InvalidArgumentError(`Expected a file that ends in ${ending}.`);
  };
}

/** The parser of an option that is one of a few names. */
export function oneOf(names: readonly string[]): (text: string) => string {
  return (text) => {
    if (names.includes(text)) return text;
    throw new InvalidArgumentError(`Expected ${names.join(" or ")}.${didYouMean(text, names)}`);
  };
}

/** The parser of an argument that is several paths. */
export function filePaths(text: string, before: readonly string[] = []): string[] {
  return [...before, filePath(text)];
}

/** The parser of an option that is a whole number within bounds. */
export function wholeNumber(least: number, most: number = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
    throw new InvalidArgumentError(`Expected a whole number ${range}.`);
  };
}
