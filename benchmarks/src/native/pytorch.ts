/** PyTorch on this machine's processor, in a separate process, if `python3 -c "import torch"` works. */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Tensor } from "../policy-loss/problem.ts";
import type { Turn } from "../support/measure.ts";

export interface PyTorch {
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

/** The reason why PyTorch cannot be used; undefined if it can. */
export function whyNoPyTorch(): string | undefined {
  const { error, status, stderr } = spawnSync(python, ["-c", "import torch"], { encoding: "utf8" });
  if (error !== undefined) return `no ${python}`;
  return status === 0 ? undefined : stderr.trim().split("\n").at(-1);
}

export async function openPyTorch(allocator: Allocator): Promise<PyTorch> {
  const program = fileURLToPath(new URL("pytorch.py", import.meta.url));
  const env = { ...process.env, ...(allocator === "kept" && kept) };
  const child = spawn(python, [program], { env, stdio: ["pipe", "pipe", "inherit"] });
  const answers = answersOf(child);
  const ask = async <T>(request: object): Promise<T> => {
    child.stdin.write(`${JSON.stringify(request)}\n`);
    return (await answers()) as T;
  };
  const { version } = (await answers()) as { version: string };
  return {
    version,
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
