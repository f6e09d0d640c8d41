// A run that is killed at random moments, and resumed each time, ends with the bytes of one that never was.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { key, uniform } from "@sgmrl/autodiff/random";
import { build } from "esbuild";
import { beforeAll, expect, it } from "vitest";
import { train } from "../../src/training/train.ts";
import { emptyFolder, filesOf, quadraticUnits, smallConfig } from "../support/runs.ts";

const iterations = 100;
// Seconds on an idle machine; processes start slowly on a busy one.
const timeout = 180_000;
const script = `${emptyFolder()}/train-child.mjs`;

// One file starts several times faster than the hundred modules it is made of.
beforeAll(async () => {
  await build({
    entryPoints: [fileURLToPath(new URL("../support/train-child.ts", import.meta.url))],
    outfile: script,
    bundle: true,
    platform: "node",
    format: "esm",
    conditions: ["sgmrl-source"],
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
    logLevel: "error",
  });
});

function start(directory: string): ChildProcess {
  const args = [script, directory, String(iterations)];
  return spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
}

/** Runs the child until it ends or, after it is ready, `milliseconds` have passed; whether it was killed. */
async function runAndKill(directory: string, milliseconds: number): Promise<boolean> {
  const child = start(directory);
  const ended = once(child, "exit");
  await once(child.stdout!, "data");
  await Promise.race([ended, setTimeout(milliseconds)]);
  child.kill("SIGKILL");
  const [code, signal] = await ended;
  if (signal === null) expect(code).toBe(0);
  return signal === "SIGKILL";
}

it(
  "leaves no trace of 24 SIGKILLs",
  async () => {
    const undisturbed = await train(smallConfig({ iterations }), `${emptyFolder()}/run`, {
      workers: 2,
      units: quadraticUnits,
    });
    const expected = filesOf(undisturbed.files.root);
    const moments = uniform(key(7), 1000).map((u) => 200 * u);

    // Two chains of kills at a time, one per core.
    const chain = async (first: number): Promise<number> => {
      let kills = 0;
      let moment = first;
      while (kills < 12) {
        const directory = `${emptyFolder()}/run`;
        let finished = false;
        while (!finished) {
          const killed = await runAndKill(directory, kills < 12 ? moments[moment++]! : 60_000);
          finished = !killed;
          if (killed) kills++;
        }
        expect(filesOf(directory)).toEqual(expected);
      }
      return kills;
    };
    const kills = await Promise.all([chain(0), chain(500)]);
    expect(kills[0]! + kills[1]!).toBeGreaterThanOrEqual(20);
  },
  timeout,
);

it(
  "says what is safe when the system refuses to let a file grow",
  async () => {
    const directory = `${emptyFolder()}/run`;
    // 8 blocks of 512 or 1024 bytes, for every file that the process writes
    const command = `ulimit -f 8; exec "$0" "$@"`;
    const { stderr, status } = spawnSync(
      "bash",
      ["-c", command, process.execPath, script, directory, String(iterations)],
      { encoding: "utf8" },
    );
    expect(status).toBe(1);
    expect(stderr).toMatch(/the file would exceed the size limit.*EFBIG/);
    expect(stderr).toMatch(/The checkpoint of iteration \d+ is intact; go on from it with: .*sgmrl resume/);

    expect(await runAndKill(directory, 60_000)).toBe(false);
    const undisturbed = await train(smallConfig({ iterations }), `${emptyFolder()}/run`, {
      workers: 0,
      units: quadraticUnits,
    });
    expect(filesOf(directory)).toEqual(filesOf(undisturbed.files.root));
  },
  timeout,
);
