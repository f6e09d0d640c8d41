/** Files that somebody else may have written: read within bounds, and refused by name. */
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { fileProblem, InputError } from "./errors.ts";

const MiB = 2 ** 20;

/** Bytes that a file of each kind may have. */
export const limits: Readonly<Record<"settings" | "problem" | "journal" | "arrays", number>> = {
  settings: MiB,
  problem: 16 * MiB,
  journal: 500 * MiB, // no text of JavaScript is longer than 512
  arrays: 2047 * MiB,
};

/** Objects and lists inside one another that JSON may have. */
const deepest = 100;

/**
 * The content of a regular file of at most `limit` bytes. Pipes, devices and directories are refused, not waited for.
 * `name` is what errors call it; its path by default.
 */
export function readFile(path: string, limit: number, name: string = path): Buffer {
  const refuse = (problem: string): never => {
    throw new InputError(`${name}: ${problem}.`);
  };
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)); // a pipe without a writer would wait
  } catch (error) {
    return refuse(fileProblem(error));
  }
  try {
    const status = fstatSync(file);
    if (!status.isFile()) refuse("not a regular file");
    if (status.size > limit)
      refuse(`it has ${status.size} bytes; expected ${limit} at most. Is it the right file?`);
    const bytes = Buffer.alloc(status.size);
    let length = 0;
    for (let read = 1; read > 0 && length < bytes.length; length += read)
      read = readSync(file, bytes, length, bytes.length - length, length);
    return bytes.subarray(0, length);
  } catch (error) {
    if (error instanceof InputError) throw error;
    return refuse(fileProblem(error));
  } finally {
    closeSync(file);
  }
}

/** The same as text; bytes that are not UTF-8 are refused. */
export function readText(path: string, limit: number, name: string = path): string {
  const bytes = readFile(path, limit, name);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes); // without the mark of editors on Windows
  } catch {
    throw new InputError(`${name}: not text: its bytes are not UTF-8.`);
  }
}

/** What JSON text stands for. `name` is what errors call it. */
export function parseJson(text: string, name: string): unknown {
  let value: unknown;
  // Before it is parsed: eight million brackets become a gigabyte of lists.
  if (depth(text) > deepest)
    throw new InputError(`${name}: objects and lists nested more than ${deepest} deep; expected fewer.`);
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new InputError(`${name}: not JSON: ${error instanceof Error ? error.message : error}.`);
  }
  const problem = structureProblem(value);
  if (problem !== undefined) throw new InputError(`${name}: ${problem}.`);
  return value;
}

/** How deep the brackets of JSON text go, those within strings left out; more than `deepest` is not counted to its end. */
function depth(text: string): number {
  let open = 0;
  let most = 0;
  let quoted = false;
  for (let i = 0; i < text.length && most <= deepest; i++) {
    const c = text.charCodeAt(i);
    if (quoted) {
      if (c === 0x5c)
        i++; // a backslash, and what it escapes
      else if (c === 0x22) quoted = false;
    } else if (c === 0x22) quoted = true;
    else if (c === 0x5b || c === 0x7b) most = Math.max(most, ++open);
    else if (c === 0x5d || c === 0x7d) open--;
  }
  return most;
}

/** What no file of ours has, and what code that reads it need not think of. */
function structureProblem(value: unknown): string | undefined {
  const waiting = [value];
  for (let item = waiting.pop(); item !== undefined; item = waiting.pop()) {
    if (typeof item !== "object" || item === null) continue;
    if (Object.hasOwn(item, "__proto__")) return 'an object has the key "__proto__", which is refused';
    for (const member of Object.values(item)) if (typeof member === "object") waiting.push(member);
  }
  return undefined;
}

/** The content of a JSON file that the command line names; `what` is how, such as "--spec". */
export function readJson(path: string, what: string, limit: number = limits.settings): unknown {
  const name = `${what} ${path}`;
  return parseJson(readText(path, limit, name), name);
}
