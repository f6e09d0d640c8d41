/**
 * PyTorch on this machine's processor, in a separate process, if `python3 -c "import torch"` works and its products are
 * computed by a tuned library.
 */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { basename } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Tensor } from "../policy-loss/problem.ts";
import type { Turn } from "../support/measure.ts";

export interface PyTorch {
  /** The version and the library of its products: "1.13.0a0 (libopenblasp-r0.3.21.so)". */
  readonly version: string;
  /** Prepares a task, and returns its results. */
  prepare(task: string, tensors: readonly Tensor[]): Promise<readonly Float32Array[]>;
  /** Runs the prepared task for that many milliseconds. */
  turn(milliseconds: number): Promise<Turn>;
  close(): void;
}

/**
 * How the C library manages memory: by default ("as it comes") it returns large blocks to the system at once, and the
 * next call fetches them again, page by page; with "kept" it keeps them.
 */
export type Allocator = "as it comes" | "kept";

const kept = {
  MALLOC_MMAP_THRESHOLD_: "4294967296",
  MALLOC_TRIM_THRESHOLD_: "4294967296",
  MALLOC_TOP_PAD_: "67108864",
};

const python = process.env.PYTHON ?? "python3";
const program = fileURLToPath(new URL("pytorch.py", import.meta.url));

/** What pytorch.py says first: the version, and the files of the linear algebra it has loaded. */
interface Greeting {
  readonly version: string;
  readonly blas: readonly string[];
}

/** The reason why PyTorch cannot be used; undefined if it can. */
export function whyNoPyTorch(): string | undefined {
  const { error, status, stdout, stderr } = spawnSync(python, [program], { encoding: "utf8", input: "" });
  if (error !== undefined) return `no ${python}`;
  if (status !== 0) return stderr.trim().split("\n").at(-1);
  return whyUntuned((JSON.parse(stdout) as Greeting).blas);
}

/** PyTorch with the reference BLAS, Debian's default, is several times slower than its maintainers would have it. */
export function whyUntuned(blas: readonly string[]): string | undefined {
  const reference = blas.find((file) => file.includes("/blas/libblas.so"));
  if (reference === undefined) return undefined;
  return `its products are those of the reference BLAS, ${reference}; install a tuned one (Debian: libopenblas0-pthread)`;
}

/** The file that computes the products, of those loaded; undefined where the system does not tell. */
export function blasOf(blas: readonly string[]): string | undefined {
  return blas.map((file) => basename(file)).find((file) => /openblas|blis|mkl/.test(file));
}

export async function openPyTorch(allocator: Allocator): Promise<PyTorch> {
  const env = { ...process.env, ...(allocator === "kept" && kept) };
  const child = spawn(python, [program], { env, stdio: ["pipe", "pipe", "inherit"] });
  const answers = answersOf(child);
  const ask = async <T>(request: object): Promise<T> => {
    child.stdin.write(`${JSON.stringify(request)}\n`);
    return (await answers()) as T;
  };
  const { version, blas } = (await answers()) as Greeting;
  const library = blasOf(blas);
  return {
    version: library === undefined ? version : `${version} (${library})`,
    prepare: async (task, tensors) => {
      const given = tensors.map(({ shape, values }) => ({ shape, values: toBase64(values) }));
      return (await ask<string[]>({ task, tensors: given })).map(fromBase64);
    },
    turn: (milliseconds) => ask<Turn>({ turn: milliseconds }),
    close: () => child.stdin.end(),
  };
}

/** The next line that the process writes, as JSON. */
function answersOf({ stdout }: ChildProcess): () => Promise<unknown> {
  const lines = createInterface({ input: stdout! })[Symbol.asyncIterator]();
  return async () => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error("PyTorch's process ended; its output is above");
    return JSON.parse(value);
  };
}

const toBase64 = (values: Float64Array): string =>
  Buffer.from(Float32Array.from(values).buffer).toString("base64");

const fromBase64 = (text: string): Float32Array => {
  const bytes = Uint8Array.from(Buffer.from(text, "base64"));
  return new Float32Array(bytes.buffer);
};
