/** Short runs whose results, hashed, must be the same under every version of Node. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { globSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

/** Settings that between them take each kind of arithmetic that a run has. The first is the quickest. */
export const shortRuns: Readonly<Record<string, string>> = {
  needle: "--preset needle --iterations 4 --final-tasks 20",
  navigation: "--iterations 3 --tasks 4 --evaluate-tasks 4 --final-tasks 6",
  "sgmrl in float64": "--estimator sgmrl --precision float64 --iterations 3 --tasks 4 --final-tasks 6",
  "a lattice, and a coefficient chosen while training":
    "--estimator jackknife-linear --score-coefficient auto --task-sampling lattice --iterations 4 --tasks 8 --final-tasks 6",
  reparameterised: "--estimator reparameterised --iterations 3 --tasks 4 --final-tasks 6",
  "half-cheetah": "--preset half-cheetah-short --iterations 2 --tasks 2 --evaluate-tasks 2 --final-tasks 2",
  ant: "--env ant-direction --horizon 40 --iterations 2 --tasks 2 --evaluate-tasks 2 --final-tasks 2",
};

export interface Hashes {
  /** Of the arrays of the last checkpoint: θ and the optimizer's moments. */
  readonly theta: string;
  /** Of every file of the run, timings apart. */
  readonly files: string;
}

/** Trains with the command line that `main` is, under the Node that `node` is. */
export function trainUnder(node: string, main: string, flags: string): Hashes {
  const folder = mkdtempSync(join(tmpdir(), "sgmrl-bits-"));
  try {
    const root = join(folder, "run");
    const args = [main, "train", ...flags.split(" "), ..."--workers 0 --no-report --out".split(" "), root];
    const { status, stderr } = spawnSync(node, args, { encoding: "utf8" });
    if (status !== 0) throw new Error(`${node} ${args.join(" ")} failed:\n${stderr}`);
    const names = globSync("**/*", { cwd: root })
      .filter((name) => statSync(join(root, name)).isFile() && basename(name) !== "timings.jsonl")
      .sort();
    const hash = createHash("sha256");
    for (const name of names) hash.update(`${name}\0`).update(readFileSync(join(root, name)));
    const last = names.filter((name) => /\d\.safetensors$/.test(name)).at(-1);
    if (last === undefined) throw new Error(`${root}: the run has no checkpoint`);
    return { theta: sha256(readFileSync(join(root, last))), files: hash.digest("hex") };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
