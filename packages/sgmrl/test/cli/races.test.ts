/**
 * Two processes that begin at once in one directory. Each is done or is told that the other was there first; whoever runs
 * the last command again finds the bytes of a run that had the directory to itself.
 *
 *   FUZZ=100 pnpm test packages/sgmrl/test/cli/races.test.ts    100 races of each pair
 *
 * The lock by itself races in run-lock.test.ts.
 */
import { cpSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { runs } from "../../../../vitest.fuzz.ts";
import { train } from "../../src/training/train.ts";
import { bundled, runScript } from "../support/processes.ts";
import { emptyFolder, filesOf, quadraticUnits, toyConfig } from "../support/runs.ts";

let script: string;
beforeAll(async () => {
  script = await bundled("command-child");
}, 120_000);

const iterations = 60;
const nothing = async (): Promise<void> => {};
/** A run that stopped half-way. */
async function halfway(root: string): Promise<void> {
  const controller = new AbortController();
  await train(toyConfig({ iterations }), root, {
    workers: 0,
    units: quadraticUnits,
    observer: { iteration: ({ iteration }) => iteration === 30 && controller.abort() },
    signal: controller.signal,
  });
}

/** What one of two is told that may not write. */
const refusal = /process \d+ is writing this run|already holds a run/;

/** [one, the other, what both begin with, what is run afterwards] */
const pairs: readonly (readonly [string, string, (root: string) => Promise<void>, string])[] = [
  ["train", "train", nothing, "run"],
  ["resume", "resume", halfway, "run"],
  ["train", "resume", nothing, "run"],
  ["sweep", "sweep", nothing, "sweep"],
  ["resume", "report", halfway, "report"],
];

it.each(pairs)(
  "%s and %s",
  async (one, other, prepare, last) => {
    const start = join(emptyFolder(), "start");
    mkdirSync(start);
    await prepare(start);
    const copy = (): string => {
      const root = join(emptyFolder(), "copy");
      cpSync(start, root, { recursive: true });
      return root;
    };
    const run = (what: string, root: string) =>
      runScript(script, [what, root, String(what === "sweep" ? 20 : iterations)]);
    const bytesOf = (root: string): Record<string, string> => {
      const files = filesOf(root);
      delete files["report.html"]; // it tells seconds
      return files;
    };
    const whole = copy();
    for (const what of [one, last]) expect(await run(what, whole)).toMatchObject({ code: 0 });
    const expected = bytesOf(whole);

    const counts = { "both done": 0, "one refused": 0, "both refused": 0 };
    const races = runs(3);
    for (let i = 0; i < races; i++) {
      const root = copy();
      const ends = await Promise.all([run(one, root), run(other, root)]);
      for (const { code, stderr } of ends)
        if (code !== 0)
          expect(stderr).toMatch(
            other === "resume" ? /writing this run|already holds|not the directory of a run/ : refusal,
          );
      const refused = ends.filter(({ code }) => code !== 0).length;
      counts[refused === 0 ? "both done" : refused === 1 ? "one refused" : "both refused"]++;
      const settled = await run(last, root);
      expect(settled.code, settled.stderr).toBe(0);
      expect(bytesOf(root)).toEqual(expected);
      expect(readdirSync(root).filter((name) => name.startsWith("run.lock"))).toEqual([]);
    }
    console.log(`${races} races of ${one} and ${other}: ${JSON.stringify(counts)}; other bytes 0`);
  },
  40_000 * runs(3),
);
