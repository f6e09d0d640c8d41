import { type Command, InvalidArgumentError } from "commander";
import { programName } from "../wording.ts";
import type { Terminal } from "./terminal.ts";

/** Adds one command to the program. `exit` sets the code that the process ends with. */
export type AddCommand = (program: Command, terminal: Terminal, exit: (code: number) => void) => void;

export function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ ${programName} ${line}`).join("\n")}\n`;
}

/** The parser of an option or an argument that is a path. */
export function filePath(text: string): string {
  if (text.trim() === "") throw new InvalidArgumentError("Expected a path; it is empty.");
  return text;
}

/** The parser of an argument that is several paths. */
export function filePaths(text: string, before: readonly string[] = []): string[] {
  return [...before, filePath(text)];
}

/** The parser of an option that is a whole number of at least `least`. */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && Number.isSafeInteger(value)) return value;
    throw new InvalidArgumentError(`Expected a whole number of at least ${least}.`);
  };
}
