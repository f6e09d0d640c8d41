/** Reads files that somebody else may have written: of bounded size, and with errors that name the file. */
import { createHash, type Hash } from "node:crypto";
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { fileProblem, InputError } from "../errors.ts";

const MiB = 2 ** 20;

/** Maximum size of a file of each kind, in bytes. */
export const limits: Readonly<Record<"settings" | "problem" | "journal" | "arrays", number>> = {
  settings: MiB,
  problem: 16 * MiB,
  journal: 500 * MiB, // V8's strings hold at most 512 Mi characters
  arrays: 2047 * MiB,
};

/** Maximum depth of nested objects and lists in JSON. */
const deepest = 100;

/**
 * The content of a regular file of at most `limit` bytes. Pipes, devices and directories are refused at once.
 * Errors call it `name`, by default its path.
 */
export function readFile(path: string, limit: number, name: string = path): Buffer {
  return withRegularFile(path, name, (file, size) => {
    if (size > limit)
      throw new InputError(
        `${name}: it has ${size} bytes; expected at most ${limit}, so it may be the wrong file.`,
      );
    const bytes = Buffer.alloc(size);
    return bytes.subarray(0, fill(bytes, file, 0));
  });
}

/** SHA-256 of the first bytes of a regular file of any size, or of all if it is shorter, and how many they are. */
export function hashBeginning(
  path: string,
  bytes: number,
  name: string = path,
): { readonly hash: Hash; readonly length: number } {
  const hash = createHash("sha256");
  return withRegularFile(path, name, (file) => {
    const piece = Buffer.alloc(Math.min(bytes, MiB));
    let length = 0;
    for (let read = 1; read > 0 && length < bytes; length += read) {
      read = fill(piece.subarray(0, bytes - length), file, length);
      hash.update(piece.subarray(0, read));
    }
    return { hash, length };
  });
}

/** Fills the bytes with those of a file from a position on, as far as it goes. Returns how many they are. */
function fill(bytes: Buffer, file: number, position: number): number {
  let length = 0;
  for (let read = 1; read > 0 && length < bytes.length; length += read)
    read = readSync(file, bytes, length, bytes.length - length, position + length);
  return length;
}

function withRegularFile<T>(path: string, name: string, work: (file: number, size: number) => T): T {
  const refuse = (problem: string): never => {
    throw new InputError(`${name}: ${problem}.`);
  };
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)); // a pipe without a writer would block
  } catch (error) {
    return refuse(fileProblem(error));
  }
  try {
    const status = fstatSync(file);
    return status.isFile() ? work(file, status.size) : refuse("not a regular file");
  } catch (error) {
    if (error instanceof InputError) throw error;
    return refuse(fileProblem(error));
  } finally {
    closeSync(file);
  }
}

/** The content as text; anything but UTF-8 is refused. */
export function readText(path: string, limit: number, name: string = path): string {
  const bytes = readFile(path, limit, name);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes); // drops a byte order mark
  } catch {
    throw new InputError(`${name}: not a text file in UTF-8.`);
  }
}

/** The value of a JSON text. Errors call it `name`. */
export function parseJson(text: string, name: string): unknown {
  return parseJsonOr(text, (problem) => {
    throw new InputError(`${name}: ${problem}.`);
  });
}

/** The value of a JSON text, or what `refuse` makes of what is wrong with it. */
export function parseJsonOr(text: string, refuse: (problem: string) => never): unknown {
  let value: unknown;
  // Checked before parsing: eight million brackets would become a gigabyte of lists, and of two equal keys one is lost.
  const slip = textProblem(text);
  if (slip !== undefined) return refuse(slip);
  try {
    value = JSON.parse(text);
  } catch (error) {
    return refuse(`not JSON: ${error instanceof Error ? error.message : error}`);
  }
  const problem = structureProblem(value);
  return problem === undefined ? value : refuse(problem);
}

/** Problems of JSON text that its value does not show: depth, repeated keys. Invalid JSON is left to the parser. */
function textProblem(text: string): string | undefined {
  /** The keys seen so far in each open object; undefined for a list. */
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
      if (keys === undefined || text[next] !== ":") continue; // a value, not a key
      const quoted = text.slice(start, i + 1);
      const key = quoted.includes("\\") ? unescaped(quoted) : quoted;
      if (keys.has(key)) return `an object has the key ${quoted.slice(0, 200)} twice; expected once`;
      keys.add(key);
    }
  }
  return undefined;
}

/** A key with its escapes normalised, so that equal keys have equal text. */
function unescaped(quoted: string): string {
  try {
    return JSON.stringify(JSON.parse(quoted));
  } catch {
    return quoted; // not JSON
  }
}

/** Refuses "__proto__" as a key: no file of ours has it, and readers then need not guard against it. */
function structureProblem(value: unknown): string | undefined {
  const waiting = [value];
  for (let item = waiting.pop(); item !== undefined; item = waiting.pop()) {
    if (typeof item !== "object" || item === null) continue;
    if (Object.hasOwn(item, "__proto__")) return 'an object has the key "__proto__", which is refused';
    for (const member of Object.values(item)) if (typeof member === "object") waiting.push(member);
  }
  return undefined;
}

/** The content of a JSON file named on the command line; `what` is the flag, such as "--spec". */
export function readJson(path: string, what: string, limit: number = limits.settings): unknown {
  const name = `${what} ${path}`;
  return parseJson(readText(path, limit, name), name);
}
