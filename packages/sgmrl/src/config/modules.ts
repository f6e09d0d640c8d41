/**
 * Custom parts as modules: `--env ./my-env.ts`, `--policy`, `--estimator`. A module's default export is the
 * part. The config stores a hash of the module and of every file it imports or requires by a relative path, so that a
 * run continues only with the code it began with, in every thread and on every machine.
 */
import { createHash } from "node:crypto";
import { realpathSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, relative, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { InputError } from "../errors.ts";
import { limits, readFile } from "../files/read-file.ts";
import { sha256 as sha256Of } from "../files/sha256.ts";
import { addPart, asObject, hasPart } from "../meta-gradient/parts.ts";
import type { Experiment } from "../settings.ts";

/**
 * The location of each module of an experiment, by name; by default the name is a path from the current
 * folder.
 */
export type ModulePaths = Readonly<Record<string, string>>;

/** Whether a name is the path of a module, not a registered name. */
export function isModule(name: string): boolean {
  return /^\.{0,2}\//.test(name) || /\.[cm]?[jt]s$/.test(name);
}

/** The files of a module, itself first: their content, by path. */
type Sources = ReadonlyMap<string, Buffer>;

/** The hash of each file as this thread has loaded it. Node loads a file once and ignores later changes. */
const loaded = new Map<string, string>();

/**
 * Loads the modules of an experiment, once per thread; refuses one whose hash differs from that in the config, or a file
 * of which this thread has loaded another version.
 */
export async function loadModules(
  { modules = {} }: Pick<Experiment, "modules">,
  paths: ModulePaths = {},
): Promise<void> {
  for (const [name, sha256] of Object.entries(modules)) {
    if (sha256 === asObject || hasPart(name, sha256)) continue;
    const path = resolve(paths[name] ?? name);
    const sources = sourcesOf(path);
    const found = hashOf(path, sources);
    if (found !== sha256)
      throw new InputError(
        `${name}: not the module that the run began with: its hash is ${found.slice(0, 12)}…, ` +
          `that in config.json ${sha256.slice(0, 12)}…. Restore ${path}, or start a new run.`,
      );
    requireUnchanged(name, sources);
    addPart(name, sha256, await importPart(name, path, sha256));
  }
}

function requireUnchanged(name: string, sources: Sources): void {
  const hashes = [...sources].map(([file, text]) => [file, sha256Of(text)] as const);
  const changed = hashes.find(([file, hash]) => (loaded.get(file) ?? hash) !== hash);
  if (changed !== undefined)
    throw new InputError(
      `${name}: ${changed[0]} has changed since this process loaded it, and Node loads a file only once. Start a new process.`,
    );
  for (const [file, hash] of hashes) loaded.set(file, hash);
}

/** SHA-256 of a module and of the files it imports or requires by relative paths, directly or indirectly. */
export function hashModule(path: string): string {
  return hashOf(path, sourcesOf(path));
}

function hashOf(path: string, sources: Sources): string {
  const folder = dirname(path);
  const hash = createHash("sha256");
  const named = [...sources].map(
    ([file, text]) => [relative(folder, file).replaceAll("\\", "/"), text] as const,
  );
  // The module's own name is not hashed: on another machine it may be elsewhere.
  const [[, own], ...imported] = named as [(typeof named)[number], ...typeof named];
  hash.update(own);
  for (const [name, text] of imported.sort(([a], [b]) => (a < b ? -1 : 1)))
    hash.update(`\0${name}\0${text.length}\0`).update(text);
  return hash.digest("hex");
}

function sourcesOf(path: string): Sources {
  const files = new Map<string, Buffer>();
  const visit = (file: string, importer?: string): void => {
    if (files.has(file)) return;
    const by = importer === undefined ? "" : ` (imported by ${importer})`;
    const text = readFile(file, limits.problem, `${file}${by}`);
    files.set(file, text);
    for (const found of importsOf(file, text.toString())) visit(found, file);
  };
  visit(path);
  return files;
}

/**
 * The files named by relative paths after `from`, `import` and `require`. A path that leads to none is left out: it
 * stands in a comment, or Node will refuse it when it loads the module.
 */
function importsOf(file: string, text: string): string[] {
  const named = text.matchAll(/\b(from|import|require)\s*\(?\s*(["'`])(\.{1,2}(?:\/[^"'`\n]*)?)\2/g);
  return [...named].flatMap(([, keyword, , path]) => {
    try {
      const found = keyword === "require" ? required(file, path!) : imported(file, path!);
      return statSync(found).isDirectory() ? [] : [found];
    } catch {
      return [];
    }
  });
}

/** What Node finds for `import`: the path is a URL. */
function imported(file: string, path: string): string {
  return fileURLToPath(new URL(path, pathToFileURL(file)));
}

/** What Node finds for `require`, which completes endings and folders, and follows links. */
function required(file: string, path: string): string {
  const folder = dirname(file);
  return resolve(folder, relative(realpathSync(folder), createRequire(file).resolve(path)));
}

async function importPart(name: string, path: string, sha256: string): Promise<unknown> {
  let exported: { readonly default?: unknown };
  try {
    // The query tells the user's code in the stack of an error (place-in-module.ts).
    exported = await inTime(import(`${pathToFileURL(path).href}?sha256=${sha256.slice(0, 16)}`));
  } catch (error) {
    const { message, code } = error as Error & { readonly code?: string };
    if (code === "ERR_UNKNOWN_FILE_EXTENSION")
      throw new InputError(
        `${name}: Node ${process.versions.node} cannot run TypeScript. Use Node 22.18 or newer, or compile the module to JavaScript.`,
      );
    throw new InputError(`${name}: cannot be loaded: ${message}`);
  }
  if (exported.default !== undefined) return exported.default;
  throw new InputError(
    `${name}: no default export. Export the environment, policy or estimator: export default …`,
  );
}

/** Seconds that a module may take to load. */
const patience = 60;

/** Fails if a module's top-level await never settles; Node itself would wait silently, or exit. */
async function inTime<T>(loading: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`not loaded after ${patience} s; it awaits what does not come`));
    }, 1000 * patience);
  });
  try {
    return await Promise.race([loading, late]);
  } finally {
    clearTimeout(timer);
  }
}
