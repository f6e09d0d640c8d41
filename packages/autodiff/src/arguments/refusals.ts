/** Refuses arguments that would otherwise be silently ignored. */

import { TreeError } from "../errors.ts";

/** Refuses surplus arguments of a transform. */
export function refuseSurplus(op: string, surplus: readonly unknown[], usage: string): void {
  if (surplus.length === 0) return;
  throw new TreeError(op, `too many arguments, by ${surplus.length}`, `Write ${usage}.`);
}

/** Maximum number of arguments in one call; hosts allow hardly more. */
const mostArguments = 10_000;

export function refuseTooMany(op: string, count: number): void {
  if (count <= mostArguments) return;
  const problem = `a function may take ${mostArguments} arguments; got ${count}`;
  throw new TreeError(op, problem, "Pass them in one list.");
}

/**
 * Refuses more arguments than f takes, which it would ignore, if their number can be told. One argument is always
 * allowed: a function that does not depend on its argument has a derivative.
 */
export function refuseMoreThan(op: string, f: (...args: never[]) => unknown, count: number): void {
  refuseTooMany(op, count);
  if (count <= Math.max(1, f.length) || takesMore(f)) return;
  throw new TreeError(
    op,
    `the function takes at most ${f.length}; got ${count} arguments`,
    "Omit the others.",
  );
}

/** Whether f may take more arguments than its `length` says, judging by its parameters; true if that cannot be told. */
function takesMore(f: (...args: never[]) => unknown): boolean {
  const text = Function.prototype.toString.call(f);
  if (text.includes("[native code]") || /\barguments\b/.test(text)) return true;
  const parameters = parametersOf(text);
  return parameters === undefined || /\.\.\.|=/.test(parameters);
}

/** The text between the parentheses of a function's parameters; empty for `x => …`. */
function parametersOf(text: string): string | undefined {
  const start = text.indexOf("(");
  const arrow = text.indexOf("=>");
  if (arrow !== -1 && (start === -1 || arrow < start)) return "";
  let depth = 0;
  for (let i = start; i >= 0 && i < text.length; i++) {
    if ("([{".includes(text[i]!)) depth++;
    else if (")]}".includes(text[i]!) && --depth === 0) return text.slice(start, i);
  }
  return undefined;
}
