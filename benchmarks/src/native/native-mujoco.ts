/** The MuJoCo library of this machine, where it and a C compiler are installed. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export interface NativeTiming {
  readonly version: string;
  /** Milliseconds of processor time of each round. */
  readonly rounds: readonly number[];
  /** Coordinates at the end of each episode, one after the other. */
  readonly qpos: Float64Array;
}

/** Runs episodes (see mujoco-steps.c) so many times. */
export type NativeRun = (modelFile: string, episodes: Uint8Array, rounds: number) => NativeTiming;

/**
 * Compiles mujoco-steps.c against `-lmujoco`; what is found where the compiler does not look is named by CPATH and
 * LIBRARY_PATH, and by LD_LIBRARY_PATH when it runs. Where that fails, why.
 */
export function nativeMujoco(): NativeRun | { readonly absent: string } {
  const program = join(mkdtempSync(join(tmpdir(), "mujoco-steps-")), "mujoco-steps");
  const source = fileURLToPath(new URL("mujoco-steps.c", import.meta.url));
  const compiler = process.env.CC ?? "cc";
  const { error, status, stderr } = spawnSync(compiler, ["-O2", source, "-o", program, "-lmujoco"], {
    encoding: "utf8",
  });
  if (error !== undefined) return { absent: `no C compiler (${compiler})` };
  if (status !== 0) {
    const line = stderr.split("\n").find((one) => /mujoco/.test(one) && /No such file|cannot find/.test(one));
    return { absent: line?.trim() ?? stderr.trim() };
  }
  return (modelFile, episodes, rounds) => {
    const output = execFileSync(program, [modelFile, String(rounds)], {
      input: episodes,
      encoding: "utf8",
      maxBuffer: 1 << 26,
    });
    const [version, times, qpos] = output.split("\n") as [string, string, string];
    const numbers = (line: string) => line.trim().split(" ").map(Number);
    return { version, rounds: numbers(times), qpos: Float64Array.from(numbers(qpos)) };
  };
}
