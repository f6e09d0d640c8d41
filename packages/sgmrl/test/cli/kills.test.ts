/**
 * Sweeps, reports, comparisons and resumed runs that are killed at random moments: begun again, each leaves the bytes of one
 * that nobody disturbed.
 *
 *   FUZZ=100 pnpm test packages/sgmrl/test/cli/kills.test.ts    100 kills of each, at fresh moments; SEED=7 for given ones
 */
import { cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fold, key, uniform } from "@sgmrl/autodiff/random";
import { beforeAll, expect, it } from "vitest";
import { fuzzSettings, runs } from "../../../../vitest.fuzz.ts";
import { bundled, runScript } from "../support/processes.ts";
import { bytesOf, emptyFolder } from "../support/runs.ts";

const seed = fuzzSettings().seed ?? Math.floor(Date.now() % 1e9);
let script: string;

/** [what, its number, what the folder holds before] */
const commands: readonly (readonly [string, number, (root: string) => Promise<void>])[] = [
  ["sweep", 20, async () => {}],
  ["report", 0, (root) => done("run", root, 30)],
  [
    "compare",
    0,
    async (root) => {
      await done("run", join(root, "a"), 20);
      cpSync(join(root, "a"), join(root, "b"), { recursive: true });
      await done("longer", join(root, "b"), 30);
    },
  ],
  ["longer", 90, (root) => done("run", root, 60)],
  ["from", 5, (root) => done("run", root, 60)],
];

async function done(what: string, root: string, number: number): Promise<void> {
  const { code, stderr } = await runScript(script, [what, root, String(number)]);
  expect(code, stderr).toBe(0);
}

beforeAll(async () => {
  script = await bundled("command-child");
}, 120_000);

it.each(commands)(
  "%s",
  async (what, number, prepare) => {
    const start = join(emptyFolder(), "start");
    mkdirSync(start);
    await prepare(start);
    const copy = (): string => {
      const root = join(emptyFolder(), "copy");
      cpSync(start, root, { recursive: true, preserveTimestamps: true });
      return root;
    };
    const undisturbed = copy();
    const began = performance.now();
    await done(what, undisturbed, number);
    const length = performance.now() - began;
    const expected = bytesOf(undisturbed, what);

    const wanted = runs(3);
    const moments = uniform(fold(key(seed), what.length), 4 * wanted).map((u) => u * length);
    let kills = 0;
    let starts = 0;
    for (let moment = 0; kills < wanted && moment < moments.length; ) {
      const root = copy();
      for (let alive = true; alive; starts++) {
        const after = kills < wanted ? moments[moment++] : undefined;
        const { code, stderr } = await runScript(script, [what, root, String(number)], after);
        if (code !== null) expect(code, `${stderr}; seed ${seed}`).toBe(0);
        else kills++;
        alive = code === null;
      }
      // Whoever comes next clears away what the killed had not finished.
      expect(bytesOf(root, what), `seed ${seed}`).toEqual(expected);
    }
    console.log(
      `${what}: ${kills} kills in ${starts} starts within ${length.toFixed(0)} ms, seed ${seed}; other bytes 0`,
    );
    expect(kills).toBeGreaterThanOrEqual(Math.floor(wanted / 2)); // a moment may come when all is done
  },
  60_000 * runs(3),
);
