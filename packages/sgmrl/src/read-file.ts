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
      refuse(`it has ${status.size} bytes; expected at most ${limit}. Is it the right file?`);
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
    throw new InputError(`${name}: not a text file in UTF-8.`);
  }
}

/** What JSON text stands for. `name` is what errors call it. */
export function parseJson(text: string, name: string): unknown {
  let value: unknown;
  // Before it is parsed: eight million brackets become a gigabyte of lists, and of two values one is forgotten.
  const slip = textProblem(text);
  if (slip !== undefined) throw new InputError(`${name}: ${slip}.`);
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new InputError(`${name}: not JSON: ${error instanceof Error ? error.message : error}.`);
  }
  const problem = structureProblem(value);
  if (problem !== undefined) throw new InputError(`${name}: ${problem}.`);
  return value;
}

/** What is wrong with JSON text and cannot be seen from what it stands for. Text that is not JSON is for the parser. */
function textProblem(text: string): string | undefined {
  /** The keys so far of each object that is open; of a list, none. */
  const open: (Set<string> | undefined)[] = [];
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === "{" || c === "[") {
      if (open.push(c === "{" ? new Set() : undefined) > deepest)
        return `objects and lists are nested more than ${deepest} levels deep`;
    } else if (c === "}" || c === "]") open.pop();
    else if (c === '"') {
      const start = i++;
      while (i < text.length && text[i] !== '"') i += text[i] === "\\" ? 2 : 1;
      const keys = open.at(-1);
      let next = i + 1;
      while (" \t\n\r".includes(text[next] ?? "-")) next++;
      if (keys === undefined || text[next] !== ":") continue; // no key
      const quoted = text.slice(start, i + 1);
      const key = quoted.includes("\\") ? unescaped(quoted) : quoted;
      if (keys.has(key)) return `an object has the key ${quoted.slice(0, 200)} twice; expected once`;
      keys.add(key);
    }
  }
  return undefined;
}

/** A key as it is written without need of escapes. */
function unescaped(quoted: string): string {
  try {
    return JSON.stringify(JSON.parse(quoted));
  } catch {
    return quoted; // not JSON
  }
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
