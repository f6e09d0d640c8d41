// A run that is killed at random moments, and resumed each time, ends with the bytes of one that never was.
import { spawnSync } from "node:child_process";
import { key, uniform } from "@sgmrl/autodiff/random";
import { beforeAll, expect, it } from "vitest";
import { train } from "../../src/training/train.ts";
import { bundled, runScript } from "../support/processes.ts";
import { emptyFolder, filesOf, quadraticUnits, toyConfig } from "../support/runs.ts";

const iterations = 100;
// Seconds on an idle machine; processes start slowly on a busy one.
const timeout = 180_000;
let script: string;
beforeAll(async () => {
  script = await bundled("command-child");
}, 120_000);

/** Runs the child until it ends or, after it is ready, `milliseconds` have passed; whether it was killed. */
async function runAndKill(directory: string, milliseconds: number): Promise<boolean> {
  const { code, stderr } = await runScript(script, ["run", directory, String(iterations)], milliseconds);
  if (code !== null) expect(code, stderr).toBe(0);
  return code === null;
}

it(
  "leaves no trace of 24 SIGKILLs",
  async () => {
    const undisturbed = await train(toyConfig({ iterations }), `${emptyFolder()}/run`, {
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
      ["-c", command, process.execPath, script, "run", directory, String(iterations)],
      { encoding: "utf8" },
    );
    expect(status).toBe(1);
    expect(stderr).toMatch(/the file would exceed the size limit.*EFBIG/);
    expect(stderr).toMatch(
      /The checkpoint of iteration \d+ is intact; continue from it with: .*sgmrl resume/,
    );

    expect(await runAndKill(directory, 60_000)).toBe(false);
    const undisturbed = await train(toyConfig({ iterations }), `${emptyFolder()}/run`, {
      workers: 0,
      units: quadraticUnits,
    });
    expect(filesOf(directory)).toEqual(filesOf(undisturbed.files.root));
  },
  timeout,
);
